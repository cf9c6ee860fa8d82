"""Files of posts for the browser: what a form keeps of them, and what a page shows."""

from __future__ import annotations

from typing import TypedDict
from uuid import UUID

from myapp.blog import COVER_WIDTHS, FileCard, FileKind
from myapp.kit import routes
from myapp.kit.storage import variant


class FileItem(TypedDict):
    """A file as a form lists it. `url` shows a cover small, or gives an attachment out."""

    id: str
    filename: str
    size: int
    url: str


class CoverRow(TypedDict):
    """A cover as pages show it: `cover_src_set` names its widths, width and height keep its place."""

    cover_src: str
    cover_src_set: str
    cover_width: int
    cover_height: int
    cover_alt: str


NO_COVER = CoverRow(cover_src="", cover_src_set="", cover_width=0, cover_height=0, cover_alt="")


def file_item(card: FileCard, org_id: UUID | None) -> FileItem:
    """The card for a form."""
    key = variant(card.key, COVER_WIDTHS[-1]) if card.kind == FileKind.COVER else card.key
    return FileItem(id=str(card.id), filename=card.filename, size=card.size, url=routes.file(org_id, key))


def cover_row(card: FileCard | None, org_id: UUID) -> CoverRow:
    """The card for a page; the smallest width is what browsers take that know no better."""
    if card is None or not card.width or not card.height:
        return NO_COVER
    widths = [min(width, card.width) for width in COVER_WIDTHS]
    addresses = [routes.file(org_id, variant(card.key, width)) for width in COVER_WIDTHS]
    sources = dict(zip(widths, addresses, strict=True))
    return CoverRow(
        cover_src=addresses[-1],
        cover_src_set=", ".join(f"{address} {width}w" for width, address in sources.items()),
        cover_width=card.width,
        cover_height=card.height,
        cover_alt=card.alt,
    )

"""A file comes in. It belongs to its sender until a post is saved with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import IO, ClassVar

import sqlalchemy as sa
from sqlmodel import col

from myapp.blog import policy
from myapp.blog.cards import COVER_WIDTHS, FileCard
from myapp.blog.files.reading import stored_names
from myapp.blog.schemas import Attachment, FileKind
from myapp.kit import images, repo, storage
from myapp.kit.errors import NotFound
from myapp.kit.file_types import PICTURES, download_name, judge
from myapp.kit.i18n import gettext_noop
from myapp.kit.images import Picture
from myapp.kit.repo import reading, transaction
from myapp.kit.scope import Scope
from myapp.kit.selects import fetch, pick
from myapp.kit.uploads import MB, FileRefused, Unacceptable, pieces, received, spend_upload, whole

MAX_FILE = 20 * MB
MAX_UNCLAIMED = 100
"""Files a person may have sent without saving a post with them; what is forgotten goes after a day."""


class TooManyFiles(FileRefused):
    """One has to save what one has sent before sending more."""

    status: ClassVar[int] = 429
    message: ClassVar[str] = gettext_noop("is one too many: save the post first")


@dataclass(frozen=True, slots=True)
class _Kept:
    """What the storage has by now, and what it is."""

    key: str
    names: list[str]
    size: int
    width: int | None = None
    height: int | None = None


async def upload_file(scope: Scope, kind: FileKind, filename: str, chunks: AsyncIterable[bytes]) -> FileCard:
    """Take in a cover (a picture) or an attachment (what `file_types` lists), at most 20 MB.

    Keeps nothing if it raises: FileRefused with the words for the field; Forbidden or Unauthenticated for others than
    those who may write.
    """
    policy.authorise(scope, "write")
    if scope.org_id is None or scope.user_id is None:
        raise NotFound
    await _require_room(scope)
    await spend_upload(scope)
    async with received(chunks, limit=MAX_FILE) as file:
        kept = await (_keep_cover(file) if kind is FileKind.COVER else _keep_attachment(file))
    ending = kept.key.rpartition(".")[2]
    row = Attachment(
        org_id=scope.org_id,
        user_id=scope.user_id,
        kind=kind,
        key=kept.key,
        filename=download_name(PurePath(filename).stem if kind is FileKind.COVER else filename, ending),
        content_type=storage.TYPES[ending],
        size=kept.size,
        width=kept.width,
        height=kept.height,
    )
    try:
        async with transaction(scope) as session, repo.advisory_lock(f"files of {scope.user_id}"):
            await _require_room(scope)  # others of theirs may have come meanwhile
            session.add(row)
    except BaseException:
        await storage.current().delete(*kept.names)
        raise
    return FileCard.of(row)


async def _require_room(scope: Scope) -> None:
    """Raise TooManyFiles for who has sent as many without saving a post with them as one may."""
    mine = sa.and_(col(Attachment.user_id) == scope.user_id, col(Attachment.post_id).is_(None))
    async with reading(scope):
        [unclaimed] = await fetch(pick(sa.func.count().label("count")).select_from(Attachment).where(mine))
    if unclaimed["count"] >= MAX_UNCLAIMED:
        raise TooManyFiles


async def _keep_cover(file: IO[bytes]) -> _Kept:
    """In the widths that pages show it in; the measures of the largest are its own."""
    pictures = await images.scaled(file, COVER_WIDTHS)
    key = storage.new_key("covers", pictures[0].ending)
    names = stored_names(FileKind.COVER, key)
    await _put([(name, whole(picture.content)) for name, picture in zip(names, pictures, strict=True)])
    return _Kept(key, names, sum(len(each.content) for each in pictures), pictures[0].width, pictures[0].height)


async def _keep_attachment(file: IO[bytes]) -> _Kept:
    """As it is, if it is no picture; of a picture the pixels."""
    ending = await asyncio.to_thread(judge, file)
    if ending is None:
        raise Unacceptable
    if ending in PICTURES:
        return await _keep_picture(await images.cleaned(file))
    key = storage.new_key("attachments", ending)
    size = await _put([(key, pieces(file))])
    return _Kept(key, [key], size)


async def _keep_picture(picture: Picture) -> _Kept:
    key = storage.new_key("attachments", picture.ending)
    size = await _put([(key, whole(picture.content))])
    return _Kept(key, [key], size, picture.width, picture.height)


async def _put(files: list[tuple[str, AsyncIterator[bytes]]]) -> int:
    """All of them or none; the bytes they have together."""
    try:
        return sum([await storage.current().put(name, content) for name, content in files])
    except BaseException:
        await storage.current().delete(*(name for name, _ in files))
        raise

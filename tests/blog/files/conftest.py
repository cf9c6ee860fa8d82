"""A storage of the test's own, and the threads that read pictures."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from myapp import blog
from myapp.blog import Attachment, FileCard, FileKind, Post
from myapp.kit import images, storage
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope
from myapp.kit.storage import LocalStorage
from tests.factories import SYSTEM
from tests.factories.blog import make_post
from tests.factories.files import PDF, in_pieces, picture


@pytest.fixture(autouse=True)
async def files(tmp_path: Path) -> AsyncGenerator[Path]:
    """Where they lie."""
    folder = tmp_path / "files"
    storage.use(LocalStorage(folder))
    async with images.running(workers=1):
        yield folder
    storage.use(None)


async def send(scope: Scope, content: bytes = PDF, *, kind: FileKind = FileKind.ATTACHMENT, name: str = "a.pdf"):
    return await blog.upload_file(scope, kind, name, in_pieces(content))


async def send_cover(scope: Scope, content: bytes = b"", name: str = "sea.jpg") -> FileCard:
    return await send(scope, content or picture("JPEG", (200, 100)), kind=FileKind.COVER, name=name)


async def with_files(scope: Scope, *cards: FileCard, **attrs: Any) -> Post:
    return await make_post(scope, files=[str(card.id) for card in cards], **attrs)


def lying(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def names_of(*cards: FileCard) -> list[str]:
    covers = [
        storage.variant(card.key, width) for card in cards for width in blog.COVER_WIDTHS if card.kind == FileKind.COVER
    ]
    return sorted([*covers, *(card.key for card in cards if card.kind == FileKind.ATTACHMENT)])


async def rows() -> list[Attachment]:
    async with transaction(SYSTEM) as session:
        return list((await session.exec(select(Attachment))).all())


async def content(scope: Scope, name: str) -> bytes:
    found = await blog.get_file(scope, name)
    return b"".join([chunk async for chunk in found.stored.chunks()])

"""Finding the file behind an address, for who may read its post."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import col

from myapp.blog import queries
from myapp.blog.cards import COVER_WIDTHS
from myapp.blog.schemas import Attachment, FileKind, Post
from myapp.kit import storage
from myapp.kit.errors import NotFound
from myapp.kit.repo import reading
from myapp.kit.scope import Scope
from myapp.kit.selects import Condition, fetch, pick
from myapp.kit.storage import StoredFile


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file that the scope may read: its content, what it is called, and whether a page shows it or offers it."""

    stored: StoredFile
    filename: str
    is_shown: bool


async def get_file(scope: Scope, name: str) -> FoundFile:
    """The file that the storage has under this name, if the scope may read its post or has just sent it itself.

    Raises NotFound for every other.
    """
    key = storage.original(name)
    if key is None:
        raise NotFound
    what = pick(col(Attachment.kind), col(Attachment.filename))
    statement = what.outerjoin(Post, col(Post.id) == col(Attachment.post_id))
    async with reading(scope):
        rows = await fetch(statement.where(col(Attachment.key) == key, _readable(scope)))
    if not rows or name not in stored_names(FileKind(rows[0]["kind"]), key):
        raise NotFound
    return FoundFile(await storage.current().get(name), rows[0]["filename"], rows[0]["kind"] == FileKind.COVER)


def stored_names(kind: FileKind, key: str) -> list[str]:
    """What the storage has of a row: a cover in several widths, the widest first; an attachment as it is."""
    return [storage.variant(key, width) for width in COVER_WIDTHS] if kind == FileKind.COVER else [key]


def all_names(rows: Iterable[Attachment]) -> list[str]:
    """The same of many rows."""
    return [name for row in rows for name in stored_names(FileKind(row.kind), row.key)]


def _readable(scope: Scope) -> Condition:
    mine = sa.and_(
        col(Attachment.post_id).is_(None),
        col(Attachment.user_id) == scope.user_id,
        col(Attachment.org_id) == scope.org_id,
    )
    of_a_post = sa.and_(col(Attachment.post_id).is_not(None), queries.readable(scope))
    return sa.or_(of_a_post, mine) if scope.user_id and scope.org_id else of_a_post

"""Which files a post has once it is saved: those it had that are named again, and those its writer has just sent.

The changeset says it in two fields that are no columns: `files`, ids in their order, covers and attachments alike, and
`cover_alt`, the cover in words. What is not named any more goes, from the storage too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from myapp.blog.files.reading import all_names
from myapp.blog.schemas import Attachment, FileKind, Post
from myapp.kit import audit, storage
from myapp.kit.changeset import Changeset, messages
from myapp.kit.repo import after_commit, current_session
from myapp.kit.scope import Scope


@dataclass(frozen=True, slots=True)
class Files:
    """The rows a post has, and those it is to have."""

    before: Sequence[Attachment]
    after: Sequence[Attachment]


async def with_new_files(scope: Scope, changeset: Changeset[Post]) -> tuple[Changeset[Post], Files | None]:
    """The changeset without what is no change, or with what is wrong; None where nothing is said about files.

    Within the transaction that writes the post: the rows are locked until its end.
    """
    if not {"files", "cover_alt"} & changeset.params.keys():
        return changeset, None
    before = await files_of(changeset.data)
    ids: list[UUID] = list(dict.fromkeys(changeset.get_change("files", [row.id for row in before])))
    after = await _named(scope, changeset.data, ids)
    if ids == [row.id for row in before]:
        changeset = changeset.delete_change("files")
    elif len(after) < len(ids):
        changeset = changeset.add_error("files", messages.MISSING)
    elif len([row for row in after if row.kind == FileKind.COVER]) > 1:
        changeset = changeset.add_error("files", messages.INVALID)
    return _with_alt(changeset, after), Files(before, after)


def _with_alt(changeset: Changeset[Post], rows: Sequence[Attachment]) -> Changeset[Post]:
    """A blank text is one, too: `cast` leaves it out of the changes."""
    if "cover_alt" not in changeset.params or changeset.has_error("cover_alt"):
        return changeset
    alt = changeset.get_change("cover_alt") or ""
    cover = next((row for row in rows if row.kind == FileKind.COVER), None)
    if cover is None or cover.alt == alt:
        return changeset.delete_change("cover_alt")
    return changeset.put_change("cover_alt", alt)


async def files_of(post: Post) -> Sequence[Attachment]:
    """The rows of a post in their order, in the open transaction."""
    found = select(Attachment).where(col(Attachment.post_id) == post.id)
    in_order = found.order_by(col(Attachment.position), col(Attachment.id))
    return (await current_session().exec(in_order)).all()


async def _named(scope: Scope, post: Post, ids: Sequence[UUID]) -> list[Attachment]:
    """The rows of these ids that the post has, or that the person has sent and no post has, in this order."""
    mine = sa.and_(col(Attachment.post_id).is_(None), col(Attachment.user_id) == scope.user_id)
    claimable = sa.or_(col(Attachment.post_id) == post.id, mine)
    here = col(Attachment.org_id) == post.org_id
    found = select(Attachment).where(col(Attachment.id).in_(ids), here, claimable).with_for_update()
    rows = {row.id: row for row in (await current_session().exec(found)).all()}
    return [rows[each] for each in ids if each in rows]


async def write_files(scope: Scope, post: Post, changeset: Changeset[Post], files: Files | None) -> None:
    """Give a written post its files; within the same transaction."""
    if files is None:
        return
    if "files" in changeset.changes:
        await _replace(post, files)
        before, after = ({"files": [row.filename for row in rows]} for rows in (files.before, files.after))
        await audit.record(scope, "blog.post.files_changed", "post", post.id, before=before, after=after)
    if "cover_alt" in changeset.changes:
        of_cover = sa.and_(col(Attachment.post_id) == post.id, col(Attachment.kind) == FileKind.COVER)
        described = sa.update(Attachment).where(of_cover).values(alt=changeset.get_change("cover_alt"))
        await current_session().exec(described, **_UNSEEN)


async def _replace(post: Post, files: Files) -> None:
    """What goes goes first, as there is one cover a post."""
    kept = {row.id for row in files.after}
    gone = [row for row in files.before if row.id not in kept]
    ids = [row.id for row in files.after]
    place = sa.func.array_position(sa.cast(ids, sa.ARRAY(sa.Uuid())), col(Attachment.id)) - 1
    session = current_session()
    await session.exec(sa.delete(Attachment).where(col(Attachment.id).in_([row.id for row in gone])), **_UNSEEN)
    named = sa.update(Attachment).where(col(Attachment.id).in_(ids))
    await session.exec(named.values(post_id=post.id, position=place), **_UNSEEN)
    forget(gone)


def forget(rows: Sequence[Attachment]) -> None:
    """Delete what the storage has of them, once the transaction has committed that deletes them."""
    if names := all_names(rows):
        after_commit(partial(storage.current().delete, *names))


# The rows of the session are not looked at again within the transaction.
_UNSEEN: dict[str, Any] = {"execution_options": {"synchronize_session": False}}

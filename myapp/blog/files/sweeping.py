"""What was sent and never saved with a post, and what the storage has and no row names: gone after a day."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import col, select

from myapp.blog.files.claiming import forget
from myapp.blog.schemas import Attachment
from myapp.kit import storage
from myapp.kit.clock import now
from myapp.kit.errors import Forbidden
from myapp.kit.repo import reading, transaction
from myapp.kit.scope import Scope
from myapp.kit.selects import fetch, pick

KEPT = timedelta(hours=24)
_BATCH = 500


async def sweep_files(scope: Scope, *, kept: timedelta = KEPT) -> int:
    """Delete what nobody can reach any more and is older than `kept`; how many. Only the system does."""
    if not scope.is_system or scope.org_id is not None:
        raise Forbidden
    deleted = 0
    while count := await _forget_unclaimed(scope, kept):
        deleted += count

    async def known(names: list[str]) -> set[str]:
        return await _known(scope, names)

    for folder in ("covers", "attachments"):
        deleted += await storage.delete_unknown(storage.current(), folder, known, grace=kept)
    return deleted


async def _forget_unclaimed(scope: Scope, kept: timedelta) -> int:
    """Some of them. One that somebody saves a post with at this moment is passed over."""
    old = sa.and_(col(Attachment.post_id).is_(None), col(Attachment.inserted_at) < now() - kept)
    async with transaction(scope) as session:
        found = select(Attachment).where(old).limit(_BATCH).with_for_update(skip_locked=True)
        rows = (await session.exec(found)).all()
        await session.exec(sa.delete(Attachment).where(col(Attachment.id).in_([row.id for row in rows])))
        forget(rows)
    return len(rows)


async def _known(scope: Scope, names: list[str]) -> set[str]:
    keys = {name: storage.original(name) for name in names}
    among = col(Attachment.key) == sa.any_(sa.cast([key for key in keys.values() if key], sa.ARRAY(sa.String())))
    async with reading(scope):
        found = {row["key"] for row in await fetch(pick(col(Attachment.key)).where(among))}
    return {name for name, key in keys.items() if key in found}

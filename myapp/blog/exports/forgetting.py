"""Exports whose time is over: their rows, their files, and what a process that died has left half written."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from functools import partial
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from myapp.blog.events import ExportsForgotten, topic_exports
from myapp.blog.exports.cards import UNFINISHED
from myapp.blog.schemas import Export, ExportStatus
from myapp.kit import storage
from myapp.kit.clock import now
from myapp.kit.errors import Forbidden
from myapp.kit.pubsub import broadcast
from myapp.kit.repo import after_commit, current_session, reading, transaction
from myapp.kit.scope import Scope
from myapp.kit.selects import fetch, pick

FOLDER = "exports"
SHOWN = timedelta(days=7)
"""How long one is shown that came to nothing."""


async def sweep_exports(scope: Scope) -> int:
    """Forget those whose time is over, and what the storage has and no row names; how many. Only the system does."""
    if not scope.is_system or scope.org_id is not None:
        raise Forbidden
    is_done, is_unfinished = col(Export.status) == ExportStatus.DONE, col(Export.status).in_(UNFINISHED)
    old = sa.case((is_done, col(Export.expires_at) < now()), else_=col(Export.updated_at) < now() - SHOWN)
    async with transaction(scope):
        gone = await forget(sa.delete(Export).where(sa.not_(is_unfinished), old))

    async def known(names: list[str]) -> set[str]:
        kept = pick(col(Export.key)).where(sa.or_(is_done, is_unfinished), col(Export.key).in_(names))
        async with reading(scope):
            return {row["key"] for row in await fetch(kept)}

    return gone + await storage.delete_unknown(storage.current(), FOLDER, known)


async def forget(deletion: sa.Delete) -> int:
    """Delete rows within the open transaction, and with its commit their files; how many."""
    rows: sa.Result[tuple[UUID, UUID, str | None]] = await current_session().exec(
        deletion.returning(col(Export.org_id), col(Export.id), col(Export.key))
    )
    ids, keys = defaultdict[UUID, list[UUID]](list), list[str]()
    for org_id, export_id, key in rows:
        ids[org_id].append(export_id)
        keys += [key] if key else []
    for org_id, some in ids.items():
        broadcast(topic_exports(org_id), ExportsForgotten(org_id, tuple(some)))
    if keys:
        after_commit(partial(storage.current().delete, *keys))
    return sum(map(len, ids.values()))

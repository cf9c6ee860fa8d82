"""What a web process does about imports that wait: runs them one after the other, also those whose process died."""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import col, select

from myapp.blog.events import ImportProgressed, topic_imports
from myapp.blog.importing.report import Summary
from myapp.blog.imports.alone import sole_runner
from myapp.blog.imports.running import Run
from myapp.blog.imports.uploads import is_upload
from myapp.blog.schemas import Import, ImportStatus
from myapp.kit.errors import Forbidden
from myapp.kit.pubsub import broadcast
from myapp.kit.repo import reading, transaction
from myapp.kit.scope import Scope

ATTEMPTS = 2
"""Begun by itself twice at most: an import that takes its process with it must not do so at every start."""

_UNFINISHED = (ImportStatus.QUEUED, ImportStatus.RUNNING, ImportStatus.INTERRUPTED)


async def run_waiting_imports(scope: Scope) -> int:
    """Run the imports that wait, in this process, one after the other; how many. Only the system does.

    An upload whose process died, or was stopped, is gone on with. One that died twice, or whose file is where only a
    command knows, is marked as interrupted: a person decides (`resume_import`).
    """
    if not scope.is_system:
        raise Forbidden
    query = select(Import).where(col(Import.status).in_(_UNFINISHED)).order_by(col(Import.id))
    if scope.org_id is not None:
        query = query.where(Import.org_id == scope.org_id)
    async with reading(scope) as session:
        found = (await session.exec(query)).all()
    return sum([await _deal_with(scope, row) for row in found if row.status == ImportStatus.RUNNING or _may_run(row)])


def _may_run(row: Import) -> bool:
    if row.status == ImportStatus.QUEUED:
        return True
    return is_upload(row.path) and Summary.from_json(row.summary).attempts < ATTEMPTS


async def _deal_with(scope: Scope, seen: Import) -> bool:
    """Whether it was run. It may have ended, or be run by another process, since it was seen."""
    async with sole_runner(seen.id) as is_mine:
        if not is_mine:
            return False
        async with transaction(scope) as session:
            row = await session.get(Import, seen.id, populate_existing=True)
            if row is None or row.status not in _UNFINISHED:
                return False
            runs = _may_run(row)
            if not runs:
                await session.exec(
                    sa.update(Import).where(col(Import.id) == row.id).values(status=ImportStatus.INTERRUPTED)
                )
                event = ImportProgressed(row.org_id, row.id, ImportStatus.INTERRUPTED, row.done, row.total)
                broadcast(topic_imports(row.org_id), event)
        if runs:
            # In the name of the person who asked, with the rights of the system: that person may be gone by now.
            await Run(Scope(user_id=row.user_id, org_id=row.org_id, reason="runs an import"), row).to_its_end()
        return runs

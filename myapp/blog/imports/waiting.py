"""What a process does about imports that wait: runs the one its job names, and finds those whose process died."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from sqlmodel import col, select

from myapp.blog.events import ImportProgressed, topic_imports
from myapp.blog.importing.report import Summary
from myapp.blog.imports.alone import nobody_runs, sole_runner
from myapp.blog.imports.running import OnProgress, Run
from myapp.blog.imports.starting import RUN_IMPORT
from myapp.blog.imports.uploads import is_upload
from myapp.blog.schemas import Import, ImportStatus
from myapp.kit import jobs
from myapp.kit.errors import Forbidden
from myapp.kit.jobs import WAITING, JobState, Unique
from myapp.kit.pubsub import broadcast
from myapp.kit.query_log import repeats_allowed
from myapp.kit.repo import reading, transaction
from myapp.kit.scope import Scope

ATTEMPTS = 2
"""Begun by itself twice at most: an import that takes its process with it must not do so at every start."""

_UNFINISHED = (ImportStatus.QUEUED, ImportStatus.RUNNING, ImportStatus.INTERRUPTED)
_ONE_JOB_EACH = Unique(keys=("id",), states=WAITING)


async def run_queued_import(
    scope: Scope,
    import_id: UUID,
    on_progress: OnProgress | None = None,
    is_unwanted: Callable[[], bool] = lambda: False,
) -> bool:
    """Run one import in this process, to its end; whether there was something to run. Only the system does.

    An upload whose process died, or was stopped, is gone on with. One that died twice, or whose file is where only a
    command knows, is marked as interrupted: a person decides (`resume_import`), as of one that was cancelled while
    `is_unwanted()` said so.
    """
    _require_system(scope)
    async with reading(scope) as session:
        if await session.get(Import, import_id) is None:
            return False
    async with sole_runner(import_id) as is_mine:
        row = await _begun(scope, import_id) if is_mine else None
        if row is not None:
            # In the name of the person who asked, with the rights of the system: that person may be gone by now.
            mine = Scope(user_id=row.user_id, org_id=row.org_id, reason="runs an import")
            await Run(mine, row, on_progress, is_unwanted).to_its_end()
        return row is not None


async def queue_lost_imports(scope: Scope) -> int:
    """Give a job to every import that nobody runs and that nobody is about to run; how many. Only the system does.

    Its name tells at once that the process is gone, long before the queue may take the job for lost. What an operator
    cancelled is not lost: it is marked as interrupted.
    """
    _require_system(scope)
    query = select(Import).where(col(Import.status).in_(_UNFINISHED)).order_by(col(Import.id))
    if scope.org_id is not None:
        query = query.where(Import.org_id == scope.org_id)
    async with reading(scope) as session:
        found = (await session.exec(query)).all()
    lost = await nobody_runs([row.id for row in found if row.status == ImportStatus.RUNNING or _goes_on(row)])
    with repeats_allowed():
        return sum([await _queue(scope, import_id) for import_id in sorted(lost)])


async def _queue(scope: Scope, import_id: UUID) -> bool:
    """The row is locked meanwhile, as somebody may be about to go on with it."""
    async with transaction(scope) as session:
        row = await session.get(Import, import_id, populate_existing=True, with_for_update=True)
        if row is None or row.status not in _UNFINISHED:
            return False
        if await _was_cancelled(row):
            await _interrupt(row, is_held=True)
            return False
        return (await jobs.enqueue(RUN_IMPORT, {"id": row.id}, unique=_ONE_JOB_EACH)).is_new


async def _was_cancelled(row: Import) -> bool:
    """Whether the last job that was to run it was cancelled before it began."""
    last = await jobs.list_jobs(workers=[RUN_IMPORT], search=str(row.id), limit=1)
    return bool(last) and last[0].state == JobState.CANCELLED


async def _begun(scope: Scope, import_id: UUID) -> Import | None:
    """The row, if it is to be run; the lock is ours. It may have ended since its job was added."""
    async with transaction(scope) as session:
        row = await session.get(Import, import_id, populate_existing=True)
        if row is None or row.status not in _UNFINISHED:
            return None
        if _may_run(row):
            return row
        await _interrupt(row)
        return None


async def _interrupt(row: Import, *, is_held: bool = False) -> None:
    row.status = ImportStatus.INTERRUPTED
    row.summary = {**row.summary, "is_held": is_held}
    broadcast(topic_imports(row.org_id), ImportProgressed(row.org_id, row.id, row.status, row.done, row.total))


def _goes_on(row: Import) -> bool:
    """Whether it is to be run without anybody saying so."""
    return _may_run(row) and not Summary.from_json(row.summary).is_held


def _may_run(row: Import) -> bool:
    if row.status == ImportStatus.QUEUED:
        return True
    return is_upload(row.path) and Summary.from_json(row.summary).attempts < ATTEMPTS


def _require_system(scope: Scope) -> None:
    if not scope.is_system:
        raise Forbidden

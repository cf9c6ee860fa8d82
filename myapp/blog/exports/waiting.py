"""What a process does about exports that wait: makes the one its job names, and finds those whose process died."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from uuid import UUID

from sqlmodel import col, select

from myapp.blog.events import ExportEnded, topic_exports
from myapp.blog.exports.batches import count_posts
from myapp.blog.exports.cards import UNFINISHED
from myapp.blog.exports.forgetting import FOLDER
from myapp.blog.exports.running import OnProgress, Run
from myapp.blog.exports.starting import add_job, tell
from myapp.blog.schemas import Export, ExportFailure, ExportStatus
from myapp.kit import audit, jobs, storage
from myapp.kit.clock import now
from myapp.kit.errors import Forbidden, NotFound
from myapp.kit.jobs import JobState
from myapp.kit.pubsub import broadcast
from myapp.kit.query_log import repeats_allowed
from myapp.kit.repo import after_commit, reading, transaction
from myapp.kit.scope import Scope

ATTEMPTS = 3
"""Begun so often at most: an export that takes its process with it must not do so for ever."""
LOST_AFTER = timedelta(seconds=60)
"""Four signs of life that did not come."""


async def run_queued_export(
    scope: Scope,
    export_id: UUID,
    *,
    on_progress: OnProgress | None = None,
    is_last: bool = True,
    is_unwanted: Callable[[], bool] = lambda: False,
) -> bool:
    """Make one export in this process, from its beginning; whether there was something to do. Only the system does.

    What goes wrong is raised; then the export waits or, if this try `is_last`, has failed.
    """
    _require_system(scope)
    row = await _begun(scope, export_id)
    if row is None:
        return False
    # In the name of the person who asked, with the rights of the system: that person may be gone by now.
    mine = Scope(user_id=row.user_id, org_id=row.org_id, reason="makes an export")
    await Run(mine, row, on_progress).to_its_end(is_last=is_last, is_unwanted=is_unwanted)
    return True


async def queue_lost_exports(scope: Scope) -> int:
    """Give a job to every export that has not been heard of for a minute and has none waiting; how many.

    The queue may take a job for lost much later only. Only the system does.
    """
    _require_system(scope)
    silent = select(Export.id).where(col(Export.status).in_(UNFINISHED), col(Export.updated_at) < now() - LOST_AFTER)
    if scope.org_id is not None:
        silent = silent.where(Export.org_id == scope.org_id)
    async with reading(scope) as session:
        found = (await session.exec(silent.order_by(col(Export.id)))).all()
    with repeats_allowed():
        return sum([await _queue(scope, export_id) for export_id in found])


async def _queue(scope: Scope, export_id: UUID) -> bool:
    async with transaction(scope) as session:
        row = await session.get(Export, export_id, populate_existing=True, with_for_update=True)
        if row is None or row.status not in UNFINISHED or row.updated_at >= now() - LOST_AFTER:
            return False
        if await _was_cancelled(row):
            row.status = ExportStatus.CANCELLED
            tell(row)
            return False
        return await add_job(row)


async def _was_cancelled(row: Export) -> bool:
    """Whether an operator cancelled its job before it began."""
    try:
        return row.job_id is not None and (await jobs.get_job(row.job_id)).state == JobState.CANCELLED
    except NotFound:
        return False


async def _begun(scope: Scope, export_id: UUID) -> Export | None:
    """The row, if there is still something to do. From now on it names the key of this run, and of no other."""
    async with transaction(scope) as session:
        row = await session.get(Export, export_id, populate_existing=True, with_for_update=True)
        if row is None or row.status not in UNFINISHED:
            return None
        if row.key is not None:
            after_commit(partial(storage.current().delete, row.key))
        row.updated_at = now()
        if row.attempts >= ATTEMPTS:
            await _give_up(scope, row)
            return None
        row.status, row.attempts, row.done = ExportStatus.RUNNING, row.attempts + 1, 0
        row.key = storage.new_key(FOLDER, "zip")
        row.total = await count_posts(Scope.system("counts what it exports", row.org_id))
        tell(row)
    return row


async def _give_up(scope: Scope, row: Export) -> None:
    row.status, row.failure, row.key = ExportStatus.FAILED, ExportFailure.LOST, None
    await audit.record(scope, "blog.export.failed", "export", row.id, after={"why": row.failure})
    broadcast(topic_exports(row.org_id), ExportEnded(row.org_id, row.id, row.user_id, row.status))
    tell(row)


def _require_system(scope: Scope) -> None:
    if not scope.is_system:
        raise Forbidden

"""Asking for an export, and thinking better of it."""

from __future__ import annotations

from uuid import UUID

from sqlmodel import col, select

from myapp.blog.events import ExportProgressed, topic_exports
from myapp.blog.exports.cards import UNFINISHED, ExportCard
from myapp.blog.exports.reading import authorise, row_of
from myapp.blog.schemas import Export, ExportStatus
from myapp.kit import audit, jobs, repo
from myapp.kit.errors import Conflict
from myapp.kit.i18n import gettext
from myapp.kit.jobs import WAITING, Unique
from myapp.kit.pubsub import broadcast
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope

RUN_EXPORT = "myapp.blog.jobs.RunExport"
_ONE_JOB_EACH = Unique(keys=("id",), states=WAITING)


async def start_export(scope: Scope) -> ExportCard:
    """Let a job make one, at once if there is room; of an organisation one at a time: one that is not over is returned.

    Raises NotFound for people from elsewhere, Forbidden and Unauthenticated.
    """
    org_id = authorise(scope)
    async with transaction(scope) as session, repo.advisory_lock(f"blog.export:{org_id}"):
        unfinished = select(Export).where(Export.org_id == org_id, col(Export.status).in_(UNFINISHED))
        row = (await session.exec(unfinished, execution_options={"populate_existing": True})).one_or_none()
        if row is None:
            row = Export(org_id=org_id, user_id=scope.user_id)
            session.add(row)
            await session.flush()
            await add_job(row)
            await audit.record(scope, "blog.export.started", "export", row.id)
            tell(row)
    return ExportCard.of(row)


async def cancel_export(scope: Scope, export_id: UUID) -> ExportCard:
    """Let it not be made, wherever it is being made. Raises Conflict for one that is over, and as `start_export`."""
    authorise(scope)
    async with transaction(scope):
        row = await row_of(scope, export_id, locked=True)
        if row.status not in UNFINISHED:
            raise Conflict(gettext("This export is over already."))
        row.status = ExportStatus.CANCELLED
        if row.job_id is not None:
            await jobs.cancel_jobs([row.job_id])
        await audit.record(scope, "blog.export.cancelled", "export", row.id)
        tell(row)
    return ExportCard.of(row)


async def add_job(row: Export) -> bool:
    """Within the transaction: a job that makes it, unless one waits; whether there was none."""
    added = await jobs.enqueue(RUN_EXPORT, {"id": row.id}, unique=_ONE_JOB_EACH)
    row.job_id = added.id
    return added.is_new


def tell(row: Export) -> None:
    """Who looks is told how far it is."""
    broadcast(topic_exports(row.org_id), ExportProgressed(row.org_id, row.id, row.status, row.done, row.total))

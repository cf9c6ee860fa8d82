"""Making exports in a test, and looking into them."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from uuid import UUID
from zipfile import ZipFile

import sqlalchemy as sa
from sqlmodel import col

from myapp import blog
from myapp.blog import Export, ExportCard
from myapp.kit import jobs
from myapp.kit.clock import now
from myapp.kit.jobs import WAITING
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope
from tests.factories import SYSTEM

RUN = "myapp.blog.jobs.RunExport"


async def run_waiting() -> int:
    """Do what the queue would do; how many exports were made."""
    made = 0
    for job in await jobs.list_jobs(workers=[RUN], states=WAITING):
        await jobs.delete_jobs([job.id])
        made += await blog.run_queued_export(SYSTEM, UUID(job.args["id"]))
    return made


async def made(scope: Scope) -> ExportCard:
    """One that is done."""
    card = await blog.start_export(scope)
    await run_waiting()
    return await blog.get_export(scope, card.id)


async def names_in(scope: Scope, export_id: UUID) -> list[str]:
    """What the file holds, which is a whole zip."""
    found = await blog.get_export_file(scope, export_id)
    content = b"".join([chunk async for chunk in found.stored.chunks()])
    assert len(content) == found.stored.size
    with ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return sorted(archive.namelist())


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


async def change(export_id: UUID, **values: object) -> None:
    """Write columns that time would write."""
    async with transaction(SYSTEM) as session:
        await session.exec(sa.update(Export).where(col(Export.id) == export_id).values(**values))


async def silent_for(export_id: UUID) -> timedelta:
    """How long nothing was noted in its row."""
    async with transaction(SYSTEM) as session:
        return now() - (await session.get_one(Export, export_id, populate_existing=True)).updated_at

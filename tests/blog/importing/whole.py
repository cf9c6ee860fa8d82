"""Importing a written export in one step, and looking at everything that is there afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from myapp import blog
from myapp.blog import Comment, ImportCard, Post, Tag
from myapp.kit import jobs, schema
from myapp.kit.jobs import WAITING
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope
from tests.factories import SYSTEM
from tests.factories.wordpress import export


async def imported(scope: Scope, path: Path, *parts: str) -> ImportCard:
    path.write_text(export(*parts))
    return await blog.import_file(scope, path)


async def rows[T: (Post, Comment, Tag)](model: type[T]) -> Sequence[T]:
    async with transaction(SYSTEM) as session:
        return (await session.exec(select(model).order_by(col(model.id)))).all()


async def only_post() -> Post:
    (post,) = await rows(Post)
    return post


async def versions() -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table but those that keep account or who does what, with the transaction that wrote it."""
    found: dict[str, list[tuple[object, ...]]] = {}
    async with transaction(SYSTEM) as session:
        connection = await session.connection()
        for table in schema.metadata.sorted_tables:
            if table.name not in {"imports", "audit_logs", "cluster_names"}:
                columns = [sa.column("xmin"), sa.column("ctid"), *table.columns]
                answer = await connection.execute(sa.select(*columns).select_from(table))
                found[table.name] = sorted(((str(row[0]), str(row[1]), str(row[2:])) for row in answer), key=str)
    return found


def commanding(scope: Scope) -> Scope:
    """The command line in the organisation of this person: it may name any file."""
    return Scope.system("a test's command", scope.org_id)


async def run_waiting() -> int:
    """Do what the clock and the queue would do; how many imports were run."""
    await blog.queue_lost_imports(SYSTEM)
    ran = 0
    for job in await jobs.list_jobs(workers=["myapp.blog.jobs.RunImport"], states=WAITING):
        await jobs.delete_jobs([job.id])
        ran += await blog.run_queued_import(SYSTEM, UUID(job.args["id"]))
    return ran

"""What writing costs: a row through its changeset against SQLAlchemy alone, and ten thousand rows in three ways.

Ours and the peer take turns, so that both see the same machine; everything is rolled back.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from uuid import UUID

import uvloop
from sqlmodel.ext.asyncio.session import AsyncSession

from bench.report import Report
from myapp.accounts.schemas import Organization
from myapp.blog.schemas import Tag
from myapp.kit import databases, embedded_postgres, migrations, repo
from myapp.kit.bulk import copy_into, insert_all
from myapp.kit.changeset import Changeset, cast, new
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope

FOLDER = migrations.ROOT / ".data" / "bench"
ROUNDS, SINGLE, MANY = 7, 200, 10_000

type Write = Callable[[AsyncSession, UUID], Awaitable[object]]


class Undo(Exception):
    """Ends a measurement: nothing it wrote is kept."""


def run(report: Report) -> None:
    """Report `writing.insert` in µs a row and `writing.insert_all`, `writing.copy_into` in rows a second."""
    server = embedded_postgres.ensure(FOLDER)
    try:
        with databases.scratch(server) as url:
            migrations.upgrade(url)
            uvloop.run(_measure(report, url))
    finally:
        embedded_postgres.release(FOLDER)


async def _measure(report: Report, url: str) -> None:
    engine = repo.make_engine(url)
    repo.use(repo.make_sessions(engine))
    try:
        one, bare_one = await _in_turns(_through_changesets, _one_by_one)
        report.figure(
            "writing.insert", one / SINGLE * 1e6, "µs", against="SQLAlchemy alone", peer=bare_one / SINGLE * 1e6
        )
        for name, write in {"insert_all": _insert_all, "copy_into": _copy_into}.items():
            many, bare_many = await _in_turns(write, _add_all)
            report.figure(f"writing.{name}", MANY / many, "rows/s", against="add_all", peer=MANY / bare_many)
    finally:
        repo.use(None)
        await engine.dispose()


async def _in_turns(ours: Write, theirs: Write) -> tuple[float, float]:
    """The best time of each, in seconds."""
    times = [(await _timed(ours), await _timed(theirs)) for _ in range(ROUNDS)]
    return min(our for our, _ in times), min(their for _, their in times)


async def _timed(write: Write) -> float:
    taken = 0.0
    with suppress(Undo):
        async with transaction(Scope.system("a measurement")) as session:
            organization = Organization(name="Bench", slug="bench")
            session.add(organization)
            await session.flush()
            start = time.perf_counter()
            await write(session, organization.id)
            taken = time.perf_counter() - start
            raise Undo
    return taken


def _changeset(org_id: UUID, number: int) -> Changeset[Tag]:
    sent = {"name": f"Tag {number}", "slug": f"tag-{number}"}
    return (
        cast(new(Tag, org_id=org_id), sent, ["name", "slug"])
        .validate_required("name", "slug")
        .validate_length("name", min=1, max=50)
        .validate_format("slug", r"\A[a-z0-9-]+\Z")
        .unique_constraint(["slug", "org_id"], name="uq_tags_org_id_slug")
    )


async def _through_changesets(_session: AsyncSession, org_id: UUID) -> None:
    for number in range(SINGLE):
        await repo.insert(_changeset(org_id, number))


async def _one_by_one(session: AsyncSession, org_id: UUID) -> None:
    for number in range(SINGLE):
        session.add(Tag(org_id=org_id, name=f"Tag {number}", slug=f"tag-{number}"))
        await session.flush()


def _rows(org_id: UUID) -> list[dict[str, object]]:
    return [{"org_id": org_id, "name": f"Tag {number}", "slug": f"tag-{number}"} for number in range(MANY)]


async def _insert_all(_session: AsyncSession, org_id: UUID) -> None:
    await insert_all(Tag, _rows(org_id))


async def _copy_into(_session: AsyncSession, org_id: UUID) -> None:
    await copy_into(Tag, _rows(org_id))


async def _add_all(session: AsyncSession, org_id: UUID) -> None:
    session.add_all([Tag(org_id=org_id, name=f"Tag {number}", slug=f"tag-{number}") for number in range(MANY)])
    await session.flush()

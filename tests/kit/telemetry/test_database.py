"""What is asked of PostgreSQL is told by table and command, never with a value."""

from __future__ import annotations

import asyncio
from collections.abc import Generator

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from myapp.kit import repo, telemetry
from myapp.kit.audit import AuditLog
from myapp.kit.repo import transaction
from tests.ears import Ear
from tests.factories import SYSTEM


@pytest.fixture
def ear() -> Generator[Ear]:
    ear = Ear()
    with telemetry.attached("ear", ["repo.query", "repo.pool"], ear):
        yield ear


@pytest.mark.usefixtures("db")
async def test_a_query_is_told_by_table_and_command_and_without_its_values(ear: Ear) -> None:
    async with transaction(SYSTEM) as session:
        await session.exec(select(AuditLog).where(AuditLog.action == "a secret"))
    [told] = ear.of("repo.query", command="select")
    assert told.metadata["table"] == "audit_logs"
    assert told.metadata["outcome"] == "ok"
    assert told.measurements["duration"] > 0
    assert "a secret" not in str(told.metadata)


@pytest.mark.usefixtures("db")
async def test_a_query_that_fails_is_told_as_well(ear: Ear) -> None:
    with pytest.raises(DBAPIError):
        async with transaction(SYSTEM) as session:
            await session.exec(sa.text("SELECT 1 / 0 FROM (SELECT count(*) FROM audit_logs) AS counted"))  # pyright: ignore[reportCallIssue, reportArgumentType]
    [told] = ear.of("repo.query", outcome="failed")
    assert told.metadata["table"] == "audit_logs"


async def test_the_pool_says_what_it_has_and_how_long_one_waits_for_it(ear: Ear, database_url: str) -> None:
    engine = repo.make_engine(database_url, pool_size=1)
    repo.use(repo.make_sessions(engine))
    taken, enough = asyncio.Event(), asyncio.Event()

    async def take() -> None:
        async with transaction(SYSTEM) as session:
            await session.connection()
            taken.set()
            await enough.wait()

    async with asyncio.timeout(10):
        first = asyncio.create_task(take())
        await taken.wait()
        repo.pool_figures()
        second = asyncio.create_task(take())
        await asyncio.sleep(0)
        enough.set()
        await asyncio.gather(first, second)
    figures = [told.measurements for told in ear.of("repo.pool") if "size" in told.measurements]
    waits = [told.measurements["wait"] for told in ear.of("repo.pool") if "wait" in told.measurements]
    assert figures == [{"size": 1, "open": 1, "in_use": 1}]
    assert len(waits) == 2
    repo.use(None)
    await engine.dispose()


def test_without_a_database_the_pool_has_nothing_to_say(ear: Ear) -> None:
    repo.use(None)
    repo.pool_figures()
    assert ear.heard == []

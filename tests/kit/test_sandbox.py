"""What tests may rely on: nothing is left behind, hooks run, and code sees its commits as real ones."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import select

from myapp.kit import audit, repo
from myapp.kit.audit import AuditLog
from myapp.kit.repo import after_commit, transaction
from myapp.kit.scope import Scope
from tests import database
from tests.database import as_owner, empty, sandbox

SYSTEM = Scope.system("tests")


async def write(name: str) -> None:
    async with transaction(SYSTEM):
        await audit.record(SYSTEM, "test.row.written", "row", name)


async def written() -> set[str]:
    async with transaction(SYSTEM) as session:
        return set((await session.exec(select(AuditLog.subject_id))).all())


async def committed(engine: AsyncEngine) -> int:
    async with engine.connect() as other:
        await as_owner(other)
        return await other.scalar(sa.select(sa.func.count()).select_from(AuditLog)) or 0


async def test_what_is_written_is_seen_within_and_gone_after(engine: AsyncEngine) -> None:
    async with sandbox(engine):
        await write("one")
        assert await written() == {"one"}
        assert await committed(engine) == 0
    assert await committed(engine) == 0


async def test_a_rollback_of_the_code_under_test_undoes_only_its_own(db: object) -> None:
    await write("kept")
    with pytest.raises(ZeroDivisionError):
        async with transaction(SYSTEM):
            await write("undone")
            _ = 1 / 0
    assert await written() == {"kept"}


async def test_after_commit_hooks_run_once_the_outermost_block_ends(db: object) -> None:
    ran: list[str] = []
    async with transaction(SYSTEM):
        async with transaction(SYSTEM):
            after_commit(lambda: ran.append("hook"))
        assert ran == []
    assert ran == ["hook"]


async def test_tasks_take_turns(db: object) -> None:
    await asyncio.gather(*(write(str(number)) for number in range(5)))
    assert await written() == set("01234")


async def test_two_transactions_that_need_each_other_are_refused(db: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "PATIENCE", 0.01)
    async with transaction(SYSTEM):
        with pytest.raises(RuntimeError, match="real_db"):
            await asyncio.create_task(write("other"))


async def test_the_real_database_commits_and_is_emptied(engine: AsyncEngine) -> None:
    repo.use(repo.make_sessions(engine))
    await write("one")
    repo.use(None)
    assert await committed(engine) == 1
    await empty(engine)
    assert await committed(engine) == 0

"""What the database says of itself, and how it would run a statement."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import cast

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlmodel import col, select

from myapp import ops
from myapp.accounts import User
from myapp.blog import Post
from myapp.kit import repo
from myapp.kit.clock import new_id
from myapp.kit.errors import NotFound
from myapp.kit.query_log import repeats_allowed, statements_of
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope
from myapp.ops import NoPlan, database
from tests.ears import hearing
from tests.factories import SYSTEM

OPERATOR = Scope(new_id(), is_operator=True)
DEAR = 1_000_000.0
"""Seconds: other tests of the same engine may have asked for more than a hundred statements."""


async def test_it_says_what_it_is_and_how_large(db: AsyncConnection) -> None:
    database = await ops.get_database(OPERATOR)
    assert int(database.version.partition(".")[0]) >= 16
    assert database.size > 1_000_000
    assert 0 < database.connections <= database.max_connections


async def test_its_size_is_measured_now_and_then_and_not_while_it_is_away(
    db: AsyncConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def is_away(_scope: Scope) -> ops.Database:
        raise OperationalError("SELECT", {}, OSError("no route"))

    measure = ops.database_figures()
    with hearing("repo.database") as ear:
        for _ in range(3):
            await cast("Awaitable[None]", measure())
        monkeypatch.setattr(database, "get_database", is_away)
        await cast("Awaitable[None]", ops.database_figures()())
    [told] = ear.heard
    assert told.measurements["size"] > 1_000_000
    assert told.measurements["connections"] > 0


async def test_every_table_and_index_is_listed_with_its_size(db: AsyncConnection) -> None:
    tables = {each.name: each for each in await ops.list_tables(OPERATOR)}
    assert {"users", "posts", "audit_logs"} <= tables.keys()
    assert all(each.size == each.table_size + each.index_size for each in tables.values())
    indexes = {each.name: each for each in await ops.list_indexes(OPERATOR)}
    assert (indexes["pk_posts"].of, indexes["pk_posts"].is_unique) == ("posts", True)


async def test_who_waits_for_whom_is_shown_without_values(real_db: str, database_url: str) -> None:
    async with (
        await psycopg.AsyncConnection.connect(database_url, application_name="waiter") as waiter,
        await psycopg.AsyncConnection.connect(database_url, application_name="holder") as holder,  # is closed first
    ):
        await holder.execute("LOCK TABLE posts")
        holding = holder.info.backend_pid
        waits = sa.select(sa.func.cardinality(sa.func.pg_blocking_pids(waiter.info.backend_pid)))
        task = asyncio.create_task(waiter.execute("SELECT 'secret' FROM posts"))
        async with transaction(SYSTEM) as session:
            with repeats_allowed():
                while not (await (await session.connection()).execute(waits)).scalar_one():
                    pass
        [found] = [each for each in await ops.list_database_sessions(OPERATOR) if each.application == "waiter"]
        await holder.rollback()
        await task
    assert found.blocked_by == [holding]
    assert found.wants == "posts AccessShareLock"
    assert found.statement == "SELECT ? FROM posts"


async def test_reading_who_waits_leaves_the_transaction_as_it_was(db: AsyncConnection) -> None:
    async with transaction(OPERATOR) as session:
        connection = await session.connection()
        before = (await connection.exec_driver_sql("SELECT current_user")).scalar_one()
        await ops.list_database_sessions(OPERATOR)
        assert (await connection.exec_driver_sql("SELECT current_user")).scalar_one() == before


class TestStatements:
    async def test_they_are_kept_by_what_they_cost_without_values(self, db: AsyncConnection) -> None:
        async with transaction(SYSTEM) as session:
            for name in ("one-secret", "two-secret"):
                await session.exec(select(User).where(col(User.username) == name, col(User.name) == name))
        nobody_elses = "users.username = ? AND users.name = ?"
        kept = next(each for each in statements_of(repo.engine()).costliest(500) if nobody_elses in each.key)
        kept.seconds += DEAR
        use = (await ops.get_database_use(OPERATOR)).found
        assert use is not None
        [found] = [each for each in use.statements if nobody_elses in each.statement]
        assert found.calls >= 2
        assert found.total >= found.slowest > 0
        assert "secret" not in found.statement
        assert await ops.get_statement(OPERATOR, found.id) == found

    async def test_one_of_them_is_planned_with_the_policies_of_requests(self, db: AsyncConnection) -> None:
        async with transaction(SYSTEM) as session:
            await session.exec(select(Post).where(col(Post.slug) == "x", col(Post.title).like("%y")))
        statement = next(each for each in statements_of(repo.engine()).costliest(500) if "title LIKE ?" in each.key)
        statement.seconds += DEAR
        plan = await ops.explain_statement(OPERATOR, statement.id)
        assert any("posts" in line for line in plan)
        assert any("InitPlan" in line for line in plan), plan

    @pytest.mark.parametrize(
        "text",
        [
            "DROP TABLE posts",
            "SELECT 1; DROP TABLE posts",
            "SELECT %(untyped)s",
            "SELECT nothing FROM nowhere",
            "EXPLAIN ANALYZE DELETE FROM posts",
        ],
    )
    async def test_what_is_no_single_plain_statement_has_no_plan(
        self, text: str, db: AsyncConnection, engine: AsyncEngine
    ) -> None:
        kept = statements_of(engine)
        kept.note(text, text, DEAR)
        [found] = [each for each in kept.costliest(500) if each.key == text]
        if text == "SELECT %(untyped)s":  # PostgreSQL takes it for a text
            assert await ops.explain_statement(OPERATOR, found.id)
        else:
            with pytest.raises(NoPlan):
                await ops.explain_statement(OPERATOR, found.id)

    async def test_a_plan_runs_nothing(self, db: AsyncConnection, engine: AsyncEngine) -> None:
        kept, text = statements_of(engine), "SELECT pg_sleep(60)"
        kept.note(text, text, DEAR)
        [found] = [each for each in kept.costliest(500) if each.key == text]
        assert await ops.explain_statement(OPERATOR, found.id)

    async def test_no_text_of_a_browser_is_a_statement(self, db: AsyncConnection) -> None:
        for named in ("SELECT 1", "", "x"):
            with pytest.raises(NotFound):
                await ops.explain_statement(OPERATOR, named)

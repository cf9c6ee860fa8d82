"""Queries are counted and timed, and asking the same again and again is found where it is done."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractContextManager

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from myapp.kit import query_log, repo
from myapp.kit.audit import AuditLog
from myapp.kit.query_log import (
    RepeatedQuery,
    count_queries,
    normalised,
    repeats_allowed,
    unit_of_work,
    unit_until_the_task_ends,
)
from myapp.kit.repo import transaction
from tests.factories import SYSTEM

type AssertQueries = Callable[[int], AbstractContextManager[list[str]]]


async def ask(number: int = 0) -> None:
    async with transaction(SYSTEM) as session:
        await session.exec(select(AuditLog).where(AuditLog.action == str(number)))


async def ask_often(times: int) -> None:
    for number in range(times):
        await ask(number)


@pytest.fixture
async def warning_db(database_url: str) -> AsyncGenerator[None]:
    """The worker's database as development sees it: repeated queries are logged."""
    engine = repo.make_engine(database_url, on_repeats="warn")
    repo.use(repo.make_sessions(engine))
    yield
    repo.use(None)
    await engine.dispose()


@pytest.mark.usefixtures("db")
class TestCounting:
    async def test_savepoints_do_not_count(self, assert_queries: AssertQueries) -> None:
        with assert_queries(2):
            async with transaction(SYSTEM):
                await ask_often(2)

    async def test_queries_of_tasks_started_meanwhile_count(self, assert_queries: AssertQueries) -> None:
        with assert_queries(3):
            await asyncio.gather(ask(), ask(), ask())

    async def test_counts_may_be_nested(self) -> None:
        with count_queries() as all_of_them:
            await ask()
            with count_queries() as inner:
                await ask()
            await ask()
        assert (len(all_of_them), len(inner)) == (3, 1)

    async def test_a_wrong_count_lists_the_statements(self, assert_queries: AssertQueries) -> None:
        with pytest.raises(AssertionError, match=r"(?s)1 queries instead of 0.*SELECT.*audit_logs"), assert_queries(0):
            await ask()


@pytest.mark.usefixtures("db")
class TestRepeats:
    async def test_the_fifth_time_in_one_transaction_is_refused_and_names_the_place(self) -> None:
        with pytest.raises(RepeatedQuery, match=r"at tests/kit/test_query_log\.py:\d+ in ask: SELECT"):
            async with transaction(SYSTEM):
                await ask_often(5)

    async def test_four_times_are_fine(self) -> None:
        async with transaction(SYSTEM):
            await ask_often(4)

    async def test_transactions_one_after_another_are_units_of_their_own(self) -> None:
        await ask_often(10)

    async def test_a_unit_of_work_joins_its_transactions(self) -> None:
        with pytest.raises(RepeatedQuery), unit_of_work():
            await ask_often(5)

    async def test_a_unit_includes_the_tasks_it_starts(self) -> None:
        with pytest.raises(RepeatedQuery), unit_of_work():
            await asyncio.gather(*(ask(number) for number in range(5)))

    async def test_a_task_that_outlives_its_unit_is_left_alone(self) -> None:
        go = asyncio.Event()

        async def later() -> None:
            await go.wait()
            await ask_often(10)

        with unit_of_work():
            task = asyncio.create_task(later())
        go.set()
        await task

    async def test_a_unit_may_last_until_its_task_ends(self) -> None:
        go = asyncio.Event()

        async def later() -> None:
            await go.wait()
            await ask_often(10)

        async def handle(times: int) -> asyncio.Task[None]:
            unit_until_the_task_ends()
            task = asyncio.create_task(later())
            await ask_often(times)
            return task

        with pytest.raises(RepeatedQuery):
            await asyncio.create_task(handle(5))
        outlives = await asyncio.create_task(handle(4))
        go.set()
        await outlives
        await ask_often(10)

    async def test_it_can_be_allowed(self) -> None:
        with repeats_allowed(), unit_of_work():
            await ask_often(10)

    async def test_writes_may_repeat(self) -> None:
        async with transaction(SYSTEM) as session:
            for number in range(10):
                await session.exec(sa.delete(AuditLog).where(sa.column("action") == str(number)))


async def test_in_development_it_is_logged_once(warning_db: None, caplog: pytest.LogCaptureFixture) -> None:
    with unit_of_work():
        await ask_often(20)
    assert caplog.text.count("the same query ran 5 times in one unit of work, at tests/kit/test_query_log.py") == 1


@pytest.mark.usefixtures("db")
class TestSlowQueries:
    async def test_they_are_logged_without_their_values(
        self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setattr(query_log, "SLOW", 0.0)
        await ask(987654)
        [record] = [record for record in caplog.records if "audit_logs" in record.message]
        assert record.levelno == logging.WARNING
        assert "slow query" in record.message
        assert "987654" not in caplog.text

    async def test_very_slow_ones_are_errors(
        self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setattr(query_log, "SLOW", 0.0)
        monkeypatch.setattr(query_log, "VERY_SLOW", 0.0)
        await ask()
        assert {record.levelno for record in caplog.records if "audit_logs" in record.message} == {logging.ERROR}

    async def test_one_that_fails_is_timed_too(
        self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setattr(query_log, "SLOW", 0.0)
        with pytest.raises(DBAPIError):
            async with transaction(SYSTEM) as session:
                await session.exec(select(sa.literal_column("1 / 0")))
        assert "1 / 0" in caplog.text

    async def test_each_takes_one_line_of_the_log_however_long_it_is(
        self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setattr(query_log, "SLOW", 0.0)
        async with transaction(SYSTEM) as session:
            await session.exec(select(*(sa.literal_column(f"{number}").label(f"a{number}") for number in range(500))))
        [record] = [
            record for record in caplog.records if "a400" in record.message or "SELECT 0 AS a0" in record.message
        ]
        assert "\n" not in record.message
        assert len(record.message) < 1100

    async def test_quick_ones_are_not_logged(
        self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setattr(query_log, "SLOW", 60.0)
        await ask()
        assert "slow query" not in caplog.text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SELECT a FROM t WHERE id IN (%(id_1)s)", "SELECT a FROM t WHERE id IN (%(id_1)s, %(id_2)s, %(id_3)s)"),
        ("SELECT a FROM t WHERE id IN (%(i_1)s::UUID)", "SELECT a FROM t WHERE id IN (%(i_1)s::UUID, %(i_2)s::UUID)"),
        ("SELECT a FROM t WHERE b = 'it''s' LIMIT 5", "SELECT a FROM t WHERE b = '' LIMIT 20"),
    ],
)
def test_statements_are_the_same_whatever_their_values(one: str, other: str) -> None:
    assert normalised(one) == normalised(other)

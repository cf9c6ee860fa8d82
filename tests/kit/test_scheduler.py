"""Periodic jobs never overlap, survive their failures, and run in one process of the cluster when they ask for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from time import monotonic

import psycopg
import pytest

from myapp.kit import names, scheduler
from myapp.kit.names import Holder, _candidate, _registrar
from myapp.kit.scheduler import Periodic, running


class Work:
    """A job that notes when it ran; `times(n)` waits until it has run so often."""

    def __init__(self, *, takes: float = 0.0, fails: bool = False) -> None:
        self.runs: list[tuple[float, float]] = []
        self._takes = takes
        self._fails = fails
        self._ran = asyncio.Condition()

    async def __call__(self) -> None:
        began = monotonic()
        await asyncio.sleep(self._takes)
        async with self._ran:
            self.runs.append((began, monotonic()))
            self._ran.notify_all()
        if self._fails:
            raise ZeroDivisionError

    async def times(self, count: int) -> None:
        async with asyncio.timeout(10), self._ran:
            await self._ran.wait_for(lambda: len(self.runs) >= count)


async def test_the_next_run_is_counted_from_the_end_of_the_last() -> None:
    work = Work(takes=0.03)
    async with running([Periodic("work", work, every=0.02, jitter=0.1)]):
        await work.times(3)
    gaps = [begin - end for (_, end), (begin, _) in zip(work.runs, work.runs[1:], strict=False)]
    assert min(gaps) >= 0.02 * 0.9


async def test_a_failing_run_is_logged_and_the_next_one_comes(caplog: pytest.LogCaptureFixture) -> None:
    work = Work(fails=True)
    async with running([Periodic("work", work, every=0.01)]):
        await work.times(2)
    assert "the periodic job 'work' failed" in caplog.text


async def test_a_run_that_has_begun_may_end_when_the_application_stops() -> None:
    begun, end = asyncio.Event(), asyncio.Event()
    ended = False

    async def work() -> None:
        nonlocal ended
        begun.set()
        await end.wait()
        ended = True

    async with running([Periodic("work", work, every=0.01)]):
        await begun.wait()
        asyncio.get_running_loop().call_soon(end.set)
    assert ended


async def test_a_run_that_does_not_end_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduler, "GRACE", 0.01)
    begun = asyncio.Event()

    async def work() -> None:
        begun.set()
        await asyncio.Event().wait()

    async with running([Periodic("work", work, every=0.01)]):
        await begun.wait()


@pytest.fixture
async def named(real_db: str, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[str]:
    """Names, for whoever runs once; nobody waits long."""
    monkeypatch.setattr(_candidate, "RETRY", 0.1)
    monkeypatch.setattr(_registrar, "BEAT", 0.05)
    monkeypatch.setattr(_registrar, "STEP_DOWN", 0.1 - _registrar.LEASE)
    async with names.running(real_db):
        yield real_db


async def test_one_process_of_the_cluster_runs_it_until_it_goes(named: str) -> None:
    here, there = Work(), Work()
    async with running([Periodic("work", there, every=0.01, once_per_cluster=True)]):
        async with running([Periodic("work", here, every=0.01, once_per_cluster=True)]):
            leader, follower = await first(here, there)
            await leader.times(5)
            assert follower.runs == []
        await there.times(1)


async def test_it_goes_on_when_the_leader_loses_its_connection(named: str) -> None:
    work = Work()
    job = Periodic("work", work, every=0.01, once_per_cluster=True)
    async with running([job]), running([job]):
        await work.times(1)
        lost = await names.lookup(scheduler.NAME)
        assert lost is not None
        await cut_leader(named)
        await led_anew_since(lost)
        await work.times(len(work.runs) + 2)


async def test_a_process_that_has_none_of_these_jobs_does_not_stand_in_the_way(named: str) -> None:
    other, work = Work(), Work()
    async with running([Periodic("other", other, every=0.01)]):
        await other.times(3)
        async with running([Periodic("work", work, every=0.01, once_per_cluster=True)]):
            await work.times(1)


async def first(*works: Work) -> list[Work]:
    """The works, the one that runs first."""
    waits = {asyncio.create_task(work.times(1)): work for work in works}
    done, pending = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
    return [*(waits[task] for task in done), *(waits[task] for task in pending)]


async def led_anew_since(lost: Holder) -> None:
    """Until somebody has got the name after this one."""
    led = asyncio.Event()
    forget = names.monitor(
        scheduler.NAME, lambda now: led.set() if now.holder and now.holder.token > lost.token else None
    )
    await asyncio.wait_for(led.wait(), 20)
    forget()


async def cut_leader(url: str) -> None:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute(
            """SELECT pg_terminate_backend(pid, 1000) FROM pg_locks
               JOIN pg_database ON pg_database.oid = database
               WHERE locktype = 'advisory' AND datname = current_database()"""
        )

"""Jobs that a process which lives has taken and does not do: it finds them itself, as nobody else can know."""

from __future__ import annotations

import asyncio
from typing import Any
from unittest.mock import AsyncMock

import psycopg
import pytest

from myapp.kit import alerts, jobs
from myapp.kit.alerts import Alert
from myapp.kit.jobs import (
    INCOMPLETE,
    JobCard,
    JobState,
    Outcome,
    Unique,
    Work,
    _dispatcher,
    _lifeline,
    _rates,
    _running,
    worker,
)
from myapp.kit.jobs._library import Query
from myapp.kit.jobs._rates import get_jobs
from tests.kit.jobs.workers import BEGUN, DONE, HERE, RELEASE
from tests.queue import Watch, all_jobs, look_for_lost_ones

from oban import _extensions  # isort: skip - it needs what stands in for erlpack

GREET, WAIT = f"{HERE}.Greet", f"{HERE}.Wait"


@worker(unique=Unique(states=INCOMPLETE))
class CutOnce:
    """Is cut off by somebody whom nobody knows, at its first attempt."""

    async def process(self, job: Work) -> Outcome:
        task = asyncio.current_task()
        if job.attempt == 1 and task is not None:
            BEGUN.set()
            task.cancel()
        await asyncio.sleep(0)


CUT_ONCE = f"{__name__}.CutOnce"


async def only_job() -> JobCard:
    [job] = await all_jobs()
    return job


async def found_and(watch: Watch, state: JobState) -> JobCard:
    """The only job, once it was looked for and is in this state; what is just being taken is passed over at times."""

    async def is_so() -> bool:
        await look_for_lost_ones()
        return (await only_job()).state is state

    await watch.until(is_so)
    return await only_job()


async def until_no_job_runs_here() -> None:
    """The process has no task of one any more; what is noted of it is another matter."""
    tasks = [task for task in asyncio.all_tasks() if task.get_name().startswith("job ")]
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_run_that_was_cut_off_by_nobody_knows_whom_is_tried_again(real_db: str) -> None:
    added = await jobs.enqueue(CUT_ONCE)
    with Watch() as watch:
        async with jobs.running(real_db, {"default": 3}):
            await BEGUN.wait()
            await until_no_job_runs_here()
            assert not (await jobs.enqueue(CUT_ONCE)).is_new, "it is in the way of every other"
            job = await found_and(watch, JobState.COMPLETED)
    assert (job.id, job.attempt, job.meta["rescued"]) == (added.id, 2, 1)


async def test_every_process_looks_for_its_own(real_db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_lifeline, "EVERY", 0.05)
    monkeypatch.setattr(_lifeline, "rescue", AsyncMock())  # whoever leads finds nothing
    await jobs.enqueue(CUT_ONCE)
    with Watch() as watch:
        async with jobs.running(real_db, {"default": 3}):
            await watch.until_all(JobState.COMPLETED)


async def test_it_is_given_up_where_that_was_the_last_attempt_and_operators_are_told(real_db: str) -> None:
    await jobs.enqueue(CUT_ONCE, max_attempts=1)
    told = asyncio.Queue[Alert]()
    with Watch() as watch:
        async with alerts.running(told.put), jobs.running(real_db, {"default": 3}):
            job = await found_and(watch, JobState.DISCARDED)
            alert = await asyncio.wait_for(told.get(), 20)
    assert job.errors[0].error == "It was cut off, and nobody knows by whom."
    assert (alert.kind, alert.details["job"]) == ("failed_job", str(job.id))


async def test_a_run_whose_end_cannot_be_put_into_words_is_logged_and_tried_again(
    real_db: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    genuine, failures = _dispatcher.run, [RuntimeError("no words")]

    async def run(*args: Any) -> None:
        if failures:
            raise failures.pop()
        await genuine(*args)

    monkeypatch.setattr(_dispatcher, "run", run)
    await jobs.enqueue(GREET)
    with Watch() as watch:
        async with jobs.running(real_db, {"default": 3}):
            job = await found_and(watch, JobState.COMPLETED)
    assert "no words" in caplog.text
    assert job.attempt == 2


async def test_what_was_taken_while_the_line_broke_is_given_back_as_not_tried(
    real_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = asyncio.Event()

    async def losing(producer: Any) -> list[Any]:
        found = await get_jobs(producer)
        if found and not lost.is_set():
            lost.set()
            raise psycopg.OperationalError("the commit was heard of no more")
        return found

    monkeypatch.setattr(_running, "get_jobs", losing)
    await jobs.enqueue(GREET, max_attempts=1)
    with Watch() as watch:
        async with jobs.running(real_db, {"default": 3}):
            await asyncio.wait_for(lost.wait(), 20)
            job = await found_and(watch, JobState.COMPLETED)
    assert (job.attempt, DONE) == (1, [("Greet", {})])


async def test_what_runs_and_what_is_being_taken_is_left_alone(real_db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    taken, go_on = asyncio.Event(), asyncio.Event()

    async def slow(*args: Any, **options: Any) -> list[Any]:
        found = await genuine(*args, **options)
        if any(job.worker == GREET for job in found):
            taken.set()
            await go_on.wait()
        return found

    genuine = _rates._take
    await jobs.enqueue(WAIT)
    with Watch() as watch:
        async with jobs.running(real_db, {"default": 3}):
            await BEGUN.wait()
            monkeypatch.setattr(_rates, "_take", slow)
            await jobs.enqueue(GREET)
            await asyncio.wait_for(taken.wait(), 20)
            await look_for_lost_ones()
            assert [(job.state, job.attempt) for job in await all_jobs()] == [(JobState.EXECUTING, 1)] * 2
            go_on.set()
            RELEASE.set()
            await watch.until_all(JobState.COMPLETED)
    assert sorted(name for name, _ in DONE) == ["Greet", "Wait"]


async def test_an_end_that_could_not_be_noted_is_noted_later_also_where_nothing_else_happens(
    real_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = asyncio.Event()

    async def failing(query: Query, ends: list[Any]) -> list[int]:
        monkeypatch.delitem(_extensions._extensions, "query.ack_jobs")
        failed.set()
        raise psycopg.OperationalError("away")

    monkeypatch.setitem(_extensions._extensions, "query.ack_jobs", failing)
    await jobs.enqueue(GREET)
    with Watch() as watch:
        async with jobs.running(real_db, {"default": 3}):
            await asyncio.wait_for(failed.wait(), 20)
            job = await found_and(watch, JobState.COMPLETED)
    assert (job.attempt, DONE) == (1, [("Greet", {})])


async def test_what_a_queue_that_is_stopped_could_not_end_is_given_back(
    real_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_running, "GRACE", 0.01)
    await jobs.enqueue(WAIT)
    with Watch() as watch:
        async with jobs.running(real_db, {"default": 3}):
            await BEGUN.wait()
            await look_for_lost_ones()
            await jobs.stop_queue("default")
            job = await found_and(watch, JobState.AVAILABLE)
    assert job.attempt == 0
    assert DONE == [("cut off", {})]

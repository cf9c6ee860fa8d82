"""A process that runs jobs: soon, cut off when it must be, and handing on what it can't end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import psycopg
import pytest

from myapp.kit import jobs, logs
from myapp.kit.jobs import JobsChanged, JobState, _running
from myapp.kit.jobs._library import query_of
from myapp.kit.jobs._rescue import rescue
from myapp.kit.jobs._runtime import current
from myapp.kit.logs._handler import Handler, renderer
from myapp.kit.logs._ring import Ring
from myapp.kit.repo import transaction
from tests.factories import SYSTEM
from tests.kit.jobs.workers import BEGUN, DONE, HERE, RELEASE
from tests.queue import Watch, all_jobs, let_jobs_age

GREET, WAIT = f"{HERE}.Greet", f"{HERE}.Wait"


@asynccontextmanager
async def queue_of(url: str) -> AsyncGenerator[Watch]:
    with Watch() as watch:
        async with jobs.running(url, {"default": 5}):
            yield watch


async def test_it_runs_right_after_the_commit(real_db: str) -> None:
    async with queue_of(real_db) as watch:
        async with transaction(SYSTEM):
            await jobs.enqueue(GREET, {"n": 1})
            await asyncio.sleep(0)
            assert DONE == []
        await watch.until_all(JobState.COMPLETED)
    assert DONE == [("Greet", {"n": 1})]


async def test_what_waited_before_the_start_runs(real_db: str) -> None:
    await jobs.enqueue_many(GREET, [{"n": n} for n in range(12)])
    async with queue_of(real_db) as watch:
        await watch.until_all(JobState.COMPLETED)
    assert sorted(args["n"] for _, args in DONE) == list(range(12))


async def test_a_process_without_queues_runs_nothing(real_db: str) -> None:
    await jobs.enqueue(GREET)
    async with jobs.running(real_db, {}):
        assert await jobs.list_queues() != []
    assert [job.state for job in await all_jobs()] == [JobState.AVAILABLE]


async def test_one_whose_time_has_come_runs(real_db: str) -> None:
    await jobs.enqueue(f"{HERE}.Fail")
    async with queue_of(real_db) as watch:
        await watch.until_all(JobState.RETRYABLE)
        await let_jobs_age(minutes=2)
        await watch.until_all(JobState.RETRYABLE)

        async def tried_twice() -> bool:
            return [job.attempt for job in await all_jobs()] == [2]

        await watch.until(tried_twice)


async def test_one_that_runs_is_cancelled_wherever_it_is(real_db: str) -> None:
    async with queue_of(real_db) as watch:
        made = await jobs.enqueue(WAIT)
        await BEGUN.wait()
        assert await jobs.cancel_jobs([made.id]) == 1
        (job,) = await watch.until_all(JobState.CANCELLED)
    assert DONE == [("cut off", {})]
    assert job.errors[0].error == "It was cancelled while it ran."


async def test_one_under_way_may_end_when_the_process_stops(real_db: str) -> None:
    async with queue_of(real_db):
        await jobs.enqueue(WAIT, {"n": 1})
        await BEGUN.wait()
        asyncio.get_running_loop().call_soon(RELEASE.set)
    assert DONE == [("Wait", {"n": 1})]
    assert [job.state for job in await all_jobs()] == [JobState.COMPLETED]


async def test_one_that_does_not_end_is_cut_off_and_given_back(real_db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_running, "GRACE", 0.01)
    async with queue_of(real_db):
        await jobs.enqueue(WAIT)
        await BEGUN.wait()
    assert DONE == [("cut off", {})]
    (job,) = await all_jobs()
    assert (job.state, job.attempt) == (JobState.AVAILABLE, 0)
    RELEASE.set()
    async with queue_of(real_db) as watch:
        await watch.until_all(JobState.COMPLETED)


async def test_one_that_lives_is_not_rescued_however_long_it_takes(real_db: str) -> None:
    async with queue_of(real_db) as watch:
        await jobs.enqueue(WAIT)
        await BEGUN.wait()
        await let_jobs_age(days=1, also_running=True)
        oban = current().oban
        assert oban is not None
        await rescue(query_of(oban), 1.0)
        assert [(job.state, job.meta) for job in await all_jobs()] == [(JobState.EXECUTING, {})]
        RELEASE.set()

        async def is_over() -> bool:
            return bool(DONE)

        await watch.until(is_over)


async def test_a_run_has_an_id_of_its_own_in_the_log_and_says_what_added_it(real_db: str) -> None:
    ring = Ring()
    handler = Handler(ring, None, renderer("json"))
    logging.getLogger("myapp").addHandler(handler)
    logs.begin("request-1234")
    added = await jobs.enqueue(f"{HERE}.Fail", max_attempts=1)
    try:
        async with queue_of(real_db) as watch:
            await watch.until_all(JobState.DISCARDED)
    finally:
        logging.getLogger("myapp").removeHandler(handler)
    lines = ring.of_request(jobs.request_of(added.id, 1))
    assert {line.about["origin"] for line in lines if "is given up" in line.message} == {"request-1234"}


async def test_what_fails_is_in_the_log(real_db: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "myapp"):
        await jobs.enqueue(f"{HERE}.Fail", max_attempts=1)
        await jobs.enqueue(f"{HERE}.Fail", max_attempts=2)
        async with queue_of(real_db) as watch:

            async def both_ran() -> bool:
                return all(job.errors for job in await all_jobs())

            await watch.until(both_ran)

    def said(level: int) -> str:
        return "\n".join(record.getMessage() for record in caplog.records if record.levelno == level)

    assert "Fail) is given up, attempt 1 of 1: ValueError: attempt 1" in said(logging.ERROR)
    assert "Fail) failed and is tried again, attempt 1 of 2: ValueError: attempt 1" in said(logging.WARNING)


async def test_every_line_of_a_job_says_whose_it_is(real_db: str) -> None:
    made = [await jobs.enqueue(f"{HERE}.Log") for _ in range(2)]
    async with queue_of(real_db) as watch:
        await watch.until_all(JobState.COMPLETED)
    said = {about["job"]: about for _, about in DONE}
    assert said.keys() == {str(job.id) for job in made}
    assert {about["worker"] for about in said.values()} == {f"{HERE}.Log"}
    assert len({about["request_id"] for about in said.values()}) == 2


async def test_who_looks_is_told_that_something_changed(real_db: str) -> None:
    told = asyncio.Event()
    subscription = jobs.subscribe_jobs(lambda _, event: told.set() if isinstance(event, JobsChanged) else None)
    async with queue_of(real_db):
        await jobs.enqueue(GREET)
        await asyncio.wait_for(told.wait(), 10)
    subscription.cancel()


async def test_a_database_that_was_away_is_found_again(real_db: str) -> None:
    async with queue_of(real_db) as watch:
        async with await psycopg.AsyncConnection.connect(real_db, autocommit=True) as owner:
            cut = await owner.execute(
                """SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity
                   WHERE datname = current_database() AND application_name = 'myapp jobs'"""
            )
            assert len(await cut.fetchall()) >= 2
        await jobs.enqueue(GREET)
        await watch.until_all(JobState.COMPLETED)

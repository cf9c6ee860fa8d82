"""What comes of a run: done, tried again, put off, given up."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from myapp.kit import jobs
from myapp.kit.clock import now
from myapp.kit.jobs import JobCard, JobState, Options, Outcome, Work, backoff, worker
from tests.kit.jobs.workers import DONE, HERE
from tests.queue import all_jobs, drain


async def outcome(worker: str, args: dict[str, object] | None = None) -> JobCard:
    await jobs.enqueue(f"{HERE}.{worker}", args)
    await drain()
    return (await all_jobs())[-1]


def in_seconds(job: JobCard) -> float:
    return (job.scheduled_at - now()).total_seconds()


async def test_a_failure_is_tried_again_by_our_backoff(db: AsyncConnection, queue: None) -> None:
    job = await outcome("Fail")
    assert (job.state, job.attempt) == (JobState.RETRYABLE, 1)
    assert 1 + 15 - 5 < in_seconds(job) <= 1 + 15 + 30
    [error] = job.errors
    assert (error.attempt, "ValueError: attempt 1" in error.error) == (1, True)


async def test_after_the_last_attempt_it_is_given_up(db: AsyncConnection, queue: None) -> None:
    await jobs.enqueue(f"{HERE}.Fail")
    assert await drain(scheduled=True) == {
        "cancelled": 0, "completed": 0, "discarded": 1, "retryable": 2, "scheduled": 0
    }  # fmt: skip
    (job,) = await all_jobs()
    assert (job.state, job.attempt, len(job.errors)) == (JobState.DISCARDED, 3, 3)
    assert job.ended_at == job.discarded_at


@pytest.mark.parametrize(("attempt", "least", "most"), [(1, 16, 46), (3, 96, 186), (10, 10_015, 10_315)])
def test_the_wait_grows_with_every_attempt(attempt: int, least: int, most: int) -> None:
    waits = {backoff(attempt) for _ in range(300)}
    assert least <= min(waits)
    assert max(waits) <= most
    assert len(waits) > 1


async def test_every_worker_has_our_backoff(db: AsyncConnection) -> None:
    jobs.load_workers()
    assert jobs.workers()
    assert all(known.timeout < known.rescue_after for known in jobs.workers().values())


async def test_one_that_is_put_off_has_not_been_tried(db: AsyncConnection, queue: None) -> None:
    job = await outcome("Answer", {"snooze": 100})
    assert (job.state, job.attempt, job.meta) == (JobState.SCHEDULED, 0, {"snoozed": 1})
    assert 90 < in_seconds(job) <= 100


async def test_one_that_sees_no_sense_is_cancelled(db: AsyncConnection, queue: None) -> None:
    job = await outcome("Answer", {"cancel": "nobody there"})
    assert (job.state, job.errors[0].error) == (JobState.CANCELLED, "nobody there")


@pytest.mark.parametrize("value", [{"n": 1, "names": ["ä", None]}, [1.5, True], "", -(10**30), None])
async def test_what_it_records_is_read_again(db: AsyncConnection, queue: None, value: object) -> None:
    job = await outcome("Answer", {"record": value})
    assert (job.state, job.recorded) == (JobState.COMPLETED, value)


async def test_one_that_takes_too_long_is_cut_off_and_tried_again(db: AsyncConnection, queue: None) -> None:
    job = await outcome("Sleep")
    assert job.state == JobState.RETRYABLE
    assert "timed out after 0.05s" in job.errors[0].error


async def test_a_worker_that_is_gone_does_not_stop_the_queue(db: AsyncConnection, queue: None) -> None:
    await jobs.enqueue(f"{HERE}.Greet")
    (job,) = await all_jobs()
    await db.exec_driver_sql("SET LOCAL ROLE NONE")
    await db.exec_driver_sql("UPDATE oban_jobs SET worker = 'myapp.gone.jobs.Away'")
    await drain()
    assert "not found" in (await jobs.get_job(job.id)).errors[0].error
    assert DONE == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"priority": 4},
        {"timeout": timedelta(minutes=30)},
        {"timeout": timedelta(minutes=5), "rescue_after": timedelta(minutes=5)},
        {"rescue_after": timedelta(minutes=31)},
        {"catch_up": True},
        {"cron": "every night"},
    ],
)
def test_a_worker_that_could_not_work_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Options(**wrong)  # pyright: ignore[reportArgumentType]


@worker()
class AwaitAnother:
    """Waits for a task that somebody else ends."""

    async def process(self, job: Work) -> Outcome:
        other = asyncio.create_task(asyncio.Event().wait())
        other.cancel()
        await other


async def test_one_that_waited_for_what_was_cancelled_has_failed_and_is_tried_again(
    db: AsyncConnection, queue: None
) -> None:
    await jobs.enqueue(f"{__name__}.AwaitAnother")
    await drain()
    [job] = await all_jobs()
    assert (job.state, job.attempt) == (JobState.RETRYABLE, 1)
    assert "What it waited for was cancelled" in job.errors[0].error

"""A job is there with the deed, or not at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection

from myapp.kit import jobs, logs
from myapp.kit.clock import now
from myapp.kit.errors import Forbidden
from myapp.kit.jobs import JobState, UnknownWorker
from myapp.kit.repo import transaction
from myapp.kit.scope import Grant, Scope
from tests.factories import SYSTEM
from tests.kit.jobs.workers import DONE, HERE
from tests.queue import all_jobs, assert_enqueued, drain, refute_enqueued

GREET = f"{HERE}.Greet"


async def test_it_is_there_with_the_commit(db: AsyncConnection, queue: None) -> None:
    async with transaction(SYSTEM):
        made = await jobs.enqueue(GREET, {"name": "Ada"})
    await assert_enqueued(worker=GREET, args={"name": "Ada"}, queue="default", id=made.id)
    assert made.is_new
    assert await drain() == {"cancelled": 0, "completed": 1, "discarded": 0, "retryable": 0, "scheduled": 0}
    assert DONE == [("Greet", {"name": "Ada"})]


async def test_it_is_dropped_with_the_rollback(db: AsyncConnection, queue: None) -> None:
    with pytest.raises(ZeroDivisionError):
        async with transaction(SYSTEM):
            await jobs.enqueue(GREET)
            raise ZeroDivisionError
    await refute_enqueued()


async def test_it_is_dropped_with_the_block_it_belongs_to(db: AsyncConnection, queue: None) -> None:
    async with transaction(SYSTEM):
        await jobs.enqueue(GREET, {"n": 1})
        with pytest.raises(ZeroDivisionError):
            async with transaction(SYSTEM):
                await jobs.enqueue(GREET, {"n": 2})
                raise ZeroDivisionError
    assert [job.args for job in await all_jobs()] == [{"n": 1}]


async def test_outside_of_a_transaction_it_is_there_at_once(db: AsyncConnection, queue: None) -> None:
    await jobs.enqueue(GREET)
    await assert_enqueued(worker=GREET)


@pytest.mark.parametrize(
    "when", [{"scheduled_in": timedelta(hours=1)}, {"scheduled_at": datetime(2100, 1, 1, 13, tzinfo=UTC)}]
)
async def test_a_later_one_waits(db: AsyncConnection, queue: None, when: dict[str, Any]) -> None:
    await jobs.enqueue(GREET, **when)
    (job,) = await all_jobs()
    assert job.state == JobState.SCHEDULED
    assert job.scheduled_at - when.get("scheduled_at", now() + timedelta(hours=1)) < timedelta(seconds=10)
    assert (await drain())["completed"] == 0
    assert (await drain(scheduled=True))["completed"] == 1


async def test_a_moment_without_a_zone_is_refused(db: AsyncConnection) -> None:
    with pytest.raises(ValueError, match="zone"):
        await jobs.enqueue(GREET, scheduled_at=datetime(2100, 1, 1))  # noqa: DTZ001


async def test_what_is_said_beats_what_the_worker_says(db: AsyncConnection, queue: None) -> None:
    await jobs.enqueue(GREET, priority=3, max_attempts=1, tags=["b", "a", "a"], meta={"why": "a test"})
    (job,) = await all_jobs()
    assert (job.priority, job.max_attempts, job.tags, job.meta) == (3, 1, ["a", "b"], {"why": "a test"})


async def test_a_job_knows_the_request_that_added_it(db: AsyncConnection, queue: None) -> None:
    request = logs.begin("request-1234", event="a test")
    await jobs.enqueue(GREET)
    await jobs.enqueue_many(GREET, [{}])
    assert [job.added_in for job in await all_jobs()] == [request.id] * 2


async def test_arguments_are_kept_as_json_has_them(db: AsyncConnection, queue: None) -> None:
    some_id, moment = uuid4(), now()
    await jobs.enqueue(GREET, {"id": some_id, "at": moment, "word": "ü\0🙂"[0]})
    (job,) = await all_jobs()
    assert job.args["id"] == str(some_id)
    assert datetime.fromisoformat(job.args["at"]) == moment


@pytest.mark.parametrize("path", ["nowhere.Greet", f"{HERE}.Nobody", "myapp.kit.clock.now", "", "datetime.datetime"])
async def test_only_workers_have_jobs(db: AsyncConnection, path: str) -> None:
    with pytest.raises(UnknownWorker):
        await jobs.enqueue(path)


async def test_many_are_added_in_order(db: AsyncConnection, queue: None) -> None:
    ids = await jobs.enqueue_many(GREET, ({"n": n} for n in range(2500)))
    found = await all_jobs(GREET)
    assert [(job.id, job.args["n"]) for job in found] == list(zip(ids, range(2500), strict=True))


async def test_the_first_come_first_and_the_important_before_them(db: AsyncConnection, queue: None) -> None:
    for n, priority in enumerate((1, 0, 3, 0)):
        await jobs.enqueue(GREET, {"n": n}, priority=priority)
    await drain()
    assert [args["n"] for _, args in DONE] == [1, 3, 0, 2]


@pytest.mark.parametrize("scope", [Scope.anonymous(), Scope.anonymous(uuid4())], ids=["visitor", "organisation"])
async def test_who_serves_people_adds_jobs_and_reads_none(db: AsyncConnection, queue: None, scope: Scope) -> None:
    async with transaction(scope):
        await jobs.enqueue(GREET, {"n": 1})
        await jobs.enqueue(f"{HERE}.Once", {"id": 1})
    for statement in ("SELECT args FROM oban_jobs", "UPDATE oban_jobs SET state = state", "DELETE FROM oban_jobs"):
        with pytest.raises(ProgrammingError, match="permission denied"):
            async with transaction(scope) as session:
                await (await session.connection()).execute(sa.text(statement))
    assert len(await all_jobs()) == 2


async def test_who_may_only_read_adds_none(db: AsyncConnection, real_db: str) -> None:
    reader = Scope(user_id=uuid4(), grants=frozenset({Grant.READ}))
    with pytest.raises(Forbidden):
        async with transaction(reader):
            await jobs.enqueue(GREET)

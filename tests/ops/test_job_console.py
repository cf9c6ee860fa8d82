"""The job console: what is listed, and that every deed is done and noted together."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from myapp import ops
from myapp.kit import jobs
from myapp.kit.clock import new_id
from myapp.kit.errors import Conflict, NotFound
from myapp.kit.jobs import JobState, Rate
from myapp.kit.jobs.tables import oban_producers
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope
from myapp.ops import AuditFilter, JobFilter, OutOfRange, RateOutOfRange, job_console
from tests.factories import SYSTEM
from tests.kit.jobs.workers import HERE

OPERATOR = Scope(new_id(), is_operator=True)
GREET = f"{HERE}.Greet"


async def noted() -> list[tuple[str, str]]:
    """The deeds of operators, the latest first."""
    trail = await ops.list_audit(OPERATOR, AuditFilter(what="ops."))
    return [(each.action, each.subject_id) for each in trail.entries]


async def changes() -> list[tuple[object, object]]:
    """What was before each of them, and after it."""
    trail = await ops.list_audit(OPERATOR, AuditFilter(what="ops."))
    return [(each.before, each.after) for each in trail.entries]


async def state_of(job_id: int) -> JobState:
    return (await ops.get_job(OPERATOR, job_id)).state


async def served(queue: str, limit: int = 5) -> None:
    """As if a process served it."""
    insert = """INSERT INTO oban_producers (uuid, name, node, queue, meta, started_at, updated_at)
        VALUES (gen_random_uuid(), 'Oban', 'a:1', :queue,
        jsonb_build_object('local_limit', :limit ::int, 'paused', false),
        timezone('utc', now()), timezone('utc', now()))"""
    async with transaction(SYSTEM) as session:
        await (await session.connection()).execute(sa.text(insert), {"queue": queue, "limit": limit})


async def test_jobs_are_listed_by_state_queue_and_words_a_page_at_a_time(
    db: AsyncConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_console, "PAGE", 2)
    ids = [(await jobs.enqueue(GREET, {"name": name})).id for name in ("tea", "cake", "tea and cake")]
    first = await ops.list_jobs(OPERATOR, JobFilter())
    assert [each.id for each in first.entries] == ids[:0:-1]
    second = await ops.list_jobs(OPERATOR, JobFilter(), before=first.before)
    assert ([each.id for each in second.entries], second.before) == (ids[:1], None)
    found = await ops.list_jobs(OPERATOR, JobFilter((JobState.AVAILABLE,), "default", GREET, "cake"))
    assert {each.id for each in found.entries} == set(ids[1:])
    for nothing in (
        JobFilter((JobState.COMPLETED,)),
        JobFilter(queue="x"),
        JobFilter(worker="x"),
        JobFilter(words="\0"),
    ):
        assert (await ops.list_jobs(OPERATOR, nothing)).entries == []


async def test_a_list_costs_one_query(
    db: AsyncConnection, assert_queries: Callable[[int], AbstractContextManager[list[str]]]
) -> None:
    for number in range(30):
        await jobs.enqueue(GREET, {"n": number})
    with assert_queries(1):
        assert len((await ops.list_jobs(OPERATOR, JobFilter())).entries) == 30


async def test_a_job_is_cancelled_retried_and_deleted_and_that_is_noted(db: AsyncConnection) -> None:
    job_id = (await jobs.enqueue(GREET)).id
    assert await ops.do_with_job(OPERATOR, "cancel", job_id)
    assert await state_of(job_id) is JobState.CANCELLED
    assert await ops.do_with_job(OPERATOR, "retry", job_id)
    assert await state_of(job_id) is JobState.AVAILABLE
    assert await ops.do_with_job(OPERATOR, "delete", job_id)
    with pytest.raises(NotFound):
        await ops.get_job(OPERATOR, job_id)
    deeds = ["ops.job.deleted", "ops.job.retried", "ops.job.cancelled"]
    assert await noted() == [(deed, str(job_id)) for deed in deeds]
    about = {"worker": GREET, "queue": "default"}
    available, cancelled = {**about, "state": "available"}, {**about, "state": "cancelled"}
    assert await changes() == [(available, None), (cancelled, available), (available, cancelled)]


async def test_what_cannot_be_done_is_not_noted(db: AsyncConnection) -> None:
    job_id = (await jobs.enqueue(GREET)).id
    assert not await ops.do_with_job(OPERATOR, "retry", job_id)
    assert not await ops.do_with_job(OPERATOR, "cancel", 4_000_000_000)
    assert await noted() == []
    for number in (0, -1, 2**70):
        with pytest.raises(NotFound):
            await ops.get_job(OPERATOR, number)


async def test_queues_are_paused_scaled_and_stopped_and_that_is_noted(db: AsyncConnection) -> None:
    await served("teapots")
    await ops.do_with_queue(OPERATOR, "pause", "teapots")
    async with transaction(SYSTEM) as session:
        paused = sa.update(oban_producers).values(meta={"local_limit": 5, "paused": True})
        await (await session.connection()).execute(paused)
    await ops.do_with_queue(OPERATOR, "resume", "teapots")
    await ops.do_with_queue(OPERATOR, "stop", "teapots")
    await ops.scale_queue(OPERATOR, "teapots", 7)
    names = ["scaled", "stopped", "resumed", "paused"]
    assert await noted() == [(f"ops.queue.{name}", "teapots") for name in names]
    assert await changes() == [
        ({"limit": 5}, {"limit": 7}),
        ({"processes": 1}, {"processes": 0}),
        ({"paused": True}, {"paused": False}),
        ({"paused": False}, {"paused": True}),
    ]


async def test_a_queue_that_is_not_there_and_a_senseless_limit_are_refused(db: AsyncConnection) -> None:
    await served("teapots")
    with pytest.raises(NotFound):
        await ops.do_with_queue(OPERATOR, "pause", "nothing")
    for limit in (0, -1, 501):
        with pytest.raises(OutOfRange):
            await ops.scale_queue(OPERATOR, "teapots", limit)
    assert await noted() == []


async def test_a_queue_is_held_to_a_rate_and_let_go_and_that_is_noted(db: AsyncConnection) -> None:
    await served("teapots")
    await ops.limit_queue(OPERATOR, "teapots", Rate(60, 60))
    await ops.limit_queue(OPERATOR, "teapots", Rate(5, 1))
    assert await jobs.list_rates() == {"teapots": Rate(5, 1)}
    await ops.limit_queue(OPERATOR, "teapots", None)
    assert await jobs.list_rates() == {}
    assert await noted() == [("ops.queue.limited", "teapots")] * 3
    none: dict[str, object] = {"jobs": None, "seconds": None}
    first, second = {"jobs": 60, "seconds": 60.0}, {"jobs": 5, "seconds": 1.0}
    assert await changes() == [(second, none), (first, second), (none, first)]


async def test_a_senseless_rate_is_refused_and_one_of_a_queue_that_is_not_there(db: AsyncConnection) -> None:
    await served("teapots")
    with pytest.raises(NotFound):
        await ops.limit_queue(OPERATOR, "nothing", Rate(1, 1))
    for rate in (Rate(0, 60), Rate(-1, 60), Rate(100_001, 60), Rate(1, 0), Rate(1, 86_401), Rate(1, float("nan"))):
        with pytest.raises(RateOutOfRange):
            await ops.limit_queue(OPERATOR, "teapots", rate)
    assert await noted() == []


async def test_a_queue_with_a_rate_is_listed_also_where_it_is_not_served_and_empty(db: AsyncConnection) -> None:
    await jobs.limit_queue("teapots", Rate(1, 1))
    assert [(card.name, card.servers, card.rate) for card in await ops.list_queues(OPERATOR)] == [
        ("teapots", [], Rate(1, 1))
    ]
    await ops.limit_queue(OPERATOR, "teapots", None)
    assert await ops.list_queues(OPERATOR) == []


async def test_a_worker_is_switched_off_with_a_reason_and_on_again(db: AsyncConnection) -> None:
    await ops.switch_worker(OPERATOR, GREET, on=False, reason=" it breaks things ")
    [switch] = await jobs.list_switches()
    assert (switch.worker, switch.reason, switch.user_id) == (GREET, "it breaks things", OPERATOR.user_id)
    await ops.switch_worker(OPERATOR, GREET, on=True)
    assert await jobs.list_switches() == []
    assert await noted() == [("ops.worker.switched_on", GREET), ("ops.worker.switched_off", GREET)]
    off = {"on": False, "reason": "it breaks things"}
    assert await changes() == [(off, {"on": True}), ({"on": True}, off)]
    with pytest.raises(NotFound):
        await ops.switch_worker(OPERATOR, "os.system", on=False)


async def test_only_what_has_hours_is_run_by_hand_and_not_twice(db: AsyncConnection) -> None:
    with pytest.raises(NotFound):
        await ops.run_worker(OPERATOR, GREET)
    timed = next(each.path for each in await ops.list_workers(OPERATOR) if each.options.cron)
    job_id = await ops.run_worker(OPERATOR, timed)
    assert (await ops.get_job(OPERATOR, job_id)).worker == timed
    with pytest.raises(Conflict):
        await ops.run_worker(OPERATOR, timed)
    assert await noted() == [("ops.worker.run", timed)]


async def test_throughput_has_each_minute_of_the_hour(db: AsyncConnection) -> None:
    for ended in (
        "state = 'completed', completed_at = timezone('utc', now())",
        "state = 'completed', completed_at = timezone('utc', now()) - interval '5 minutes'",
        "state = 'discarded', discarded_at = timezone('utc', now())",
        "state = 'completed', completed_at = timezone('utc', now()) - interval '2 hours'",
    ):
        job_id = (await jobs.enqueue(GREET, {"how": ended})).id
        async with transaction(SYSTEM) as session:
            connection = await session.connection()
            await connection.exec_driver_sql(f"UPDATE oban_jobs SET {ended} WHERE id = {job_id}")  # noqa: S608 - ours
    minutes = await ops.list_throughput(OPERATOR)
    assert len(minutes) == 60
    assert sum(each.completed for each in minutes) == 2
    assert sum(each.discarded for each in minutes[-2:]) == 1

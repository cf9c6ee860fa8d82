"""What operators see and do, while everything runs."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import select

from myapp.kit import jobs, names
from myapp.kit.clock import now
from myapp.kit.errors import Conflict, NotFound
from myapp.kit.jobs import JobProgressed, JobState, Rate, _controls, _progress
from myapp.kit.jobs._runtime import current
from myapp.kit.jobs.tables import JobRate
from myapp.kit.repo import reading, transaction
from tests.factories import SYSTEM
from tests.kit.jobs.workers import BEGUN, DONE, HERE, RELEASE
from tests.queue import Watch, all_jobs, drain, let_jobs_age

GREET, ALONE = f"{HERE}.Greet", f"{HERE}.Alone"


async def test_a_worker_that_is_switched_off_lets_its_jobs_wait(db: AsyncConnection, queue: None) -> None:
    await jobs.enqueue(GREET)
    await jobs.switch_off(GREET, reason="it breaks things")
    assert [(switch.worker, switch.reason) for switch in await jobs.list_switches()] == [(GREET, "it breaks things")]
    await drain()
    (job,) = await all_jobs()
    assert (job.state, job.attempt, DONE) == (JobState.SCHEDULED, 0, [])
    await jobs.switch_on(GREET)
    await drain(scheduled=True)
    assert len(DONE) == 1


async def test_by_hand_it_runs_all_the_same(db: AsyncConnection, queue: None) -> None:
    await jobs.switch_off(GREET, reason="only by hand")
    await jobs.run_by_hand(GREET, {"n": 1})
    await drain()
    assert DONE == [("Greet", {"n": 1})]


async def test_by_hand_it_does_not_run_twice_at_a_time(real_db: str) -> None:
    tries = await asyncio.gather(*(jobs.run_by_hand(GREET) for _ in range(5)), return_exceptions=True)
    assert sum(isinstance(each, Conflict) for each in tries) == 4
    assert len(await all_jobs()) == 1
    assert (await jobs.run_by_hand(GREET, {"other": True})).is_new


async def test_a_switch_works_in_a_process_that_runs(real_db: str) -> None:
    with Watch() as watch:
        async with jobs.running(real_db, {"default": 5}):
            await jobs.enqueue(GREET)
            await watch.until_all(JobState.COMPLETED)
            await jobs.switch_off(GREET, reason="a test")
            await jobs.delete_jobs([job.id for job in await all_jobs()])
            await jobs.enqueue(GREET)
            await watch.until_all(JobState.SCHEDULED)
    assert len(DONE) == 1


async def test_one_that_runs_alone_never_overlaps_itself(real_db: str) -> None:
    with Watch() as watch:
        async with names.running(real_db), jobs.running(real_db, {"default": 5}):
            await jobs.enqueue_many(ALONE, [{"n": n} for n in range(3)])
            await BEGUN.wait()

            async def the_others_wait() -> bool:
                return sorted(job.state for job in await all_jobs()) == ["executing", "scheduled", "scheduled"]

            await watch.until(the_others_wait)
            RELEASE.set()

            async def they_come_after_it() -> bool:
                await let_jobs_age(seconds=10)
                return len(DONE) == 3

            await watch.until(they_come_after_it)


async def test_a_queue_begins_only_so_many(real_db: str) -> None:
    await jobs.limit_queue("default", Rate(count=3, seconds=3600))
    await jobs.enqueue_many(GREET, [{"n": n} for n in range(8)])
    with Watch() as watch:
        async with jobs.running(real_db, {"default": 2}):

            async def three_ran() -> bool:
                return len(DONE) == 3

            await watch.until(three_ran)
            assert (await jobs.list_queues())[0].rate == Rate(3, 3600)
            assert [job.state for job in await all_jobs(GREET)].count(JobState.AVAILABLE) == 5
            await jobs.limit_queue("default", None)
            await watch.until_all(JobState.COMPLETED)
    assert len(DONE) == 8


async def test_a_clock_that_is_put_back_stops_no_queue_that_has_a_rate(real_db: str) -> None:
    await jobs.limit_queue("default", Rate(count=100, seconds=0.1))
    ahead = sa.update(JobRate).values(tokens=-3.0, filled_at=sa.func.now() + timedelta(hours=2))
    async with transaction(SYSTEM) as session:
        await session.exec(ahead)
    await jobs.enqueue_many(GREET, [{"n": n} for n in range(3)])
    with Watch() as watch:
        async with jobs.running(real_db, {"default": 2}):
            await watch.until_all(JobState.COMPLETED)


async def test_a_rate_begins_by_postgresqls_clock(real_db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_controls, "now", lambda: now() + timedelta(hours=3))
    await jobs.limit_queue("default", Rate(count=1, seconds=1))
    async with reading(SYSTEM) as session:
        [(filled, present)] = (await session.exec(select(JobRate.filled_at, sa.func.clock_timestamp()))).all()
    assert filled <= present


async def test_progress_is_told_a_few_times_and_kept(
    db: AsyncConnection, queue: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_progress, "TELL_EVERY", 1000)
    monkeypatch.setattr(_progress, "KEEP_EVERY", 1000)
    monkeypatch.setattr(_progress, "monotonic", lambda: 5000.0)
    made = await jobs.enqueue(f"{HERE}.Count")
    heard: list[object] = []
    subscription = jobs.subscribe_job(made.id, lambda _, event: heard.append(event))
    await drain(raises=True)
    subscription.cancel()
    worker = f"{HERE}.Count"
    assert heard == [JobProgressed(made.id, worker, 1, 100), JobProgressed(made.id, worker, 100, 100)]
    assert (await jobs.get_job(made.id)).progress == (100, 100)


async def test_jobs_are_found_by_what_they_are(db: AsyncConnection, queue: None) -> None:
    await jobs.enqueue(GREET, {"name": "Ada ten%"}, tags=["vip"])
    await jobs.enqueue(GREET, {"name": "Mei"}, priority=1)
    await jobs.enqueue(f"{HERE}.Answer", {"cancel": "why not"})
    await drain()
    answer, mei, ada = await jobs.list_jobs()

    async def found(**filters: object) -> list[int]:
        return [job.id for job in await jobs.list_jobs(**filters)]  # pyright: ignore[reportArgumentType]

    assert await found(workers=[GREET]) == [mei.id, ada.id]
    assert await found(states=[JobState.CANCELLED]) == [answer.id]
    assert await found(queues=["mailers"]) == []
    assert await found(search="ada n%") == [ada.id]
    assert await found(search="VIP") == [ada.id]
    assert await found(search="ada mei") == []
    assert await found(search=str(mei.id)) == [mei.id]
    assert await found(search="9" * 30) == []
    assert await found(before=mei.id, limit=1) == [ada.id]
    assert (ada.name, ada.node, ada.took is not None, ada.waited is not None) == ("Greet", "drain", True, True)
    assert (await jobs.count_jobs())["default"][JobState.COMPLETED] == 2
    with pytest.raises(NotFound):
        await jobs.get_job(0)


async def test_jobs_are_retried_cancelled_and_deleted(db: AsyncConnection, queue: None) -> None:
    await jobs.enqueue(f"{HERE}.Fail", max_attempts=1)
    await drain()
    (job,) = await all_jobs()
    assert await jobs.retry_jobs([job.id]) == 1
    assert (await jobs.get_job(job.id)).state == JobState.AVAILABLE
    assert await jobs.cancel_jobs([job.id, 0]) == 1
    assert (await jobs.get_job(job.id)).state == JobState.CANCELLED
    assert await jobs.delete_jobs([job.id]) == 1
    assert await all_jobs() == []


async def test_queues_are_paused_scaled_stopped_and_started(real_db: str) -> None:
    with Watch() as watch:
        async with jobs.running(real_db, {"default": 5}):
            oban = current().oban
            assert oban is not None

            async def limits() -> dict[str, tuple[int, bool]]:
                return {
                    card.name: (card.limit, card.servers[0].is_paused)
                    for card in await jobs.list_queues()
                    if card.servers
                }

            async def become(expected: dict[str, tuple[int, bool]]) -> None:
                async def are_so() -> bool:
                    return await limits() == expected

                await watch.until(are_so)

            await become({"default": (5, False)})
            await jobs.scale_queue("default", 7)
            await become({"default": (7, False)})
            await jobs.pause_queue("default")
            await become({"default": (0, True)})
            await jobs.resume_queue("default")
            await jobs.start_queue("reports", 2)
            await become({"default": (7, False), "reports": (2, False)})
            await jobs.stop_queue("default")
            await become({"reports": (2, False)})
            with pytest.raises(ValueError, match="one job"):
                await jobs.scale_queue("reports", 0)

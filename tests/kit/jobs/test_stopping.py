"""What the queue of a process does once that is told to stop, while requests are still being finished."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from myapp.kit import jobs, lifetime
from myapp.kit.jobs import JobState, Rate, _rates
from tests.kit.jobs.workers import BEGUN, DONE, HERE, RELEASE
from tests.queue import Watch, all_jobs

GREET, WAIT, GO_ON = f"{HERE}.Greet", f"{HERE}.Wait", f"{HERE}.GoOn"


async def the_end() -> None:
    """Until the queue has ended, which the block around it goes on without."""
    await asyncio.sleep(0)
    [task] = [task for task in asyncio.all_tasks() if task.get_name() == "stop the queue"]
    await task


async def nothing_is_taken_any_more() -> None:
    """Until the queue asks for jobs no more: what it asked for just before has come, too."""
    [loop] = [task for task in asyncio.all_tasks() if task.get_name() == "oban-producer-default"]
    await asyncio.wait_for(asyncio.wait([loop]), 20)


async def test_it_finishes_what_it_has_and_takes_no_more(real_db: str) -> None:
    with lifetime.begun():
        async with jobs.running(real_db, {"default": 5}):
            under_way = await jobs.enqueue(WAIT)
            await BEGUN.wait()
            lifetime.begin_stopping()
            await nothing_is_taken_any_more()
            waiting = await jobs.enqueue(GREET)
            RELEASE.set()
            await the_end()
            assert [(job.id, job.state) for job in await all_jobs()] == [
                (under_way.id, JobState.COMPLETED),
                (waiting.id, JobState.AVAILABLE),
            ]


@pytest.mark.parametrize("rate", [None, Rate(count=100, seconds=1)])
async def test_what_it_was_about_to_take_it_leaves(
    real_db: str, monkeypatch: pytest.MonkeyPatch, rate: Rate | None
) -> None:
    genuine, about_to, go_on = _rates._take, asyncio.Event(), asyncio.Event()

    async def late(*args: Any, **options: Any) -> list[Any]:
        about_to.set()
        await go_on.wait()
        return await genuine(*args, **options)

    monkeypatch.setattr(_rates, "_take", late)
    await jobs.limit_queue("default", rate)
    with lifetime.begun():
        async with jobs.running(real_db, {"default": 5}):
            await jobs.enqueue(GREET)
            await asyncio.wait_for(about_to.wait(), 20)
            lifetime.begin_stopping()
            go_on.set()
            await the_end()
            assert [(job.state, job.attempt) for job in await all_jobs()] == [(JobState.AVAILABLE, 0)]
    assert DONE == []


async def test_one_that_leaves_off_is_gone_on_with_elsewhere_and_was_not_tried(real_db: str) -> None:
    with lifetime.begun():
        async with jobs.running(real_db, {"default": 5}):
            await jobs.enqueue(GO_ON, max_attempts=1)
            await BEGUN.wait()
            lifetime.begin_stopping()
            RELEASE.set()
            await the_end()
            assert [(job.state, job.attempt) for job in await all_jobs()] == [(JobState.SCHEDULED, 0)]
    assert DONE == []
    with Watch() as watch, lifetime.begun():
        async with jobs.running(real_db, {"default": 5}):
            await watch.until_all(JobState.COMPLETED)
    assert DONE == [("GoOn", {})]

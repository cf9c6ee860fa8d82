"""No job is lost with a process that is killed, and no two processes do the same one."""

from __future__ import annotations

import asyncio

from myapp.kit import alerts, jobs
from myapp.kit.alerts import Alert
from myapp.kit.jobs import JobState, Rate
from tests import peers
from tests.kit.jobs.workers import DONE, HERE, RELEASE
from tests.peers import Peer
from tests.queue import Watch, all_jobs, forget_silent_producers, let_jobs_age, look_for_lost_ones

GREET, WAIT = f"{HERE}.Greet", f"{HERE}.Wait"


async def peer(url: str, command: str) -> Peer:
    return await peers.start("tests.kit.jobs.peer", url, command)


async def line_of(process: Peer) -> str:
    return (await asyncio.wait_for(process.stdout.readline(), 60)).decode().strip()


async def states() -> list[tuple[JobState, int]]:
    return [(job.state, job.attempt) for job in await all_jobs()]


async def test_a_job_whose_process_was_killed_is_done_by_another(real_db: str) -> None:
    await jobs.enqueue(WAIT)
    there = await peer(real_db, "hang")
    assert await line_of(there) == "taken"
    there.kill()
    await asyncio.wait_for(there.wait(), 30)
    RELEASE.set()
    with Watch() as watch:
        async with jobs.running(real_db, {"default": 3}):
            await let_jobs_age(minutes=31, also_running=True)
            await look_for_lost_ones()
            assert await states() == [(JobState.EXECUTING, 1)], "its producer still counts as living"
            await forget_silent_producers(real_db)
            await look_for_lost_ones()
            (job,) = await watch.until_all(JobState.COMPLETED)
    assert (job.attempt, job.meta["rescued"]) == (2, 1)
    assert DONE == [("Wait", {})]


async def test_a_job_that_takes_its_process_with_it_is_given_up_at_last(real_db: str) -> None:
    await jobs.enqueue(WAIT, max_attempts=1)
    there = await peer(real_db, "hang")
    assert await line_of(there) == "taken"
    there.kill()
    await asyncio.wait_for(there.wait(), 30)
    told = asyncio.Queue[Alert]()
    async with alerts.running(told.put), jobs.running(real_db, {}):
        await forget_silent_producers(real_db)
        await look_for_lost_ones()
        assert await states() == [(JobState.EXECUTING, 1)], "it may have lost its line alone, and still be at it"
        await let_jobs_age(minutes=31, also_running=True)
        await look_for_lost_ones()
        assert (await asyncio.wait_for(told.get(), 20)).kind == "failed_job"
    (job,) = await all_jobs()
    assert (job.state, job.errors[0].error) == (JobState.DISCARDED, "Its process was gone.")


async def test_a_rate_holds_in_all_processes_together(real_db: str) -> None:
    await jobs.limit_queue("default", Rate(count=5, seconds=36_000))
    await jobs.enqueue_many(GREET, [{"n": n} for n in range(20)])
    peers = [await peer(real_db, "run") for _ in range(2)]
    for each in peers:
        assert await line_of(each) == "ready"
    with Watch() as watch:
        async with jobs.running(real_db, {}):

            async def five_are_done() -> bool:
                return [job.state for job in await all_jobs(GREET)].count(JobState.COMPLETED) >= 5

            await watch.until(five_are_done)
    for each in peers:
        each.stdin.write(b"enough\n")
    assert sum([int(await line_of(each)) for each in peers]) == 5
    assert [job.state for job in await all_jobs(GREET)].count(JobState.AVAILABLE) == 15


async def test_two_processes_share_the_work_and_do_nothing_twice(real_db: str) -> None:
    peers = [await peer(real_db, "share") for _ in range(2)]
    for each in peers:
        assert await line_of(each) == "ready"
    assert [(card.name, len(card.servers), card.limit) for card in await jobs.list_queues()] == [("default", 2, 6)]
    for start in range(0, 300, 20):
        await jobs.enqueue_many(WAIT, [{"n": n} for n in range(start, start + 20)])
    for each in peers:
        assert await line_of(each) == "taken"
    for each in peers:
        each.stdin.write(b"go on\n")
    with Watch() as watch:
        async with jobs.running(real_db, {}):
            await watch.until_all(JobState.COMPLETED, WAIT)
    for each in peers:
        each.stdin.write(b"enough\n")
    done = [int(await line_of(each)) for each in peers]
    assert [await asyncio.wait_for(each.wait(), 30) for each in peers] == [0, 0]
    assert sum(done) == 300
    assert min(done) > 0

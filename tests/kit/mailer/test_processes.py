"""No mail is lost with a process that is killed, and no two processes send the same one."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from myapp.kit import jobs, mailer
from myapp.kit.jobs import JobState
from myapp.kit.mailer import Smtp
from myapp.kit.repo import transaction
from tests import peers
from tests.factories import SYSTEM
from tests.factories.mails import let_time_pass, make_mail
from tests.kit.mailer.smtp import Inbox, smtp_server
from tests.peers import Peer
from tests.queue import Watch, all_jobs, forget_silent_producers, let_jobs_age, look_for_lost_ones

SENDER = "no-reply@example.org"


async def peer(database_url: str, smtp_url: str, command: str) -> Peer:
    return await peers.start("tests.kit.mailer.peer", database_url, smtp_url, command)


async def line_of(process: Peer) -> str:
    return (await asyncio.wait_for(process.stdout.readline(), 30)).decode().strip()


def tell(process: Peer, text: str) -> None:
    process.stdin.write(f"{text}\n".encode())


async def ended(process: Peer) -> int:
    return await asyncio.wait_for(process.wait(), 30)


@asynccontextmanager
async def serving(smtp_url: str, real_db: str) -> AsyncGenerator[Watch]:
    """The same in this process."""
    way = mailer.running(Smtp(smtp_url), sender=SENDER, site="https://example.org")
    with Watch() as watch:
        async with way, jobs.running(real_db, {"mailers": 3}):
            yield watch


async def test_a_process_killed_between_commit_and_delivery_loses_nothing(real_db: str) -> None:
    async with smtp_server() as inbox:
        assert await ended(await peer(real_db, inbox.url, "promise")) == -signal.SIGKILL
        assert inbox.greeted == 0
        async with serving(inbox.url, real_db) as watch:
            await watch.until_all(JobState.COMPLETED)
        assert inbox.subjects == ["Promised"]


async def test_a_process_killed_amid_a_delivery_loses_nothing(real_db: str) -> None:
    """It is tried again once its producer is known to be gone, and the mail's lease is over."""
    reached = asyncio.Event()

    async def never_answer() -> None:
        reached.set()
        await asyncio.Event().wait()

    async with transaction(SYSTEM):
        await mailer.enqueue(make_mail(subject="Promised"))
    async with smtp_server(Inbox(before_data=never_answer)) as silent:
        there = await peer(real_db, silent.url, "deliver")
        await asyncio.wait_for(reached.wait(), 30)
        there.kill()
        await ended(there)
    async with smtp_server() as inbox, serving(inbox.url, real_db) as watch:
        await forget_silent_producers(real_db)
        await let_jobs_age(seconds=140, also_running=True)
        await look_for_lost_ones()
        assert [job.state for job in await all_jobs()] == [JobState.EXECUTING], "who claimed it might still be at it"
        await let_jobs_age(seconds=20, also_running=True)
        await let_time_pass(seconds=150)
        await look_for_lost_ones()
        await watch.until_all(JobState.COMPLETED)
    assert inbox.subjects == ["Promised"]


async def test_two_processes_share_the_work_and_send_nothing_twice(real_db: str) -> None:
    subjects = [f"Mail {number:02}" for number in range(60)]
    under_way, both = 0, asyncio.Event()

    async def wait_for_both() -> None:
        """One process alone has no more than three under way."""
        nonlocal under_way
        under_way += 1
        if under_way > 3:
            both.set()
        try:
            await both.wait()
        finally:
            under_way -= 1

    async with smtp_server(Inbox(before_data=wait_for_both)) as inbox:
        peers = [await peer(real_db, inbox.url, "deliver") for _ in range(2)]
        for each in peers:
            assert await line_of(each) == "ready"
        for subject in subjects:
            async with transaction(SYSTEM):
                await mailer.enqueue(make_mail(subject=subject))
        with Watch() as watch:
            async with jobs.running(real_db, {}):
                found = await watch.until_all(JobState.COMPLETED)
        for each in peers:
            tell(each, "enough")
        for each in peers:
            assert await ended(each) == 0
    assert sorted(inbox.subjects) == subjects
    assert len({job.node for job in found}) == 2

"""Who is here, across processes that end, die, stop and lose each other, with PostgreSQL alone and with Redis."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from myapp.kit import presence, pubsub, scheduler
from myapp.kit.presence import _tracker
from tests import peers
from tests.kit.between import Between, between, redis_server
from tests.kit.presence_peer import QUICK, SWEEPING, TOPIC, seen, until_seen

__all__ = ["between", "redis_server"]  # fixtures

SOON = 20.0  # seconds that a process may take on a machine that runs four tests at once


class Peer:
    """Another process, that runs `tests/kit/presence_peer.py`."""

    def __init__(self, process: peers.Peer) -> None:
        self._process = process

    async def answers(self) -> str:
        return (await asyncio.wait_for(self._process.stdout.readline(), SOON)).decode().strip()

    def is_told(self, line: str) -> None:
        self._process.stdin.write(f"{line}\n".encode())

    async def sees(self, names: str) -> None:
        self.is_told(f"?{names}")
        assert await self.answers() == names

    async def dies(self) -> None:
        self._process.kill()
        await self._process.wait()

    def gets(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    async def ends(self) -> None:
        if self._process.returncode is None:
            self._process.stdin.close()
            await asyncio.wait_for(self._process.wait(), SOON)


@asynccontextmanager
async def peer(between: Between) -> AsyncGenerator[Peer]:
    there = Peer(await peers.start("tests.kit.presence_peer", *between.urls))
    try:
        assert await there.answers() == "ready"
        yield there
    finally:
        await there.ends()


@pytest.fixture
async def here(between: Between) -> AsyncGenerator[None]:
    async with pubsub.connected(*between.urls), presence.running(**QUICK), scheduler.running(SWEEPING):
        yield


async def sees(names: str) -> None:
    try:
        await asyncio.wait_for(until_seen(names), SOON)
    except TimeoutError:
        pytest.fail(f"sees {seen()!r} instead of {names!r}")


@pytest.mark.usefixtures("here")
async def test_two_processes_see_each_others_people(between: Between) -> None:
    before = presence.track(TOPIC, "before")
    async with peer(between) as there:
        there.is_told("+there")
        presence.track(TOPIC, "here")
        await there.sees("before here there")
        await sees("before here there")
        before.untrack()
        there.is_told("-there")
        await there.sees("here")
        await sees("here")


@pytest.mark.usefixtures("here")
async def test_the_people_of_a_process_that_is_killed_go_and_what_it_may_not_have_told_is_read(
    between: Between,
) -> None:
    presence.track(TOPIC, "here")
    async with peer(between) as there, peer(between) as elsewhere:
        there.is_told("+there")
        elsewhere.is_told("+elsewhere")
        await sees("elsewhere here there")
        with pubsub.mailbox("whatever") as box:
            await there.dies()
            await sees("elsewhere here")
            assert isinstance(await asyncio.wait_for(box.get(), SOON), pubsub.Resync)
        await elsewhere.sees("elsewhere here")


@pytest.mark.usefixtures("here")
async def test_the_people_of_a_process_that_ends_go_at_once(between: Between, caplog: pytest.LogCaptureFixture) -> None:
    async with peer(between) as there:
        there.is_told("+there")
        await sees("there")
    await sees("")
    assert "was silent" not in caplog.text


@pytest.mark.usefixtures("here")
async def test_a_process_that_was_stopped_comes_back_with_its_people_and_learns_what_it_missed(
    between: Between,
) -> None:
    presence.track(TOPIC, "leaves meanwhile").untrack()
    staying, leaving = presence.track(TOPIC, "stays"), presence.track(TOPIC, "leaves")
    async with peer(between) as there:
        there.is_told("+there")
        await there.sees("leaves stays there")
        there.gets(signal.SIGSTOP)
        await sees("leaves stays")
        leaving.untrack()
        presence.track(TOPIC, "comes")
        there.gets(signal.SIGCONT)
        await sees("comes stays there")
        await there.sees("comes stays there")
    staying.untrack()


@pytest.mark.usefixtures("here")
async def test_after_a_lost_connection_both_agree_again(between: Between) -> None:
    async with peer(between) as there:
        there.is_told("+there")
        await sees("there")
        await between.cut()
        presence.track(TOPIC, "here")
        there.is_told("-there")
        there.is_told("+again")
        await there.sees("again here")
        await sees("again here")


def test_by_itself_nobody_dead_is_seen_for_30_seconds() -> None:
    assert _tracker.SWEEP * 1.1 + _tracker.PATIENCE + _tracker.PERIOD < 30

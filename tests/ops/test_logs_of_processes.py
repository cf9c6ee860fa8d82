"""An operator finds a line in whichever process it was logged, and hears who did not answer: in real processes."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from myapp import ops
from myapp.kit import pubsub
from myapp.kit.clock import new_id, now
from myapp.kit.logs import Line, Ring, _setup
from myapp.kit.scope import Scope
from myapp.ops import LinesLogged, LogPage, exchange, news
from myapp.ops.exchange import exchanging, own_name
from myapp.ops.news import telling_news
from tests import peers
from tests.kit.between import Between, between, redis_server

__all__ = ["between", "redis_server"]  # fixtures

OPERATOR = Scope(new_id(), is_operator=True)
SOON = 30.0  # seconds that a process may take on a machine that runs four tests at once


@pytest.fixture
async def here(between: Between, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Ring]:
    monkeypatch.setattr(exchange, "PATIENCE", SOON)
    ring = Ring()
    monkeypatch.setattr(_setup, "ring", ring)
    async with pubsub.connected(*between.urls), exchanging(), telling_news():
        yield ring


@dataclass
class Peer:
    process: peers.Peer
    name: str

    async def logs(self, line: str) -> None:
        self.process.stdin.write(f"{line}\n".encode())
        assert await asyncio.wait_for(self.process.stdout.readline(), SOON) == b"done\n"

    async def ends(self) -> None:
        self.process.stdin.close()
        assert await asyncio.wait_for(self.process.wait(), SOON) == 0


@asynccontextmanager
async def peer(between: Between) -> AsyncGenerator[Peer]:
    """A process, once it is known here."""
    with pubsub.mailbox(exchange.TOPIC) as box:
        process = await peers.start("tests.ops.log_peer", *between.urls)
        try:
            name = (await asyncio.wait_for(process.stdout.readline(), SOON)).decode().strip()
            async with asyncio.timeout(SOON):
                while getattr(await box.get(), "asker", "") != name:
                    pass
            yield Peer(process, name)
        finally:
            process.kill()
            await process.wait()


def said(page: LogPage) -> list[tuple[str, str]]:
    return [(each.process, each.line.message) for each in page.lines]


async def test_errors_words_and_requests_are_found_in_every_process(between: Between, here: Ring) -> None:
    here.add(Line(now(), "error", "myapp.tea", "no cake here", {"request_id": "request-7"}, ""))
    async with peer(between) as first, peer(between) as second:
        await first.logs("info cake is up")
        await second.logs("error no cake there")
        page = await ops.list_errors(OPERATOR)
        assert said(page) == [(second.name, "no cake there"), (own_name(), "no cake here")]
        assert (page.processes, page.silent) == ((own_name(), *sorted((first.name, second.name))), ())
        assert said(await ops.list_log_lines(OPERATOR, words="CAKE IS")) == [(first.name, "cake is up")]
        assert said(await ops.list_log_lines(OPERATOR, request_id="request-7")) == [
            (own_name(), "no cake here"), (first.name, "cake is up"), (second.name, "no cake there"),
        ]  # fmt: skip
        assert len((await ops.list_log_lines(OPERATOR)).lines) == 3


async def test_one_that_does_not_answer_in_time_is_named_until_it_answers_again(
    between: Between, here: Ring, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with peer(between) as quick, peer(between) as stuck:
        await stuck.logs("error no cake there")
        stuck.process.send_signal(signal.SIGSTOP)
        monkeypatch.setattr(exchange, "PATIENCE", 3.0)
        page = await ops.list_errors(OPERATOR)
        assert (said(page), page.silent) == ([], (stuck.name,))
        monkeypatch.setattr(exchange, "PATIENCE", SOON)
        await quick.logs("error no milk")
        page = await ops.list_log_lines(OPERATOR, words="no")  # it is not waited for any more
        assert (said(page), page.silent) == ([(quick.name, "no milk")], (stuck.name,))

        with pubsub.mailbox(exchange.TOPIC) as box:
            stuck.process.send_signal(signal.SIGCONT)
            async with asyncio.timeout(SOON):
                while getattr(await box.get(), "process", "") != stuck.name:
                    pass
        page = await ops.list_log_lines(OPERATOR, words="cake")
        assert (said(page), page.silent) == ([(stuck.name, "no cake there")], ())


async def test_one_that_ended_is_not_waited_for_and_not_missed(between: Between, here: Ring) -> None:
    async with peer(between) as there:
        with pubsub.mailbox(exchange.TOPIC) as box:
            await there.ends()
            async with asyncio.timeout(SOON):
                while not isinstance(await box.get(), exchange.Left):
                    pass
        page = await ops.list_errors(OPERATOR)
        assert (page.processes, page.silent) == ((own_name(),), ())


async def test_who_looks_is_told_of_lines_elsewhere_and_whether_an_error_is_among_them(
    between: Between, here: Ring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(news, "EVERY", 0.01)
    async with peer(between) as there:
        with pubsub.mailbox(ops.LINES) as box:
            await ops.list_errors(OPERATOR)
            for level, has_errors in (("info", False), ("error", True)):
                await there.logs(f"{level} something")
                assert await asyncio.wait_for(box.get(), SOON) == LinesLogged(has_errors)

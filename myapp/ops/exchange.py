"""Figures of the last hour, of this process and of the others.

    async with exchanging():                        # in every process: it answers from now on
        figures = await gather("http")              # by process, this one first

Whoever looks asks by PubSub, and every process answers with what its telemetry has of that group of metrics; nobody
says a word while nobody asks.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import time
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass

from myapp.kit import pubsub
from myapp.ops.figures import Group, own_group, pack, unpack

TOPIC = "ops:figures"
PATIENCE = 0.5  # seconds that those are waited for who answered before, or who may be there
EVERY = 1.0  # seconds between two answers about one group
GONE = 15.0  # seconds without an answer, after which a process is not waited for

log = logging.getLogger(__name__)


@pubsub.event("ops.figures.asked")
@dataclass(frozen=True)
class FiguresAsked:
    """Somebody in the process `asker` looks at a group."""

    asker: str
    group: str


@pubsub.event("ops.figures.answered")
@dataclass(frozen=True)
class FiguresAnswered:
    """What a process has measured; `packed` is a compressed text."""

    process: str
    group: str
    packed: str


def own_name() -> str:
    """What this process is called among the others."""
    return f"{socket.gethostname()}:{os.getpid()}"


class _Exchange:
    """What this process answers, and what it has heard of others for those who look here."""

    def __init__(self) -> None:
        self.name = own_name()
        self._answered_at: dict[str, float] = {}
        self._there: dict[str, float] = {}
        self._rounds: dict[str, _Round] = {}

    def hear(self, _topic: str, event: object) -> None:
        if isinstance(event, FiguresAsked) and event.asker != self.name:
            self._answer(event.group)
        elif isinstance(event, FiguresAnswered) and event.process != self.name:
            self._there[event.process] = time.monotonic()
            under_way = self._rounds.get(event.group)
            if under_way is not None:
                under_way.take(event)

    def _answer(self, group: str) -> None:
        moment = time.monotonic()
        if moment - self._answered_at.get(group, -EVERY) >= EVERY:
            found = own_group(group)
            if found:
                self._answered_at[group] = moment
                pubsub.broadcast(TOPIC, FiguresAnswered(self.name, group, pack(found)))

    async def gather(self, group: str) -> dict[str, Group]:
        """By process; whoever asks for the same meanwhile waits for the same answers."""
        under_way = self._rounds.get(group)
        if under_way is None:
            since = time.monotonic() - GONE
            self._there = {name: at for name, at in self._there.items() if at >= since}
            under_way = self._rounds[group] = _Round(self._there)
            pubsub.broadcast(TOPIC, FiguresAsked(self.name, group))
            try:
                await under_way.wait()
            finally:
                del self._rounds[group]
                under_way.is_over.set()
        else:
            await under_way.is_over.wait()
        heard = {process: _read(packed) for process, packed in sorted(under_way.heard.items())}
        return {self.name: own_group(group), **heard}


class _Round:
    """One question, and the answers to it."""

    def __init__(self, expected: Collection[str]) -> None:
        self._expected = set(expected)
        self._all_are_there = asyncio.Event()
        self.heard: dict[str, str] = {}
        self.is_over = asyncio.Event()

    def take(self, answer: FiguresAnswered) -> None:
        self.heard[answer.process] = answer.packed
        if self._expected and self._expected <= self.heard.keys():
            self._all_are_there.set()

    async def wait(self) -> None:
        """Until everybody has answered; where nobody is known, somebody may be there all the same."""
        try:
            async with asyncio.timeout(PATIENCE):
                await self._all_are_there.wait()
        except TimeoutError:
            return


def _read(packed: str) -> Group:
    try:
        return unpack(packed)
    except ValueError:
        log.warning("what another process has measured was not understood; perhaps it is of another version")
        return {}


_exchange: _Exchange | None = None


@asynccontextmanager
async def exchanging() -> AsyncGenerator[None]:
    """Answer for this process until the end of the block."""
    global _exchange  # noqa: PLW0603 - the one place a process keeps it
    exchange = _exchange = _Exchange()
    subscription = pubsub.subscribe(TOPIC, exchange.hear)
    try:
        yield
    finally:
        subscription.cancel()
        _exchange = None


async def gather(group: str) -> dict[str, Group]:
    """What each process has measured of a group of metrics, this one first. Takes half a second at most."""
    if _exchange is None:
        return {own_name(): own_group(group)}
    return await _exchange.gather(group)

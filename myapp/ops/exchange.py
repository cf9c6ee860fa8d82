"""What every process knows for itself, for an operator who looks in one of them: figures of the last hour, and its log.

    async with exchanging():                        # in every process: it answers from now on
        figures = await gather("http")              # by process, this one first
        lines = await list_log_elsewhere(scope, request_id)

Whoever looks asks by PubSub, and every process that has something answers; nobody says a word while nobody asks.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import time
from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from myapp.kit import logs, pubsub
from myapp.kit.logs import Line
from myapp.kit.scope import Scope
from myapp.ops import policy
from myapp.ops.figures import Group, own_group, pack, unpack
from myapp.ops.log_lines import pack_lines, unpack_lines

TOPIC = "ops:exchange"
PATIENCE = 0.5  # seconds that those are waited for who answered before, or who may be there
EVERY = 1.0  # seconds between two answers about one group
LINES = 100  # of a request, from one process
GONE = 15.0  # seconds without an answer, after which a process is not waited for

log = logging.getLogger(__name__)


@pubsub.event("ops.asked")
@dataclass(frozen=True)
class Asked:
    """Somebody in the process `asker` wants to know something: `figures:<group>` or `log:<request>`."""

    asker: str
    question: str


@pubsub.event("ops.answered")
@dataclass(frozen=True)
class Answered:
    """What a process knows of it."""

    process: str
    question: str
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
        if isinstance(event, Asked) and event.asker != self.name:
            self._answer(event.question)
        elif isinstance(event, Answered) and event.process != self.name:
            self._there[event.process] = time.monotonic()
            under_way = self._rounds.get(event.question)
            if under_way is not None:
                under_way.take(event)

    def _answer(self, question: str) -> None:
        moment = time.monotonic()
        if moment - self._answered_at.get(question, -EVERY) >= EVERY:
            known = _known(question)
            if known:
                self._answered_at = {each: at for each, at in self._answered_at.items() if moment - at < EVERY}
                self._answered_at[question] = moment
                pubsub.broadcast(TOPIC, Answered(self.name, question, known))

    async def ask(self, question: str, *, all_answer: bool) -> dict[str, str]:
        """What others know, by process; whoever asks the same meanwhile waits for the same answers.

        Not `all_answer`: who knows nothing says nothing, so that it takes as long as may be.
        """
        under_way = self._rounds.get(question)
        if under_way is None:
            since = time.monotonic() - GONE
            self._there = {name: at for name, at in self._there.items() if at >= since}
            under_way = self._rounds[question] = _Round(self._there if all_answer else ())
            pubsub.broadcast(TOPIC, Asked(self.name, question))
            try:
                await under_way.wait()
            finally:
                del self._rounds[question]
                under_way.is_over.set()
        else:
            await under_way.is_over.wait()
        return dict(sorted(under_way.heard.items()))


class _Round:
    """One question, and the answers to it."""

    def __init__(self, expected: Collection[str]) -> None:
        self._expected = set(expected)
        self._all_are_there = asyncio.Event()
        self.heard: dict[str, str] = {}
        self.is_over = asyncio.Event()

    def take(self, answer: Answered) -> None:
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


def _known(question: str) -> str:
    """What this process knows of it, packed; nothing where it knows nothing."""
    kind, _, subject = question.partition(":")
    match kind:
        case "figures":
            found = own_group(subject)
            return pack(found) if found else ""
        case "log":
            return pack_lines(logs.of_request(subject)[-LINES:])
        case _:
            return ""  # of a newer version


def _unpacked[T](answers: Mapping[str, str], unpack: Callable[[str], T]) -> dict[str, T]:
    """By process, without those that cannot be read."""
    found: dict[str, T] = {}
    for process, packed in answers.items():
        try:
            found[process] = unpack(packed)
        except ValueError:
            log.warning("what the process %s said was not understood; perhaps it is of another version", process)
    return found


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
    answers = await _exchange.ask(f"figures:{group}", all_answer=True) if _exchange else {}
    return {own_name(): own_group(group), **_unpacked(answers, unpack)}


async def list_log_elsewhere(scope: Scope, request_id: str) -> dict[str, list[Line]]:
    """What other processes have logged in a request, event or job, by process. Takes half a second.

    Raises Forbidden, Unauthenticated.
    """
    policy.authorise(scope, "see_operations")
    answers = await _exchange.ask(f"log:{request_id}", all_answer=False) if _exchange else {}
    return _unpacked(answers, unpack_lines)

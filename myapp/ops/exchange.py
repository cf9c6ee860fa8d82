"""What every process knows for itself, for an operator who looks in one of them: figures of the last hour, and its log.

    async with exchanging():                        # in every process: it answers from now on
        figures, silent = await gather("http")      # by process, this one first
        answers = await ask("errors:")              # what the others say, and who of them did not answer in time

Whoever looks asks by PubSub, and every process answers; nobody says a word while nobody asks. Processes know of each
other as each greets the others when it starts, and says so when it leaves.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import NamedTuple, NoReturn

from myapp.kit import pubsub, supervisor
from myapp.kit.pubsub import Resync
from myapp.kit.supervisor import NoSuchChild, beside
from myapp.ops import own
from myapp.ops.figures import Group, own_group, unpack

TOPIC = "ops:exchange"
PATIENCE = 0.5  # seconds that those are waited for who answered before
EVERY = 1.0  # seconds between two answers to one question, within which the first is good enough
REMEMBERED = 3600.0  # seconds that a process which does not answer is still named
GREETING = "who:"

log = logging.getLogger(__name__)


@pubsub.event("ops.asked", is_kept=False)
@dataclass(frozen=True)
class Asked:
    """Somebody in the process `asker` wants to know something: `figures:<group>`, `log:<request>`, `words:<words>`,
    `errors_on:<day>`, `periodic:`; or of one process, `running:<process>`, `stores:<process>`, `database:<process>`.
    """

    asker: str
    question: str


@pubsub.event("ops.answered", is_kept=False)
@dataclass(frozen=True)
class Answered:
    """What a process knows of it."""

    process: str
    question: str
    packed: str


@pubsub.event("ops.left", is_kept=False)
@dataclass(frozen=True)
class Left:
    """A process has ended, and is not to be waited for."""

    process: str


@pubsub.event("ops.kill.ordered", is_kept=False)
@dataclass(frozen=True)
class KillOrdered:
    """An operator kills a child of another process. Whoever sends it has asked for their right, and noted it."""

    process: str
    path: str


class Answers(NamedTuple):
    """What the others said, by process; `silent` are those that are known and did not answer in time."""

    said: dict[str, str]
    silent: tuple[str, ...]


def own_name() -> str:
    """What this process is called among the others."""
    return f"{socket.gethostname()}:{os.getpid()}"


class _Exchange:
    """What this process answers, and what it has heard of others for those who look here."""

    def __init__(self) -> None:
        self.name = own_name()
        self._others: dict[str, float | None] = {}
        """The processes there are; each with the moment since when it does not answer, if it does not."""
        self._answered_at: dict[str, float] = {}
        self._heard: dict[tuple[str, str], tuple[float, str]] = {}
        self._rounds: dict[str, _Round] = {}
        self._looks = asyncio.Queue[str]()

    def hear(self, _topic: str, event: object) -> None:
        match event:
            case Asked(asker, question) if asker != self.name:
                self._others[asker] = None
                self._answer(question)
            case Answered(process, question, packed) if process != self.name:
                self._others[process] = None
                self._take(process, question, packed)
            case Left(process):
                self._others.pop(process, None)
                for under_way in self._rounds.values():
                    under_way.expect_no_more(process)
            case KillOrdered(process, path) if process == self.name:
                _kill(path)
            case Resync():
                self.greet()
            case _:
                pass

    def greet(self) -> None:
        """Those who hear it say that they are there."""
        pubsub.broadcast(TOPIC, Asked(self.name, GREETING))

    def _answer(self, question: str) -> None:
        moment = time.monotonic()
        if moment - self._answered_at.get(question, -EVERY) >= EVERY:
            kind, _, subject = question.partition(":")
            known = own.known(question)
            if known or (kind in own.LOOKS and subject == self.name):
                self._answered_at = {each: at for each, at in self._answered_at.items() if moment - at < EVERY}
                self._answered_at[question] = moment
                if known:
                    pubsub.broadcast(TOPIC, Answered(self.name, question, known))
                else:
                    self._looks.put_nowait(question)

    async def look(self) -> NoReturn:
        """Answer what takes a while."""
        while True:
            question = await self._looks.get()
            try:
                pubsub.broadcast(TOPIC, Answered(self.name, question, await own.LOOKS[question.partition(":")[0]]()))
            except Exception:
                log.exception("the question %s was not answered", question)

    def _take(self, process: str, question: str, packed: str) -> None:
        """Kept for a moment, as who asks the same will not be answered again so soon."""
        moment = time.monotonic()
        self._heard = {each: heard for each, heard in self._heard.items() if moment - heard[0] < EVERY}
        self._heard[process, question] = moment, packed
        under_way = self._rounds.get(question)
        if under_way is not None:
            under_way.take(process, packed)

    async def ask(self, question: str, patience: float, whom: str = "") -> Answers:
        """What others know, or one of them; whoever asks the same meanwhile waits for the same answers."""
        under_way = self._rounds.get(question)
        if under_way is not None:
            await under_way.is_over.wait()
        else:
            under_way = self._rounds[question] = _Round(
                {whom} if whom else self._expected(), self._just_heard(question)
            )
            try:
                if not under_way.has_all:
                    pubsub.broadcast(TOPIC, Asked(self.name, question))
                await under_way.wait(patience)
            finally:
                del self._rounds[question]
                under_way.is_over.set()
            for process in under_way.expected & self._others.keys():
                self._others[process] = time.monotonic()
        silent = sorted(name for name, since in self._others.items() if since is not None)
        return Answers(dict(sorted(under_way.heard.items())), tuple(silent))

    def _expected(self) -> set[str]:
        """Those who answered what they were asked before."""
        oldest = time.monotonic() - REMEMBERED
        self._others = {name: since for name, since in self._others.items() if since is None or since > oldest}
        return {name for name, since in self._others.items() if since is None}

    def _just_heard(self, question: str) -> dict[str, str]:
        oldest = time.monotonic() - EVERY
        return {
            process: packed
            for (process, about), (at, packed) in self._heard.items()
            if about == question and at > oldest and process in self._others
        }


class _Round:
    """One question, and the answers to it."""

    def __init__(self, expected: set[str], heard: dict[str, str]) -> None:
        self.expected = expected - heard.keys()
        """Those who have not answered."""
        self.heard = heard
        self.has_all = bool(heard) and not self.expected
        self._all_are_there = asyncio.Event()
        self.is_over = asyncio.Event()

    def take(self, process: str, packed: str) -> None:
        self.heard[process] = packed
        self.expect_no_more(process)

    def expect_no_more(self, process: str) -> None:
        self.expected.discard(process)
        if not self.expected:
            self._all_are_there.set()

    async def wait(self, patience: float) -> None:
        """Until everybody who is known has answered, but not for ever."""
        if self.expected:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._all_are_there.wait(), patience)


def _kill(path: str) -> None:
    log.warning("an operator kills %s from another process", path)
    try:
        supervisor.root().kill(path)
    except (NoSuchChild, RuntimeError) as error:
        log.warning("%s was not killed: %r", path, error)


def unpacked[T](said: Mapping[str, str], unpack: Callable[[str], T]) -> dict[str, T]:
    """By process, without what cannot be read."""
    found: dict[str, T] = {}
    for process, packed in said.items():
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
    exchange.greet()
    try:
        async with beside(exchange.look()):
            yield
    finally:
        subscription.cancel()
        _exchange = None
        with suppress(RuntimeError):  # PubSub may have crashed
            pubsub.broadcast(TOPIC, Left(exchange.name))


async def ask(question: str, *, patience: float | None = None) -> Answers:
    """What the other processes know of it. Takes half a second at most, or as long as is said, and no longer than they
    do.
    """
    waits = PATIENCE if patience is None else patience
    return await _exchange.ask(question, waits) if _exchange else Answers({}, ())


async def ask_one[T](process: str, kind: str, unpack: Callable[[str], T], *, patience: float) -> T | None:
    """What another process says of itself; None if it does not in time, or cannot be understood."""
    if _exchange is None:
        return None
    answers = await _exchange.ask(f"{kind}:{process}", patience, process)
    return unpacked(answers.said, unpack).get(process)


async def gather(group: str) -> tuple[dict[str, Group], tuple[str, ...]]:
    """What each process has measured of a group of metrics, this one first; and who did not answer in time.

    Takes half a second at most.
    """
    answers = await ask(f"figures:{group}")
    return {own_name(): own_group(group), **unpacked(answers.said, unpack)}, answers.silent

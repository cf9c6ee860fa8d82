"""The processes of the site, each as it says of itself when it is asked.

    async with answering("web"):            # in every process: it answers from now on
        nodes = await list_nodes(scope)

Whoever looks asks by PubSub, and every process answers with one small event, at most once a second; nobody says a word
while nobody asks. One that has not answered for a while is gone. What is new to this process comes with the next call.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import psutil

from myapp.kit import pubsub
from myapp.kit.clock import now
from myapp.kit.scope import Scope
from myapp.ops import policy
from myapp.ops.exchange import exchanging, own_name
from myapp.ops.metrics import latest
from myapp.ops.news import telling_news

TOPIC = "ops:nodes"
EVERY = 1.0  # seconds between two answers
GONE = 15.0  # seconds without an answer


@pubsub.event("ops.nodes.asked")
@dataclass(frozen=True)
class NodesAsked:
    """Somebody wants to know which processes there are."""


@pubsub.event("ops.nodes.answered")
@dataclass(frozen=True)
class Node:
    """A process: where and since when it runs, what it holds, and who is connected to it.

    Sizes are bytes, `cpu` a share of one core, `lag` seconds; None is not measured yet.
    """

    name: str
    mode: str
    started_at: datetime
    memory: int
    cpu: float | None
    lag: float | None
    tasks: int
    tabs: float | None
    sockets: float | None
    joined: float | None
    present: float | None


class _Answers:
    """What this process says of itself, and what it has heard of others."""

    def __init__(self, mode: str) -> None:
        self._mode = mode
        self._name = own_name()
        self._process = psutil.Process()
        self._started_at = now()
        self._said_at = time.monotonic() - EVERY
        self._heard: dict[str, tuple[float, Node]] = {}

    def hear(self, _topic: str, event: object) -> None:
        if isinstance(event, NodesAsked) and time.monotonic() - self._said_at >= EVERY:
            self._said_at = time.monotonic()
            pubsub.broadcast(TOPIC, self.own())
        elif isinstance(event, Node) and event.name != self._name:
            self._heard[event.name] = (time.monotonic(), event)

    def own(self) -> Node:
        return Node(
            name=self._name,
            mode=self._mode,
            started_at=self._started_at,
            memory=self._process.memory_info().rss,
            cpu=latest("process.cpu.share"),
            lag=latest("process.loop.lag"),
            tasks=len(asyncio.all_tasks()),
            tabs=latest("live.tabs.connected"),
            sockets=latest("channel.sockets.connections"),
            joined=latest("channel.sockets.joined"),
            present=latest("presence.state.here"),
        )

    def all(self) -> list[Node]:
        since = time.monotonic() - GONE
        self._heard = {name: each for name, each in self._heard.items() if each[0] >= since}
        return [self.own(), *sorted((node for _, node in self._heard.values()), key=lambda node: node.name)]


_answers: _Answers | None = None


@asynccontextmanager
async def answering(mode: str) -> AsyncGenerator[None]:
    """Answer for this process until the end of the block; `mode` is what it is for."""
    global _answers  # noqa: PLW0603 - the one place a process keeps it
    answers = _answers = _Answers(mode)
    subscription = pubsub.subscribe(TOPIC, answers.hear)
    try:
        async with exchanging(), telling_news():
            yield
    finally:
        subscription.cancel()
        _answers = None


async def list_nodes(scope: Scope) -> list[Node]:
    """The processes there are, this one first. Raises Forbidden, Unauthenticated."""
    policy.authorise(scope, "see_operations")
    if _answers is None:
        raise RuntimeError("this process does not answer: application.py starts that")
    pubsub.broadcast(TOPIC, NodesAsked())
    return _answers.all()

"""Tells open pages that there is something new to read: deeds in the audit trail, lines in the log of this process.

    async with telling_news(): ...              # in every process
    follow(self, DEEDS, AuditState.changed)     # a page

What always holds: at most one telling a second of each, and none of lines while nobody follows them. Who is told reads
again; nothing of what happened travels.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from myapp.kit import logs, pubsub, telemetry

DEEDS, LINES = "ops:deeds", "ops:lines"
EVERY = 1.0  # seconds


@pubsub.event("ops.deeds.recorded")
@dataclass(frozen=True)
class DeedsRecorded:
    """There are new rows in the audit trail. On `DEEDS`."""


@pubsub.event("ops.lines.logged")
@dataclass(frozen=True)
class LinesLogged:
    """There are new lines in the log of this process, which alone is told. On `LINES`."""


class _Teller:
    """Tells once, however often it is asked to within a second. May be asked from any thread."""

    def __init__(self, tell: Callable[[], None]) -> None:
        self._tell = tell
        self._loop = asyncio.get_running_loop()
        self._is_planned = False
        self._timer: asyncio.TimerHandle | None = None

    def soon(self) -> None:
        if not self._is_planned:
            self._is_planned = True
            self._loop.call_soon_threadsafe(self._plan)

    def stop(self) -> None:
        self._is_planned = True
        if self._timer is not None:
            self._timer.cancel()

    def _plan(self) -> None:
        self._timer = self._loop.call_later(EVERY, self._now)

    def _now(self) -> None:
        self._is_planned = False
        with suppress(RuntimeError):  # while PubSub is started anew nobody can be told
            self._tell()


@asynccontextmanager
async def telling_news() -> AsyncGenerator[None]:
    """Tell until the end of the block."""
    deeds = _Teller(lambda: pubsub.broadcast(DEEDS, DeedsRecorded()))
    lines = _Teller(lambda: pubsub.local_broadcast(LINES, LinesLogged()))

    def done(*_: object) -> None:
        deeds.soon()

    def logged() -> None:
        with suppress(RuntimeError):
            if pubsub.is_subscribed(LINES):
                lines.soon()

    try:
        with telemetry.attached("operations: deeds", ["audit.deed"], done), logs.watched(logged):
            yield
    finally:
        deeds.stop()
        lines.stop()

"""Tells open pages that there is something new to read: deeds in the audit trail, lines in the log of any process.

    async with telling_news(): ...              # in every process
    follow(self, DEEDS, AuditState.changed)     # a page

What always holds: at most one telling a second of each, and none of lines while nobody follows them: a process tells
the others of its lines for a minute after one of them has said that somebody looks there. Who is told reads again;
nothing of what happened travels. What a reading of the log logs itself is no news, or each would be the reason of the
next.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from myapp.kit import logs, pubsub, telemetry
from myapp.kit.logs import Line
from myapp.kit.supervisor import beside

DEEDS, LINES = "ops:deeds", "ops:lines"
BETWEEN = "ops:lines:between"
EVERY = 1.0  # seconds
WANTED_FOR = 60.0  # seconds that a process tells others of its lines, once it was asked to
RENEWED = 20.0  # seconds after which it is asked again, where somebody still looks
_READINGS = 200

_readings = deque[str](maxlen=_READINGS)
"""The events in which the log was read lately."""


@pubsub.event("ops.deeds.recorded")
@dataclass(frozen=True)
class DeedsRecorded:
    """There are new rows in the audit trail. On `DEEDS`."""


@pubsub.event("ops.lines.logged", is_kept=False)
@dataclass(frozen=True)
class LinesLogged:
    """There are new lines in a log. On `LINES`, within each process, and on `BETWEEN`."""

    has_errors: bool = True


@pubsub.event("ops.lines.wanted", is_kept=False)
@dataclass(frozen=True)
class LinesWanted:
    """Somebody looks at the log in another process. On `BETWEEN`."""


class _Teller:
    """Tells once, however often it is asked to within a second, unless all of it came of reading the log. May be asked
    from any thread.
    """

    def __init__(self, tell: Callable[[bool], None]) -> None:
        self._tell = tell
        self._loop = asyncio.get_running_loop()
        self._is_planned = False
        self._has_errors = False
        self._requests: set[str] = set()
        self._timer: asyncio.TimerHandle | None = None

    def soon(self, request_id: str = "", *, has_errors: bool = False) -> None:
        """For what came of this request, or of something else."""
        self._has_errors = self._has_errors or has_errors
        self._requests.add(request_id)
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
        """Only now it is known which requests have read the log: a line may come before the reading."""
        self._is_planned = False
        has_errors, self._has_errors = self._has_errors, False
        requests, self._requests = self._requests, set()
        if has_errors or not requests.issubset(_readings):
            with suppress(RuntimeError):  # while PubSub is started anew nobody can be told
                self._tell(has_errors)


class _Lines:
    """Who is told of the lines of this process, and of those of others."""

    def __init__(self) -> None:
        self._between = pubsub.subscribe(BETWEEN, self._hear)
        self._here = _Teller(lambda has_errors: pubsub.local_broadcast(LINES, LinesLogged(has_errors)))
        self._others = _Teller(lambda has_errors: self._say(LinesLogged(has_errors)))
        self._wanted_until = 0.0

    def logged(self, line: Line) -> None:
        """In whichever thread."""
        if _is_followed():
            self._here.soon(line.request_id, has_errors=line.is_error)
        if time.monotonic() < self._wanted_until:
            self._others.soon(line.request_id, has_errors=line.is_error)

    def want(self) -> None:
        """Those of the others are to be told here, too."""
        with suppress(RuntimeError):
            self._say(LinesWanted())

    async def keep_wanting(self) -> None:
        """For as long as somebody looks; a process that was started meanwhile hears of it like this."""
        while True:
            await asyncio.sleep(RENEWED)
            if _is_followed():
                self.want()

    def stop(self) -> None:
        self._between.cancel()
        self._here.stop()
        self._others.stop()

    def _say(self, event: LinesLogged | LinesWanted) -> None:
        pubsub.broadcast_from(self._between, BETWEEN, event)

    def _hear(self, _topic: str, event: object) -> None:
        match event:
            case LinesWanted():
                self._wanted_until = time.monotonic() + WANTED_FOR
            case LinesLogged(has_errors) if _is_followed():
                self._here.soon(has_errors=has_errors)
            case _:
                pass


def _is_followed() -> bool:
    """Whether somebody looks at the log in this process."""
    with suppress(RuntimeError):
        return pubsub.is_subscribed(LINES)
    return False


_lines: _Lines | None = None


@asynccontextmanager
async def telling_news() -> AsyncGenerator[None]:
    """Tell until the end of the block."""
    global _lines  # noqa: PLW0603 - the one place a process keeps it
    deeds = _Teller(lambda _: pubsub.broadcast(DEEDS, DeedsRecorded()))
    lines = _lines = _Lines()

    def done(*_: object) -> None:
        deeds.soon()

    try:
        with telemetry.attached("operations: deeds", ["audit.deed"], done), logs.watched(lines.logged):
            async with beside(lines.keep_wanting()):
                yield
    finally:
        _lines = None
        deeds.stop()
        lines.stop()


def looks_at_the_log() -> None:
    """The event at hand reads the log: what it logs is no news, and other processes are to tell of their lines."""
    _readings.append(logs.request_id())
    if _lines is not None:
        _lines.want()

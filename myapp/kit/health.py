"""Whether this process can do its work: checks by name, asked by `/health`.

    health.register("database", answers(url))
    report = await health.report()
    report.is_ok, report.reason             # False, "database_unavailable"

What always holds: a check has `TIMEOUT` seconds and no effect on the others; all of them run at the same time, and once
in `KEPT` seconds at most, however many ask; whoever asks is told what a check is called and never what it said, which
is for the log.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from myapp.kit import lifetime

log = logging.getLogger(__name__)

TIMEOUT = 2.0
KEPT = 1.0

type Check = Callable[[], Awaitable[None]]
"""Comes back when all is well, and raises when it is not; `NotOk` to say why in a word."""


class NotOk(Exception):
    """Not well, for a reason that a program can act on, such as `migrations_pending`."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one check said."""

    name: str
    reason: str = ""
    milliseconds: float = 0.0

    @property
    def is_ok(self) -> bool:
        return not self.reason


@dataclass(frozen=True, slots=True)
class Report:
    """What all of them said."""

    outcomes: tuple[Outcome, ...]

    @property
    def is_ok(self) -> bool:
        return not self.reason

    @property
    def reason(self) -> str:
        """Of the first that is not well, in the order in which they were registered."""
        return next((outcome.reason for outcome in self.outcomes if not outcome.is_ok), "")


class Health:
    """The checks of a process."""

    def __init__(self) -> None:
        self._checks: dict[str, Check] = {}
        self._asked: asyncio.Task[Report] | None = None
        self._asked_at = 0.0
        self._ill: dict[str, str] = {}
        """What is not well, by name, so that the log is told of changes alone: a balancer asks all the time."""

    def register(self, name: str, check: Check) -> Callable[[], None]:
        """Ask this, too; what comes back, when called, takes it away again. A name that is taken is replaced."""
        self._checks[name] = check
        self._asked = None

        def forget() -> None:
            if self._checks.get(name) is check:
                del self._checks[name]
                self._asked = None

        return forget

    async def report(self) -> Report:
        """How it is now, or was a moment ago."""
        if self._asked is None or (self._asked.done() and time.monotonic() - self._asked_at > KEPT):
            self._asked_at = time.monotonic()
            self._asked = asyncio.create_task(self._ask(), name="health")
        return await asyncio.shield(self._asked)

    async def _ask(self) -> Report:
        checks = list(self._checks.items())
        return Report(tuple(await asyncio.gather(*(self._outcome(name, check) for name, check in checks))))

    async def _outcome(self, name: str, check: Check) -> Outcome:
        started = time.perf_counter()
        reason = ""
        try:
            async with asyncio.timeout(TIMEOUT):
                await check()
        except NotOk as error:
            reason = str(error)
            if self._is_news(name, reason):
                log.warning("the check of %s says %s", name, reason)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is not well
            reason = f"{name}_unavailable"
            if self._is_news(name, type(error).__name__):
                log.warning("the check of %s failed", name, exc_info=True)
        else:
            if self._ill.pop(name, ""):
                log.info("the check of %s is well again", name)
        return Outcome(name, reason, (time.perf_counter() - started) * 1000)

    def _is_news(self, name: str, what: str) -> bool:
        was, self._ill[name] = self._ill.get(name), what
        return was != what


_health = Health()


def register(name: str, check: Check) -> Callable[[], None]:
    """Have this process asked this, too; call what comes back to take it away again."""
    return _health.register(name, check)


async def report() -> Report:
    """How this process is. One that is about to end is well, but not to be sent work."""
    if lifetime.is_stopping():
        return Report((Outcome("process", "stopping"),))
    return await _health.report()

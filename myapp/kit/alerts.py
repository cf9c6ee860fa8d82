"""What those who run the site are to know at once: raised where it happens, delivered in a mail or two, not in a storm.

    raise_alert("failed_job", "The job 'publish due posts' failed.", job="publish due posts")

What always holds: raising one costs nothing worth mentioning, waits for nothing and never fails; of each kind one is
delivered in `EVERY` seconds (in all processes, where Redis counts for them), and the next says how many there were
meanwhile. One whose delivery fails, as PostgreSQL is away for a moment, is tried again for more than an hour, and has
its turn meanwhile. Each is in the log, whether it is delivered or not. What delivers is handed in (`running`): nobody's
address is known here.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace

from myapp.kit import logs, rate_limit
from myapp.kit.errors import RateLimited
from myapp.kit.rate_limit import Limit
from myapp.kit.supervisor import beside

log = logging.getLogger(__name__)

EVERY = 900
TRIES = 20
_KINDS = 100  # that may wait at once


@dataclass(frozen=True, slots=True)
class Alert:
    """`kind` is a stable name, `what` a sentence without secrets, `details` what helps to look into it."""

    kind: str
    what: str
    details: Mapping[str, str]
    since_last: int = 0
    """How many of the kind were not delivered since the last that was."""


type Deliver = Callable[[Alert], Awaitable[None]]
type Pause = Callable[[int], float]
"""Seconds to wait after so many deliveries of the same alert that failed."""


def pause_after(failures: int) -> float:
    """5 s, then twice as long each time up to 5 minutes: 20 deliveries take an hour and a quarter."""
    return min(5.0 * 2 ** (failures - 1), 300.0)


@dataclass(slots=True)
class _Waiting:
    alert: Alert
    due: float = 0.0
    """By the clock of the event loop."""
    failures: int = 0


class Alerts:
    """Those that wait to be delivered, one of each kind."""

    def __init__(self, deliver: Deliver, *, every: int = EVERY, pause: Pause = pause_after) -> None:
        self._deliver = deliver
        self._limit = Limit("alert", 1, every)
        self._pause = pause
        self._waiting: dict[str, _Waiting] = {}
        self._held_back = Counter[str]()
        self._is_new = asyncio.Event()

    def put(self, alert: Alert) -> None:
        """Deliver it as soon as may be."""
        if alert.kind in self._waiting or len(self._waiting) >= _KINDS:
            self._held_back[alert.kind] += 1
            return
        self._waiting[alert.kind] = _Waiting(alert)
        self._is_new.set()

    async def work(self) -> None:
        """Deliver them, until cancelled."""
        while True:
            self._is_new.clear()
            moment = asyncio.get_running_loop().time()
            for each in [each for each in self._waiting.values() if each.due <= moment]:
                await self._try(each)
            if not self._is_new.is_set():
                await self._wait()

    async def _wait(self) -> None:
        """Until there is a new one, or one is due again."""
        with suppress(TimeoutError):
            async with asyncio.timeout_at(min((each.due for each in self._waiting.values()), default=None)):
                await self._is_new.wait()

    async def _try(self, waiting: _Waiting) -> None:
        alert = waiting.alert
        logs.begin(alert=alert.kind)
        if not await self._may(waiting):
            self._held_back[alert.kind] += 1
            del self._waiting[alert.kind]
            return
        count = self._held_back[alert.kind]
        try:
            await self._deliver(replace(alert, since_last=count))
        except Exception:
            log.exception("an alert could not be delivered, and %s: %s", self._put_off(waiting), alert.what)
        else:
            self._held_back[alert.kind] -= count  # there may be more since
            del self._waiting[alert.kind]

    async def _may(self, waiting: _Waiting) -> bool:
        """Whether its kind has its turn. One that is tried again has had it."""
        if waiting.failures:
            return True
        try:
            await rate_limit.spend(self._limit, waiting.alert.kind)
        except RateLimited:
            return False
        return True

    def _put_off(self, waiting: _Waiting) -> str:
        """Try it again in a while, or give it up; which of them, in words."""
        waiting.failures += 1
        if waiting.failures < TRIES:
            pause = self._pause(waiting.failures)
            waiting.due = asyncio.get_running_loop().time() + pause
            return f"is tried again in {pause:.0f} s"
        self._held_back[waiting.alert.kind] += 1
        del self._waiting[waiting.alert.kind]
        return "is given up"


_alerts: Alerts | None = None


@asynccontextmanager
async def running(deliver: Deliver, *, every: int = EVERY, pause: Pause = pause_after) -> AsyncGenerator[None]:
    """Deliver what is raised until the end of the block."""
    global _alerts  # noqa: PLW0603 - the one place a process keeps them
    _alerts = alerts = Alerts(deliver, every=every, pause=pause)
    try:
        async with beside(alerts.work()):
            yield
    finally:
        _alerts = None


def raise_alert(kind: str, what: str, **details: object) -> None:
    """Tell those who run the site. Where nobody delivers it, as in a command, it is in the log only."""
    shown = {name: str(logs.value_without_secrets(each, name)) for name, each in details.items()}
    log.warning("alert: %s", what, extra={"kind": kind, **{f"alert_{name}": each for name, each in shown.items()}})
    if _alerts is not None:
        _alerts.put(Alert(kind, logs.without_secrets(what), {**shown, **logs.current()}))

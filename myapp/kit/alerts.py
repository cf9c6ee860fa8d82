"""What those who run the site are to know at once: raised where it happens, delivered in a mail or two, not in a storm.

    raise_alert("failed_job", "The job 'publish due posts' failed.", job="publish due posts")

What always holds: raising one costs nothing worth mentioning, waits for nothing and never fails; of each kind one is
delivered in `EVERY` seconds (in all processes, where Redis counts for them), and the next says how many there were
meanwhile. Each is in the log, whether it is delivered or not. What delivers is handed in (`running`): nobody's address
is known here.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from myapp.kit import logs, rate_limit
from myapp.kit.errors import RateLimited
from myapp.kit.rate_limit import Limit
from myapp.kit.supervisor import beside

log = logging.getLogger(__name__)

EVERY = 900
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


class Alerts:
    """Those that wait to be delivered, one of each kind."""

    def __init__(self, deliver: Deliver, *, every: int = EVERY) -> None:
        self._deliver = deliver
        self._limit = Limit("alert", 1, every)
        self._waiting: dict[str, Alert] = {}
        self._held_back = Counter[str]()
        self._there_is_one = asyncio.Event()

    def put(self, alert: Alert) -> None:
        """Deliver it as soon as may be."""
        if alert.kind in self._waiting or len(self._waiting) >= _KINDS:
            self._held_back[alert.kind] += 1
            return
        self._waiting[alert.kind] = alert
        self._there_is_one.set()

    async def work(self) -> None:
        """Deliver them, until cancelled."""
        while True:
            await self._there_is_one.wait()
            self._there_is_one.clear()
            while self._waiting:
                alert = self._waiting.pop(next(iter(self._waiting)))  # the one that has waited longest
                await self._try(alert)

    async def _try(self, alert: Alert) -> None:
        logs.begin(alert=alert.kind)
        try:
            await rate_limit.spend(self._limit, alert.kind)
        except RateLimited:
            self._held_back[alert.kind] += 1
            return
        count = self._held_back.pop(alert.kind, 0)
        try:
            await self._deliver(replace(alert, since_last=count))
        except Exception:
            log.exception("an alert could not be delivered: %s", alert.what)
            self._held_back[alert.kind] += count + 1


_alerts: Alerts | None = None


@asynccontextmanager
async def running(deliver: Deliver, *, every: int = EVERY) -> AsyncGenerator[None]:
    """Deliver what is raised until the end of the block."""
    global _alerts  # noqa: PLW0603 - the one place a process keeps them
    _alerts = alerts = Alerts(deliver, every=every)
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

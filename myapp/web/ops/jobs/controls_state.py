"""The queue or the worker that the address names, and what operators do with it."""

from __future__ import annotations

from typing import Any, cast

import reflex as rx

from myapp import ops
from myapp.kit.i18n import gettext as _
from myapp.kit.jobs import Rate
from myapp.ops import QueueDeed
from myapp.web.events import event, server_event
from myapp.web.session import query, scope_of
from myapp.web.shell import flash, push

_MINUTE = "60"  # seconds, where nobody has said in how many


class QueueState(rx.State):
    """A queue."""

    queue: str = ""
    limit: int = 0
    processes: int = 0
    is_paused: bool = False
    rate_count: str = ""
    """Empty: none."""
    rate_seconds: str = _MINUTE

    @server_event
    async def load(self) -> None:
        """Read the one that the address names."""
        named, scope = query(self).get("of_queue", ""), await scope_of(self)
        ops.authorise(scope, "see_operations")
        self.queue = ""
        for card in await ops.list_queues(scope) if named else ():
            if card.name == named:
                self.queue, self.processes = named, len(card.servers)
                self.limit = max((server.limit for server in card.servers), default=10)
                self.is_paused = card.is_paused
                self.rate_count = str(card.rate.count) if card.rate else ""
                self.rate_seconds = f"{card.rate.seconds:g}" if card.rate else _MINUTE

    @event
    async def pause(self) -> Any:
        """Let no more of its jobs begin."""
        return await self._do("pause", _("%(queue)s is paused."))

    @event
    async def resume(self) -> Any:
        """Go on."""
        return await self._do("resume", _("%(queue)s goes on."))

    @event
    async def stop(self) -> Any:
        """Serve it no more."""
        return await self._do("stop", _("%(queue)s is not served any more."))

    async def _do(self, deed: QueueDeed, done: str) -> Any:
        await ops.do_with_queue(await scope_of(self), deed, self.queue)
        return [push("close_dialog"), flash(done % {"queue": self.queue})]

    @event
    async def scale(self, form: dict[str, Any]) -> Any:
        """Run so many at a time in each process."""
        limit = _number(_said(form, "limit"))
        await ops.scale_queue(await scope_of(self), self.queue, limit)
        done = _("%(queue)s runs %(limit)s at a time in each process.")
        return [push("close_dialog"), flash(done % {"queue": self.queue, "limit": limit})]

    @event
    async def limit_rate(self, form: dict[str, Any]) -> Any:
        """Let so many begin in so many seconds, or as many as like where no number is given."""
        count = _said(form, "jobs")
        rate = Rate(_number(count), _number(_said(form, "seconds"))) if count else None
        await ops.limit_queue(await scope_of(self), self.queue, rate)
        held = _("%(queue)s begins %(jobs)s jobs in %(seconds)s seconds at most.")
        done = held if rate else _("%(queue)s begins its jobs as often as they come.")
        about = {"queue": self.queue, "jobs": rate.count if rate else 0, "seconds": f"{rate.seconds:g}" if rate else ""}
        return [push("close_dialog"), flash(done % about)]


def _number(text: str) -> int:
    """A number that somebody has written; 0 where it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def _said(form: object, field: str) -> str:
    """What stands in a field of what a browser sent, which need not be a form."""
    return str(cast("dict[str, object]", form).get(field, "")).strip() if isinstance(form, dict) else ""


class WorkerState(rx.State):
    """A kind of job."""

    worker: str = ""
    cron: str = ""
    is_off: bool = False
    reason: str = ""

    @server_event
    async def load(self) -> None:
        """Read the one that the address names."""
        named, scope = query(self).get("of_worker", ""), await scope_of(self)
        ops.authorise(scope, "see_operations")
        self.worker = ""
        for card in await ops.list_workers(scope) if named else ():
            if card.path == named:
                self.worker, self.cron = named, card.options.cron or ""
                self.is_off, self.reason = card.switch is not None, card.switch.reason if card.switch else ""

    @event
    async def switch_off(self, form: dict[str, Any]) -> Any:
        """Let its jobs wait."""
        reason = _said(form, "reason")
        await ops.switch_worker(await scope_of(self), self.worker, on=False, reason=reason)
        return [push("close_dialog"), flash(_("The jobs of %(worker)s wait.") % {"worker": self.worker})]

    @event
    async def switch_on(self) -> Any:
        """Let its jobs run again."""
        await ops.switch_worker(await scope_of(self), self.worker, on=True)
        return [push("close_dialog"), flash(_("The jobs of %(worker)s run again.") % {"worker": self.worker})]

    @event
    async def run(self) -> Any:
        """Add a job of it that comes first."""
        number = await ops.run_worker(await scope_of(self), self.worker)
        return [push("close_dialog"), flash(_("Job %(id)s was added.") % {"id": number})]

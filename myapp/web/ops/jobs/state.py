"""The jobs that the address asks for, and the one it names, as they are now."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import reflex as rx

from myapp import ops
from myapp.kit import jobs, routes
from myapp.kit.errors import NotFound
from myapp.kit.i18n import gettext as _
from myapp.kit.jobs import JobState
from myapp.kit.jobs.events import TOPIC
from myapp.kit.scope import Scope
from myapp.ops import JobDeed, JobFilter
from myapp.web.events import event, server_event
from myapp.web.live.subscriptions import follow
from myapp.web.ops.jobs.rows import ErrorRow, JobRow, Step, error_rows, job_row, readable, steps
from myapp.web.reading import read_again
from myapp.web.session import path_of, query, scope_of
from myapp.web.shell import flash, push

SEARCH_EVERY = 10.0
"""Seconds between two readings at least of a list with words to look for, which no index helps to find."""


class JobsState(rx.State):
    """A page of the jobs, and one of them in full."""

    path: str = ""
    jobs: list[JobRow] = []
    state: str = ""
    is_narrowed: bool = False
    newest: str = ""
    older: str = ""
    job_id: str = ""
    is_gone: bool = False
    worker: str = ""
    job_state: str = ""
    queue: str = ""
    attempt: str = ""
    args: str = ""
    recorded: str = ""
    log_url: str = ""
    origin_url: str = ""
    node: str = ""
    waited: float | None = None
    took: float | None = None
    done: int = 0
    total: int = 0
    errors: list[ErrorRow] = []
    steps: list[Step] = []
    can_retry: bool = False
    can_cancel: bool = False
    can_delete: bool = False

    @server_event
    async def load(self) -> None:
        """Read the page, and follow what happens to jobs."""
        scope = await scope_of(self)
        if query(self).get("q", "").strip():
            follow(self, TOPIC, JobsState.changed, every=SEARCH_EVERY)
            follow(self, TOPIC, JobsState.one_changed)
        else:
            follow(self, TOPIC, JobsState.changed)
        await self._read(scope)
        self.path = path_of(self)

    @server_event
    async def changed(self, _events: list) -> Any:
        """Jobs began or ended."""
        return await read_again(self, self._read)

    @server_event
    async def one_changed(self, _events: list) -> Any:
        """The same, while the list is seldom read: the one that is shown in full, which costs little."""
        return await read_again(self, self._read_one)

    async def _read(self, scope: Scope) -> None:
        asked = query(self)
        words = {name: asked.get(name, "") for name in ("state", "queue", "worker", "q")}
        states = tuple(each for each in JobState if each.value == words["state"])
        before = asked.get("before", "")
        number = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
        filters = JobFilter(states, words["queue"], words["worker"], words["q"])
        page = await ops.list_jobs(scope, filters, before=number)
        self.jobs = [job_row(each, routes.ops_jobs(**words, before=before, of=each.id)) for each in page.entries]
        self.state, self.is_narrowed = words["state"], any(words.values())
        self.newest = routes.ops_jobs(**words) if number else ""
        self.older = routes.ops_jobs(**words, before=page.before) if page.before else ""
        await self._read_one(scope)

    async def _read_one(self, scope: Scope) -> None:
        named = query(self).get("of", "")
        self.job_id, self.is_gone = "", bool(named)
        if not (named.isascii() and named.isdigit() and len(named) < 19):
            return
        with suppress(NotFound):
            card = await ops.get_job(scope, int(named))
            self.worker, self.job_state, self.queue = card.worker, card.state.value, card.queue
            self.attempt = f"{card.attempt}/{card.max_attempts}"
            self.args, self.recorded = readable(card.args), readable(card.recorded) if card.recorded else ""
            self.node, self.errors, self.steps = card.node or "", error_rows(card), steps(card)
            self.log_url = routes.ops_logs(request=jobs.request_of(card.id, card.attempt)) if card.attempted_at else ""
            self.origin_url = routes.ops_logs(request=card.added_in) if card.added_in else ""
            self.waited = card.waited.total_seconds() if card.waited else None
            self.took = card.took.total_seconds() if card.took else None
            self.done, self.total = card.progress or (0, 0)
            is_over = card.state in {JobState.COMPLETED, JobState.CANCELLED, JobState.DISCARDED}
            self.can_retry = is_over or card.state in {JobState.RETRYABLE, JobState.SCHEDULED}
            self.can_cancel, self.can_delete = not is_over, card.state is not JobState.EXECUTING
            self.job_id, self.is_gone = str(card.id), False

    @event
    async def retry(self) -> Any:
        """Let it run again, now."""
        return await self._do("retry", _("Job %(id)s runs again."))

    @event
    async def cancel(self) -> Any:
        """Let it not run, or end it."""
        return await self._do("cancel", _("Job %(id)s is cancelled."))

    @event
    async def delete(self) -> Any:
        """Forget it."""
        return await self._do("delete", _("Job %(id)s is deleted."))

    async def _do(self, deed: JobDeed, done: str) -> Any:
        if not self.job_id:
            return None
        scope, number = await scope_of(self), self.job_id
        if not await ops.do_with_job(scope, deed, int(number)):
            return flash(_("Job %(id)s is in another state by now.") % {"id": number}, "warning")
        await self._read(scope)
        return [push("close_dialog"), flash(done % {"id": number})]

"""Adding the jobs of periodic workers when their minute comes, each minute once whoever leads.

The clock is PostgreSQL's, as it is one for all processes: that of whoever leads may be wrong.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import select

from myapp.kit.clock import now
from myapp.kit.jobs import _runtime
from myapp.kit.jobs._enqueue import enqueue
from myapp.kit.jobs._library import Expression, days_of, sleep_until_stopped, stop_looping
from myapp.kit.jobs._options import Options
from myapp.kit.jobs._worker import workers
from myapp.kit.jobs.tables import JobCron
from myapp.kit.repo import advisory_lock, reading, transaction
from myapp.kit.scope import Scope

LATE = timedelta(minutes=5)
"""A minute that passed while the lead changed hands is no minute missed; and a clock may be put back so far."""
LOOK_BACK = timedelta(days=32)
_MINUTE = timedelta(minutes=1)
_CLERK = Scope.system("its time has come")

log = logging.getLogger(__name__)


class Crontab:
    """Follows the clock, in the place of Oban's scheduler, which knows no minute but the present."""

    def __init__(self, config: dict[str, Any], *, leader: Any, notifier: object, query: object) -> None:
        del config, notifier, query
        self._leader = leader
        self._stopping = asyncio.Event()
        self._loop_task: asyncio.Task[None] | None = None
        self._ahead = timedelta()
        """How far our clock is before PostgreSQL's."""

    async def start(self) -> None:
        self._loop_task = asyncio.create_task(self._loop(), name="jobs crontab", context=contextvars.Context())

    async def stop(self) -> None:
        await stop_looping(self._loop_task, self._stopping)

    async def _loop(self) -> None:
        while not self._stopping.is_set():
            await sleep_until_stopped(self._stopping, _until_next_minute(now() - self._ahead))
            if self._leader.is_leader and not self._stopping.is_set():
                try:
                    moment = await database_now()
                    self._ahead = now() - moment
                    await tick(moment)
                except Exception:
                    log.exception("periodic jobs could not be added; it is tried again in a minute")


async def database_now() -> datetime:
    """What PostgreSQL's clock says."""
    async with reading(_CLERK) as session:
        return (await session.exec(select(sa.func.clock_timestamp()))).one()


async def tick(moment: datetime) -> list[str]:
    """Add what is due at this minute, and what became due since the last time; the paths of the workers.

    Where the last time is far in the future, a clock was wrong then, and it begins anew.
    """
    minute, added = moment.replace(second=0, microsecond=0), list[str]()
    controls = _runtime.current().controls
    async with transaction(_CLERK) as session, advisory_lock("jobs crontab"):
        seen = {row.worker: row.seen_at for row in (await session.exec(select(JobCron))).all()}
        periodic = {path: each for path, each in workers().items() if each.expression}
        wrong = {path for path in periodic if path in seen and seen[path] - minute > LATE}
        if wrong:
            log.warning("the clock was ahead until now: %s periodic jobs begin anew", len(wrong))
        for path, options in periodic.items():
            since = minute - _MINUTE if path in wrong else seen.get(path, minute - _MINUTE)
            if minute <= since:
                continue
            due = _due(options, since, minute)
            if due and not await controls.is_off(path):
                meta = {"cron": True, "cron_at": due.isoformat(), "cron_expr": options.cron}
                if (await enqueue(path, options.args_at(due), meta=meta)).is_new:
                    added.append(path)
            values = {"worker": path, "seen_at": minute}
            adding = insert(JobCron).values(values)
            await session.exec(adding.on_conflict_do_update(index_elements=["worker"], set_=values))
    return added


def _due(options: Options, since: datetime, minute: datetime) -> datetime | None:
    """The last minute after `since` that it wants, if it still wants it."""
    assert options.expression is not None  # noqa: S101 - its caller has looked
    oldest = max(since, minute - (LOOK_BACK if options.catch_up else LATE))
    return previous(options.expression, minute, oldest)


def previous(expression: Expression, minute: datetime, after: datetime) -> datetime | None:
    """The last minute up to this one, and after that one, that the expression names."""
    while minute > after:
        if expression.is_now(minute):
            return minute
        minute -= _MINUTE
    return None


def next_time(expression: Expression, moment: datetime) -> datetime | None:
    """The next minute that it names, if one comes within five years (29 February and a weekday may take longer)."""
    minute = moment.replace(second=0, microsecond=0) + _MINUTE
    end = minute + timedelta(days=5 * 366)
    months, days, weekdays = days_of(expression)
    while minute < end:
        if expression.is_now(minute):
            return minute
        if minute.month in months and minute.day in days and minute.isoweekday() % 7 in weekdays:
            minute += _MINUTE
        else:
            minute = minute.replace(hour=0, minute=0) + timedelta(days=1)
    return None


def _until_next_minute(moment: datetime) -> float:
    return 60.0 - moment.second - moment.microsecond / 1e6

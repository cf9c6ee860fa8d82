"""Looking at queues and at the clock of periodic workers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlmodel import select

from myapp.kit.clock import now
from myapp.kit.jobs._controls import Rate, list_rates, list_switches
from myapp.kit.jobs._cron import next_time
from myapp.kit.jobs._library import JobState
from myapp.kit.jobs._options import Options
from myapp.kit.jobs._reading import STATES, count_jobs
from myapp.kit.jobs._worker import workers
from myapp.kit.jobs.tables import JobCron, JobSwitch, oban_producers
from myapp.kit.repo import reading
from myapp.kit.scope import Scope

SILENT = timedelta(minutes=1)
"""Who says nothing for so long serves no queue any more: whoever leads drops it from the list, where somebody leads."""

_CLERK = Scope.system("shows the jobs")


@dataclass(frozen=True, slots=True)
class Server:
    """A process that serves a queue."""

    node: str
    limit: int
    is_paused: bool
    started_at: datetime
    seen_at: datetime
    """When it last said that it lives; it does so every 15 seconds."""


@dataclass(frozen=True, slots=True)
class QueueCard:
    """A queue that is served, or has jobs or a rate."""

    name: str
    counts: dict[JobState, int]
    servers: list[Server] = field(default_factory=list[Server])
    rate: Rate | None = None

    @property
    def is_paused(self) -> bool:
        """Whether it is served, and nobody who does so begins any of its jobs."""
        return bool(self.servers) and all(server.is_paused for server in self.servers)

    @property
    def limit(self) -> int:
        """How many run at a time, in all processes together."""
        return sum(server.limit for server in self.servers if not server.is_paused)


@dataclass(frozen=True, slots=True)
class WorkerCard:
    """A kind of job, whether it is switched off, and when it runs by itself."""

    path: str
    options: Options
    switch: JobSwitch | None
    """None: its jobs run."""
    seen_at: datetime | None
    """Up to when its minutes were dealt with."""
    next_at: datetime | None


async def list_queues() -> list[QueueCard]:
    """All of them, by name."""
    async with reading(_CLERK) as session:
        alive = oban_producers.c.updated_at > sa.func.timezone("UTC", sa.func.now()) - SILENT
        query = sa.select(oban_producers).where(alive).order_by(oban_producers.c.node)
        rows = (await (await session.connection()).execute(query)).all()
        counts, rates = await count_jobs(), await list_rates()
    servers: dict[str, list[Server]] = {}
    for row in rows:
        moments = row.started_at.replace(tzinfo=UTC), row.updated_at.replace(tzinfo=UTC)
        server = Server(row.node, row.meta["local_limit"], row.meta["paused"], *moments)
        servers.setdefault(row.queue, []).append(server)
    nothing = dict.fromkeys(STATES, 0)
    names = sorted(servers.keys() | counts.keys() | rates.keys())
    return [QueueCard(name, counts.get(name, nothing), servers.get(name, []), rates.get(name)) for name in names]


async def list_workers() -> list[WorkerCard]:
    """All of the platform and the rooms, by path."""
    async with reading(_CLERK) as session:
        seen = {row.worker: row.seen_at for row in (await session.exec(select(JobCron))).all()}
        off = {switch.worker: switch for switch in await list_switches()}
    moment = now()
    return [
        WorkerCard(
            path,
            options,
            off.get(path),
            seen.get(path),
            next_time(options.expression, moment) if options.expression else None,
        )
        for path, options in workers().items()
    ]

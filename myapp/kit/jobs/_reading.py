"""Looking at jobs, for those who run the site. Arguments name people and things of all organisations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import sqlalchemy as sa

from myapp.kit.errors import NotFound
from myapp.kit.jobs._library import JobState, decode_recorded
from myapp.kit.jobs.events import TOPIC, topic_job
from myapp.kit.jobs.tables import MOMENTS
from myapp.kit.jobs.tables import oban_jobs as jobs
from myapp.kit.pubsub import Callback, Subscription, subscribe
from myapp.kit.repo import reading
from myapp.kit.scope import Scope

STATES = tuple(JobState)
_CLERK = Scope.system("shows the jobs")


@dataclass(frozen=True, slots=True)
class JobError:
    """What went wrong in one attempt, with the traceback where there is one."""

    attempt: int
    at: datetime
    error: str


@dataclass(frozen=True, slots=True)
class JobCard:
    """One job. Moments are None for what did not happen."""

    id: int
    state: JobState
    queue: str
    worker: str
    attempt: int
    max_attempts: int
    priority: int
    args: dict[str, Any]
    meta: dict[str, Any]
    tags: list[str]
    errors: list[JobError]
    """The oldest first."""
    node: str | None
    """Where it ran the last time: host, process and a part by chance."""
    inserted_at: datetime
    scheduled_at: datetime
    attempted_at: datetime | None
    completed_at: datetime | None
    cancelled_at: datetime | None
    discarded_at: datetime | None

    @classmethod
    def of(cls, row: Any) -> Self:
        moments: dict[str, Any] = {name: _aware(getattr(row, name)) for name in MOMENTS}
        errors = [JobError(each["attempt"], datetime.fromisoformat(each["at"]), each["error"]) for each in row.errors]
        node = row.attempted_by[0] if row.attempted_by else None
        same: dict[str, Any] = {name: getattr(row, name) for name in _SAME}
        return cls(state=JobState(row.state), errors=errors, node=node, **same, **moments)

    @property
    def name(self) -> str:
        """The worker without the way to it."""
        return self.worker.rpartition(".")[2]

    @property
    def added_in(self) -> str:
        """The id of the request, event or job that added it; nothing where none did."""
        return str(self.meta.get("request_id", ""))

    @property
    def ended_at(self) -> datetime | None:
        return self.completed_at or self.cancelled_at or self.discarded_at

    @property
    def waited(self) -> timedelta | None:
        """From when it could have begun to when it did."""
        return self.attempted_at - self.scheduled_at if self.attempted_at else None

    @property
    def took(self) -> timedelta | None:
        """From the beginning of the last attempt to the end."""
        return self.ended_at - self.attempted_at if self.ended_at and self.attempted_at else None

    @property
    def progress(self) -> tuple[int, int] | None:
        """How much of how much is done, for a job that says so."""
        said = self.meta.get("progress")
        return (said["done"], said["total"]) if said else None

    @property
    def recorded(self) -> Any:
        """What it returned in a `Record`."""
        return decode_recorded(self.meta["return"]) if self.meta.get("recorded") else None


_SAME = ("id", "queue", "worker", "attempt", "max_attempts", "priority", "args", "meta", "tags")


async def list_jobs(
    *,
    states: Sequence[JobState] = (),
    queues: Sequence[str] = (),
    workers: Sequence[str] = (),
    search: str = "",
    before: int | None = None,
    limit: int = 50,
) -> list[JobCard]:
    """The newest first. `search` finds a number, or words in worker, arguments, tags; `before` pages by the number."""
    query = sa.select(jobs).order_by(jobs.c.id.desc()).limit(limit)
    for column, wanted in ((jobs.c.state, states), (jobs.c.queue, queues), (jobs.c.worker, workers)):
        if wanted:
            query = query.where(column.in_(wanted))
    for word in search.split():
        places = (jobs.c.worker, sa.cast(jobs.c.args, sa.Text), sa.func.array_to_string(jobs.c.tags, " "))
        found = [place.icontains(word, autoescape=True) for place in places]
        query = query.where(sa.or_(*found, jobs.c.id == int(word)) if _is_number(word) else sa.or_(*found))
    if before is not None:
        query = query.where(jobs.c.id < before)
    async with reading(_CLERK) as session:
        rows = (await (await session.connection()).execute(query)).all()
    return [JobCard.of(row) for row in rows]


async def get_job(job_id: int) -> JobCard:
    """One of them. Raises NotFound."""
    async with reading(_CLERK) as session:
        row = (await (await session.connection()).execute(sa.select(jobs).where(jobs.c.id == job_id))).one_or_none()
    if row is None:
        raise NotFound
    return JobCard.of(row)


async def count_jobs() -> dict[str, dict[JobState, int]]:
    """How many there are, by queue and state; what is not there is 0."""
    query = sa.select(jobs.c.queue, jobs.c.state, sa.func.count()).group_by(jobs.c.queue, jobs.c.state)
    found = defaultdict[str, dict[JobState, int]](lambda: dict.fromkeys(STATES, 0))
    async with reading(_CLERK) as session:
        for queue, state, count in (await (await session.connection()).execute(query)).all():
            found[queue][JobState(state)] = count
    return dict(sorted(found.items()))


def subscribe_jobs(callback: Callback) -> Subscription:
    """`callback(topic, JobsChanged)` when some began or ended, once a second at most from each process."""
    return subscribe(TOPIC, callback)


def subscribe_job(job_id: int, callback: Callback) -> Subscription:
    """`callback(topic, JobProgressed)` a few times a second while it says how far it is."""
    return subscribe(topic_job(job_id), callback)


def _aware(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment else None


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdigit() and len(word) < 19

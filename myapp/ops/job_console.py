"""Jobs for those who run the site: what waits, runs and failed, and what can be done about it.

Every act is one transaction with its audit row, so that none is done without being noted; processes are told with the
commit.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

import sqlalchemy as sa

from myapp.kit import audit, jobs
from myapp.kit.changeset.casting import is_storable
from myapp.kit.clock import now
from myapp.kit.errors import NotFound
from myapp.kit.jobs import JobCard, JobState, QueueCard, WorkerCard
from myapp.kit.repo import reading, transaction
from myapp.kit.scope import Scope
from myapp.ops import policy

PAGE = 50
MAX_WORDS = 200  # characters of a search
HUGE = 2**63 - 1  # the largest number of a job
MINUTES = 60

type JobDeed = Literal["retry", "cancel", "delete"]

_JOB_DEEDS: dict[JobDeed, Callable[[Sequence[int]], Awaitable[int]]] = {
    "retry": jobs.retry_jobs,
    "cancel": jobs.cancel_jobs,
    "delete": jobs.delete_jobs,
}
_BECOMES: dict[JobDeed, JobState] = {"retry": JobState.AVAILABLE, "cancel": JobState.CANCELLED}
_PAST: dict[JobDeed, str] = {"retry": "retried", "cancel": "cancelled", "delete": "deleted"}
_ENDED = sa.text(
    """
    SELECT extract(epoch FROM date_trunc('minute', completed_at))::bigint, true, count(*) FROM oban_jobs
    WHERE state = 'completed' AND completed_at >= :since GROUP BY 1
    UNION ALL
    SELECT extract(epoch FROM date_trunc('minute', discarded_at))::bigint, false, count(*) FROM oban_jobs
    WHERE state = 'discarded' AND discarded_at >= :since GROUP BY 1
    """
)


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Which jobs to list: those in these states, of a queue, of a worker, with these words or this number."""

    states: tuple[JobState, ...] = ()
    queue: str = ""
    worker: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Throughput:
    """A minute, which began at `at` (seconds since 1970), and how many jobs were completed and given up in it."""

    at: int
    completed: int
    discarded: int


@dataclass(frozen=True, slots=True)
class JobPage:
    """The newest jobs, and the number before which the next page begins; None at the end."""

    entries: list[JobCard] = field(default_factory=list[JobCard])
    before: int | None = None


async def list_jobs(scope: Scope, filters: JobFilter, *, before: int | None = None) -> JobPage:
    """A page of the jobs that fit, the newest first. Raises Forbidden, Unauthenticated."""
    policy.authorise(scope, "see_operations")
    words = filters.words[:MAX_WORDS]
    if not all(map(is_storable, (words, filters.queue, filters.worker))):
        return JobPage()
    found = await jobs.list_jobs(
        states=filters.states,
        queues=[filters.queue] if filters.queue else (),
        workers=[filters.worker] if filters.worker else (),
        search=words,
        before=before,
        limit=PAGE + 1,
    )
    return JobPage(found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None)


async def get_job(scope: Scope, job_id: int) -> JobCard:
    """One of them. Raises NotFound, Forbidden, Unauthenticated."""
    policy.authorise(scope, "see_operations")
    return await jobs.get_job(job_id if 0 < job_id <= HUGE else 0)


async def list_queues(scope: Scope) -> list[QueueCard]:
    """Those that are served or have jobs. Raises Forbidden, Unauthenticated."""
    policy.authorise(scope, "see_operations")
    return await jobs.list_queues()


async def list_workers(scope: Scope) -> list[WorkerCard]:
    """The kinds of jobs, with their hours and switches. Raises Forbidden, Unauthenticated."""
    policy.authorise(scope, "see_operations")
    return await jobs.list_workers()


async def list_throughput(scope: Scope) -> list[Throughput]:
    """The last hour, minute by minute. Raises Forbidden, Unauthenticated."""
    acting = policy.authorise(scope, "see_operations")
    this_minute = now().replace(second=0, microsecond=0)
    since = this_minute - timedelta(minutes=MINUTES - 1)
    async with reading(acting) as session:
        rows = await (await session.connection()).execute(_ENDED, {"since": since.replace(tzinfo=None)})
        ended = {(at, is_well): count for at, is_well, count in rows}
    moments = [int(since.timestamp()) + 60 * minute for minute in range(MINUTES)]
    return [Throughput(at, ended.get((at, True), 0), ended.get((at, False), 0)) for at in moments]


async def do_with_job(scope: Scope, deed: JobDeed, job_id: int) -> bool:
    """Retry, cancel or delete a job; False where it is in no state for that. Raises Forbidden, Unauthenticated.

    What it was is noted without its arguments: they may say who somebody is, and outlive the job there.
    """
    acting = policy.authorise(scope, "run_operations")
    async with transaction(acting):
        former = await _fetch_job(job_id)
        is_done = former is not None and await _JOB_DEEDS[deed]([job_id]) > 0
        if former and is_done:
            before = {"worker": former.worker, "queue": former.queue, "state": former.state}
            after = {**before, "state": _BECOMES[deed]} if deed in _BECOMES else None
            await audit.record(acting, f"ops.job.{_PAST[deed]}", "job", str(job_id), before=before, after=after)
    return is_done


async def _fetch_job(job_id: int) -> JobCard | None:
    try:
        return await jobs.get_job(job_id if 0 < job_id <= HUGE else 0)
    except NotFound:
        return None

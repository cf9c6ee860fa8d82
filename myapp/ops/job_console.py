"""Jobs for those who run the site: what waits, runs and failed, and what can be done about it.

Every act is one transaction with its audit row, so that none is done without being noted; processes are told with the
commit. Queues and workers are paused, scaled and switched off for all processes together.
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
from myapp.kit.errors import AppError, NotFound
from myapp.kit.i18n import gettext_noop
from myapp.kit.jobs import JobCard, JobState, Options, QueueCard, WorkerCard
from myapp.kit.repo import reading, transaction
from myapp.kit.scope import Scope
from myapp.ops import policy

PAGE = 50
MAX_WORDS = 200  # characters of a search
MOST_AT_ONCE = 500  # jobs of a queue at a time, in one process
HUGE = 2**63 - 1  # the largest number of a job
MINUTES = 60

type JobDeed = Literal["retry", "cancel", "delete"]
type QueueDeed = Literal["pause", "resume", "stop"]

_JOB_DEEDS: dict[JobDeed, Callable[[Sequence[int]], Awaitable[int]]] = {
    "retry": jobs.retry_jobs,
    "cancel": jobs.cancel_jobs,
    "delete": jobs.delete_jobs,
}
_QUEUE_DEEDS: dict[QueueDeed, Callable[[str], Awaitable[None]]] = {
    "pause": jobs.pause_queue,
    "resume": jobs.resume_queue,
    "stop": jobs.stop_queue,
}
_PAST: dict[JobDeed | QueueDeed, str] = {
    "retry": "retried", "cancel": "cancelled", "delete": "deleted",
    "pause": "paused", "resume": "resumed", "stop": "stopped",
}  # fmt: skip
_ENDED = sa.text(
    """
    SELECT extract(epoch FROM date_trunc('minute', completed_at))::bigint, true, count(*) FROM oban_jobs
    WHERE state = 'completed' AND completed_at >= :since GROUP BY 1
    UNION ALL
    SELECT extract(epoch FROM date_trunc('minute', discarded_at))::bigint, false, count(*) FROM oban_jobs
    WHERE state = 'discarded' AND discarded_at >= :since GROUP BY 1
    """
)


class OutOfRange(AppError):
    """A queue runs one job at a time at least, and not any number."""

    message = gettext_noop("A queue runs between 1 and 500 jobs at a time. Pause it to let none begin.")


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
    """Retry, cancel or delete a job; False where it is in no state for that. Raises Forbidden, Unauthenticated."""
    acting = policy.authorise(scope, "run_operations")
    async with transaction(acting):
        is_done = await _JOB_DEEDS[deed]([job_id]) > 0
        if is_done:
            await audit.record(acting, f"ops.job.{_PAST[deed]}", "job", str(job_id))
    return is_done


async def do_with_queue(scope: Scope, deed: QueueDeed, queue: str) -> None:
    """Pause, resume or stop a queue in all processes. Raises NotFound, Forbidden, Unauthenticated."""
    acting = policy.authorise(scope, "run_operations")
    async with transaction(acting):
        await _require_queue(queue)
        await _QUEUE_DEEDS[deed](queue)
        await audit.record(acting, f"ops.queue.{_PAST[deed]}", "queue", queue)


async def scale_queue(scope: Scope, queue: str, limit: int) -> None:
    """Run so many of its jobs at a time in each process, which serves it from now on if it did not.

    Raises OutOfRange, NotFound, Forbidden, Unauthenticated.
    """
    acting = policy.authorise(scope, "run_operations")
    if not 1 <= limit <= MOST_AT_ONCE:
        raise OutOfRange
    async with transaction(acting):
        before = await _require_queue(queue)
        former = {"limit": max((server.limit for server in before.servers), default=0)}
        await (jobs.scale_queue(queue, limit) if before.servers else jobs.start_queue(queue, limit))
        await audit.record(acting, "ops.queue.scaled", "queue", queue, before=former, after={"limit": limit})


async def switch_worker(scope: Scope, worker: str, *, on: bool, reason: str = "") -> None:
    """Let the jobs of a worker wait in all processes, or run again. Raises NotFound, Forbidden, Unauthenticated."""
    acting = policy.authorise(scope, "run_operations")
    _require_worker(worker)
    why = reason.strip()[:MAX_WORDS] if is_storable(reason) else ""
    async with transaction(acting):
        if on:
            await jobs.switch_on(worker)
        else:
            await jobs.switch_off(worker, reason=why, by=acting.user_id)
        deed = "switched_on" if on else "switched_off"
        await audit.record(acting, f"ops.worker.{deed}", "worker", worker, after={"reason": why} if why else None)


async def run_worker(scope: Scope, worker: str) -> int:
    """Add a job that comes first, of a worker that has hours of its own and so needs no arguments; its number.

    Raises Conflict while the same is about to run or runs, NotFound, Forbidden, Unauthenticated.
    """
    acting = policy.authorise(scope, "run_operations")
    if _require_worker(worker).cron is None:
        raise NotFound
    async with transaction(acting):
        added = await jobs.run_by_hand(worker)
        await audit.record(acting, "ops.worker.run", "worker", worker, after={"job": added.id})
    return added.id


async def _require_queue(queue: str) -> QueueCard:
    found = next((each for each in await jobs.list_queues() if each.name == queue), None)
    if found is None:
        raise NotFound
    return found


def _require_worker(worker: str) -> Options:
    options = jobs.workers().get(worker)
    if options is None:
        raise NotFound
    return options

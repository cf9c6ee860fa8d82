"""Jobs that run again and again while the application lives.

    async with running([Periodic("publish due posts", publish_due_posts, every=30, once_per_cluster=True)]):
        ...

What always holds: the next run is counted from the end of the last, so runs of one job never overlap nor pile up; a
failing run is logged and the next one comes as usual; on the way out a run gets some seconds to end. A job that is
`once_per_cluster` runs in one process only, the one that has the name "scheduler" (`kit/names`), until that one goes:
then another takes over within some seconds. (A run that has just begun when its process loses the name may overlap with
the next one's, so such a job also locks the rows it works on.) A clock that is set back holds nothing up: what is
planned moves with it.

Telemetry hears of each run (`scheduler.run`), and `kit/run_log.py` keeps the last ones for operators.

Like a `GenServer` that sends itself `:tick` at the end of its work, and `Oban.Peer` for who leads. Work that must not
be lost is not for here but for the queue.
"""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# APScheduler has no types.

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from myapp.kit import lifetime, logs, names, telemetry
from myapp.kit.alerts import raise_alert
from myapp.kit.clock import now
from myapp.kit.names import Candidate
from myapp.kit.supervisor import Killed, beside

log = logging.getLogger(__name__)

GRACE = 10.0  # seconds a run may take to end when the application stops
CLOCK_EVERY, CLOCK_OFF = 5.0, 1.0  # how often the clock is looked at, and what it may be set back by, in seconds
NAME = "scheduler"


@dataclass(frozen=True, slots=True)
class Periodic:
    """`run` every so many seconds, give or take `jitter` (a share of them), counted from the end of the last run; the
    first time when the process has had `settle` seconds to come to itself.
    """

    name: str
    run: Callable[[], Awaitable[object]]
    every: float
    jitter: float = 0.1
    once_per_cluster: bool = False
    settle: float = 0.0


@asynccontextmanager
async def running(jobs: Sequence[Periodic]) -> AsyncGenerator[Scheduler]:
    """Run the jobs until the end of the block; the first time soon, at a moment that differs between processes.

    Only a process that has jobs to be done once for all stands for doing so.
    """
    is_for_all = any(job.once_per_cluster for job in jobs)
    async with names.standing_for(NAME) if is_for_all else nullcontext() as candidate:
        scheduler = Scheduler(candidate)
        try:
            async with beside(scheduler.watch_clock()):
                scheduler.start(jobs)
                yield scheduler
        except BaseException:
            await scheduler.stop(grace=0)
            raise
        await scheduler.stop(grace=GRACE)


class Scheduler:
    """`ended` fails when it cannot go on, and some job would never run again."""

    def __init__(self, candidate: Candidate | None) -> None:
        self._candidate = candidate
        self._timer = AsyncIOScheduler(timezone=UTC)
        self._runs: set[asyncio.Task[None]] = set()
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def start(self, jobs: Sequence[Periodic]) -> None:
        """Plan the first run of each."""
        self._timer.start()
        for job in jobs:
            self._plan(job, job.settle + job.every * random.uniform(0, job.jitter))  # noqa: S311 - spreads load

    async def stop(self, *, grace: float) -> None:
        """Begin nothing more; what runs is given so many seconds."""
        self._timer.shutdown(wait=False)
        if self._runs:
            _, late = await asyncio.wait(self._runs, timeout=grace)
            for run in late:
                run.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _plan(self, job: Periodic, delay: float) -> None:
        moment = now() + timedelta(seconds=delay)
        self._timer.add_job(self._begin, "date", run_date=moment, args=[job], id=job.name, misfire_grace_time=None)

    async def watch_clock(self) -> None:
        """The timer goes by the time of day: set back by an hour, it would do nothing for an hour."""
        ahead = _ahead()
        while True:
            await asyncio.sleep(CLOCK_EVERY)
            before, ahead = ahead, _ahead()
            if ahead < before - CLOCK_OFF:
                log.warning("the clock was set back by %.0f s, and what is planned with it", before - ahead)
                for planned in self._timer.get_jobs():
                    planned.modify(next_run_time=planned.next_run_time - timedelta(seconds=before - ahead))

    async def _begin(self, job: Periodic) -> None:
        """In a task of ours: the timer would cancel its own at once when it is shut down."""
        if lifetime.is_stopping():
            return
        run = asyncio.create_task(self._run(job), name=job.name)
        self._runs.add(run)
        run.add_done_callback(self._finished)

    def _finished(self, run: asyncio.Task[None]) -> None:
        """Whatever its job did, a run plans the next one: where it could not, the scheduler has crashed."""
        self._runs.discard(run)
        error = Killed(f"{run.get_name()} was killed") if run.cancelled() else run.exception()
        if error is not None and self._timer.running and not self.ended.done():
            self.ended.set_exception(error)

    async def _run(self, job: Periodic) -> None:
        logs.begin(job=job.name)
        try:
            if not job.once_per_cluster or (self._candidate is not None and await self._candidate.leads()):
                with telemetry.span("scheduler.run", {"job": job.name}):
                    await job.run()
        except Exception:
            log.exception("the periodic job %r failed", job.name)
            raise_alert("failed_job", f"The periodic job “{job.name}” failed.", job=job.name)
        if self._timer.running:
            self._plan(job, job.every * random.uniform(1 - job.jitter, 1 + job.jitter))  # noqa: S311


def _ahead() -> float:
    """By how many seconds the time of day is ahead of a clock that nobody sets."""
    return time.time() - time.monotonic()

"""The runs of jobs as tasks of this process."""

from __future__ import annotations

import asyncio
import contextvars
import logging
from functools import partial

from myapp.kit import logs
from myapp.kit.jobs import _runtime
from myapp.kit.jobs._library import Job, Producer, is_stopping, run, want_cancelled
from myapp.kit.jobs._options import request_of

LAST_WORDS = 5.0
"""Seconds that those are given which are cut off as the process stops."""

log = logging.getLogger(__name__)


class Dispatcher:
    """Runs a job as a task of its own, and ends it when somebody wants it to end."""

    def __init__(self) -> None:
        self.tasks: dict[asyncio.Task[None], Job] = {}

    async def start(self) -> None:
        """Part of what Oban asks of one."""

    async def stop(self) -> None:
        """What was cut off is waited for: it may have something to put right."""
        if self.tasks:
            await asyncio.wait(self.tasks, timeout=LAST_WORDS)

    def dispatch(self, producer: Producer, job: Job) -> asyncio.Task[None]:
        task = asyncio.create_task(
            _attempt(producer, job), name=f"job {job.id} {job.worker}", context=contextvars.Context()
        )
        self.tasks[task] = job
        task.add_done_callback(partial(self._ended, producer))
        return task

    def cancel(self, producer: Producer, job: Job) -> None:
        del producer
        want_cancelled(job)
        for task, mine in self.tasks.items():
            if mine is job:
                task.cancel()

    def _ended(self, producer: Producer, task: asyncio.Task[None]) -> None:
        """A run that was cut off by others, or whose outcome could not be made, has none that could be noted."""
        job = self.tasks.pop(task)
        if task.cancelled():
            is_broken = not is_stopping(producer)
        elif is_broken := (error := task.exception()) is not None:
            log.error("the run of job %s (%s) ended without an outcome", job.id, job.worker, exc_info=error)
        if is_broken and job.id and job.attempted_at:
            _runtime.current().broken.add((job.id, job.attempted_at))


async def _attempt(producer: Producer, job: Job) -> None:
    logs.begin(request_of(job.id or 0, job.attempt), job=job.id, worker=job.worker, origin=job.meta.get("request_id"))
    await run(producer, job)

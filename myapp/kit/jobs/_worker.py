"""Workers: classes that do one kind of job, and what surrounds each run of theirs."""

from __future__ import annotations

import asyncio
import importlib
import logging
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import wraps
from pathlib import Path
from typing import Any, ClassVar, Protocol

import myapp
from myapp.kit import lifetime, telemetry
from myapp.kit.jobs import _runtime
from myapp.kit.jobs._library import (
    Cancel,
    Job,
    Record,
    Snooze,
    WorkerResolutionError,
    register,
    resolve_worker,
    worker_name,
)
from myapp.kit.jobs._options import RESCUE_AFTER, CronArgs, Options, Unique
from myapp.kit.jobs._progress import Progress
from myapp.kit.names import NameLost

KIT_WORKERS = ("myapp.kit.mailer.jobs",)
OFF_SECONDS = 30
"""How long a job of a worker that is switched off is put aside."""
BUSY_SECONDS = 5
"""How long a job waits for the run before it."""
LEFT_OFF_SECONDS = 1
"""How long a job is put aside that was left off because its process stops: another takes it."""

log = logging.getLogger(__name__)

type Outcome = Cancel | Snooze | Record | None


class Work:
    """A job as its worker sees it."""

    __slots__ = ("_job", "_progress")

    def __init__(self, job: Job) -> None:
        self._job = job
        self._progress = Progress(job.id or 0, job.worker)

    @property
    def id(self) -> int:
        return self._job.id or 0

    @property
    def args(self) -> dict[str, Any]:
        """What was handed in, as JSON has it."""
        return self._job.args

    @property
    def meta(self) -> dict[str, Any]:
        return self._job.meta

    @property
    def attempt(self) -> int:
        """1 the first time."""
        return self._job.attempt

    @property
    def is_last_attempt(self) -> bool:
        return self._job.attempt >= self._job.max_attempts

    @property
    def is_cancelled(self) -> bool:
        """Whether somebody wants it to end; it is cancelled at its next `await` anyway."""
        return self._job.cancelled()

    async def progress(self, done: int, total: int) -> None:
        """Say how far it is, as often as one likes: who looks is told a few times a second, and at the end."""
        await self._progress.tell(done, total)


class Worker(Protocol):
    """What `worker()` makes of a class."""

    options: ClassVar[Options]

    async def process(self, job: Work, /) -> Outcome: ...


class UnknownWorker(LookupError):
    """There is no worker at this path."""


class WaitedInVain(RuntimeError):
    """A job waited for something that somebody cancelled, and was not meant itself: it has failed like any other."""


_workers: dict[str, type[Worker]] = {}


def worker[T: type[Any]](
    *,
    queue: str = "default",
    max_attempts: int = 20,
    priority: int = 0,
    timeout: timedelta = timedelta(minutes=5),
    rescue_after: timedelta = RESCUE_AFTER,
    unique: Unique | None = None,
    alone: bool = False,
    cron: str | None = None,
    catch_up: bool = False,
    cron_args: CronArgs | None = None,
) -> Callable[[T], T]:
    """Make a class with `async def process(self, job)` a worker.

    It returns nothing, or `Snooze`, `Cancel` or `Record`; what it raises is tried again later. Long work calls
    `lifetime.leave_off()` between its steps: in a process that stops the job is then given back, and was not tried.
    It must be able to run twice: a process may die between the deed and the note of it. `timeout` is how long one
    run may take; `rescue_after` is when a job whose process is gone is given to another. `alone` lets one job of
    the worker run at a time, in all processes together; where that cannot be known any more, the run is cut off and
    begun again. `cron` adds a job when its minute comes, in UTC, and
    `catch_up` also once when the minute passed while nothing ran; `cron_args` makes its arguments of that minute, which
    is how a job that is about a day knows which, however late it runs.
    """
    options = Options(queue, max_attempts, priority, timeout, rescue_after, unique, alone, cron, catch_up, cron_args)

    def decorate(cls: T) -> T:
        cls.options = options
        cls.process = _surrounded(cls.process, options)
        cls.backoff = _backoff
        cls.timeout = lambda _self, _job: timeout.total_seconds()  # pyright: ignore[reportUnknownLambdaType]
        register(cls)
        _workers[worker_name(cls)] = cls
        return cls

    return decorate


def backoff(attempt: int) -> int:
    """Seconds to wait after a failed attempt: `attempt^4 + 15`, and up to 30 more for each attempt, as in Elixir."""
    return attempt**4 + 15 + random.randint(0, 30) * attempt  # noqa: S311 - spreads load


def _backoff(_self: object, job: Job) -> int:
    return backoff(job.attempt)


def _surrounded(
    process: Callable[[Any, Work], Awaitable[Outcome]], options: Options
) -> Callable[[Any, Job], Awaitable[Outcome]]:
    """The run of a job, with the switch asked first, the lock held meanwhile, and a cancellation understood."""

    @wraps(process)
    async def run(self: object, job: Job) -> Outcome:
        about = {
            "queue": job.queue,
            "worker": job.worker,
            "job": job.id,
            "attempt": job.attempt,
            "origin": job.meta.get("trace", ""),
        }
        with telemetry.span("jobs.attempt", about):
            return await attempt(self, job)

    async def attempt(self: object, job: Job) -> Outcome:
        runtime = _runtime.current()
        if not job.meta.get("by_hand") and await runtime.controls.is_off(job.worker):
            return Snooze(OFF_SECONDS)
        if not options.alone:
            return await _cancellable(process, self, job)
        try:
            async with runtime.locks.hold(job.worker) as is_mine:
                return await _cancellable(process, self, job) if is_mine else Snooze(BUSY_SECONDS)
        except NameLost as error:
            log.warning("a job was cut off, and is begun again: %s", error)
            return Snooze(BUSY_SECONDS)

    return run


async def _cancellable(process: Callable[[Any, Work], Awaitable[Outcome]], worker: object, job: Job) -> Outcome:
    try:
        return await process(worker, Work(job))
    except lifetime.Stopping:
        return Snooze(LEFT_OFF_SECONDS)
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or not task.cancelling():
            raise WaitedInVain("What it waited for was cancelled.") from error
        if not job.cancelled():
            raise  # its time is over, or the process stops
        task.uncancel()
        return Cancel("It was cancelled while it ran.")


def options_of(path: str) -> Options:
    """What the worker at this path says about its jobs. Raises UnknownWorker."""
    if path not in _workers:
        try:
            resolve_worker(path)
        except (WorkerResolutionError, ValueError) as error:
            raise UnknownWorker(str(error)) from error
        if path not in _workers:
            raise UnknownWorker(f"{path} is no worker")
    return _workers[path].options


def load_workers() -> None:
    """Import every worker of the platform and of the rooms: those in `jobs.py` of each."""
    rooms = {place.parent.name for house in map(Path, myapp.__path__) for place in house.glob("*/jobs.py")}
    for name in (*KIT_WORKERS, *(f"myapp.{room}.jobs" for room in sorted(rooms))):
        importlib.import_module(name)


def workers() -> dict[str, Options]:
    """Those that were imported, by path."""
    return {path: known.options for path, known in sorted(_workers.items())}

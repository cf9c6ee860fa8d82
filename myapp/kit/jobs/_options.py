"""What a worker says about its jobs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from myapp.kit.jobs._library import Expression, JobState

RESCUE_AFTER = timedelta(minutes=30)

WAITING = (JobState.AVAILABLE, JobState.SCHEDULED, JobState.RETRYABLE)
INCOMPLETE = (*WAITING, JobState.EXECUTING)
SUCCESSFUL = (*INCOMPLETE, JobState.COMPLETED)

type CronArgs = Callable[[datetime], Mapping[str, Any]]

_FIELDS = ("worker", "queue", "args")


@dataclass(frozen=True, slots=True)
class Unique:
    """Which job counts as the same: it is not added again while the first is in one of `states`.

    `period` looks back so far, None for ever. `fields` are compared, of the arguments only `keys` where they are given.
    """

    period: timedelta | None = None
    fields: tuple[str, ...] = ("worker", "args")
    keys: tuple[str, ...] = ()
    states: tuple[JobState, ...] = SUCCESSFUL

    def __post_init__(self) -> None:
        if not self.fields or not set(self.fields) <= set(_FIELDS):
            raise ValueError(f"a unique job is told by some of {', '.join(_FIELDS)}")
        if not self.states:
            raise ValueError("a unique job is looked for in some state")

    def key(self, worker: str, queue: str, args: Mapping[str, Any]) -> str:
        """What the same jobs have in common."""
        compared = {name: args.get(name) for name in self.keys} if self.keys else dict(args)
        values = {"worker": worker, "queue": queue, "args": compared}
        said = json.dumps([[name, values[name]] for name in sorted(self.fields)], sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Options:
    """See `worker()`."""

    queue: str = "default"
    max_attempts: int = 20
    priority: int = 0
    timeout: timedelta = timedelta(minutes=5)
    rescue_after: timedelta = RESCUE_AFTER
    unique: Unique | None = None
    alone: bool = False
    cron: str | None = None
    catch_up: bool = False
    cron_args: CronArgs | None = None
    expression: Expression | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        if not 0 <= self.priority <= 3:
            raise ValueError("a priority is 0, which comes first, to 3")
        if not timedelta(0) < self.timeout < self.rescue_after <= RESCUE_AFTER:
            raise ValueError("a job's time is over before it is taken for lost, which is after half an hour at most")
        if (self.catch_up or self.cron_args) and self.cron is None:
            raise ValueError("only what has a time of its own can be late, or told of it")
        if self.cron is not None:
            object.__setattr__(self, "expression", Expression.parse(self.cron))
            if self.unique is None:  # a run that is late does not pile up behind the one before
                object.__setattr__(self, "unique", Unique(states=INCOMPLETE))

    def args_at(self, moment: datetime) -> Mapping[str, Any] | None:
        """What a job is given whose time came then."""
        return self.cron_args(moment) if self.cron_args else None


def request_of(job_id: int, attempt: int) -> str:
    """The id that a run of a job has in the log, in whichever process it ran.

    >>> request_of(12, 1)
    'job-12-1'
    """
    return f"job-{job_id}-{attempt}"

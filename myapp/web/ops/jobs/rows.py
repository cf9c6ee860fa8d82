"""Jobs, queues and workers as the console shows them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, TypedDict

import orjson

from myapp.kit import routes
from myapp.kit.jobs import JobCard, JobState, QueueCard, Rate, WorkerCard, request_of
from myapp.web.components import dialog_link
from myapp.web.ops.names import JOB, QUEUE, WORKER

LONGEST = 4000  # characters of a traceback
_TIMES = {1.0: "s", 60.0: "min", 3600.0: "h"}
_SHORT = 120  # characters of arguments in a list


class JobRow(TypedDict):
    """A job in the list; `done` of `total` is its progress, where it says so."""

    id: str
    url: str
    state: str
    queue: str
    name: str
    args: str
    attempt: str
    at: str
    took: float | None
    done: int
    total: int


class ErrorRow(TypedDict):
    """What went wrong in one attempt."""

    attempt: int
    at: str
    error: str
    log_url: str


class Step(TypedDict):
    """A moment of a job's life; empty where it has not come."""

    name: str
    at: str


def job_row(card: JobCard, url: str) -> JobRow:
    """The row of a job."""
    args = orjson.dumps(card.args).decode()
    done, total = card.progress or (0, 0)
    return JobRow(
        id=str(card.id),
        url=url + dialog_link(JOB),
        state=card.state.value,
        queue=card.queue,
        name=card.name,
        args=args if len(args) <= _SHORT else f"{args[:_SHORT]}…",
        attempt=f"{card.attempt}/{card.max_attempts}",
        at=_moment(_latest(card)),
        took=_seconds(card.took),
        done=done,
        total=total,
    )


def error_rows(card: JobCard) -> list[ErrorRow]:
    """What went wrong, the last first."""
    return [
        ErrorRow(
            attempt=each.attempt,
            at=each.at.isoformat(),
            error=each.error[-LONGEST:],
            log_url=routes.ops_logs(request=request_of(card.id, each.attempt)),
        )
        for each in card.errors[::-1]
    ]


def steps(card: JobCard) -> list[Step]:
    """What happened to a job and when, in the order of a life."""
    names = ("inserted_at", "scheduled_at", "attempted_at", "completed_at", "cancelled_at", "discarded_at")
    return [
        Step(name=name.removesuffix("_at"), at=_moment(getattr(card, name))) for name in names if getattr(card, name)
    ]


def queue_row(card: QueueCard) -> dict[str, Any]:
    """A queue with how many of its jobs are in each state."""
    limits = {server.limit for server in card.servers}
    return {
        "id": card.name,
        "name": card.name,
        "url": routes.ops_jobs(of_queue=card.name) + dialog_link(QUEUE),
        "status": "paused" if card.is_paused else "runs" if card.servers else "not served",
        "tone": "warning" if card.is_paused else "success" if card.servers else "muted",
        "processes": len(card.servers),
        "limit": max(limits, default=0),
        "rate": _rate(card.rate),
        **{state.value: card.counts.get(state, 0) for state in JobState},
    }


def _rate(rate: Rate | None) -> str:
    """As people of all languages write it: the row is the same for everybody.

    >>> _rate(Rate(60, 60))
    '60/min'
    """
    if rate is None:
        return ""
    return f"{rate.count}/{_TIMES.get(rate.seconds) or f'{rate.seconds:g} s'}"


def worker_row(card: WorkerCard) -> dict[str, Any]:
    """A kind of job, with its hours."""
    return {
        "id": card.path,
        "name": card.path.removeprefix("myapp."),
        "url": routes.ops_jobs(of_worker=card.path) + dialog_link(WORKER),
        "queue": card.options.queue,
        "attempts": card.options.max_attempts,
        "timeout": card.options.timeout.total_seconds(),
        "cron": card.options.cron or "",
        "next_at": _moment(card.next_at),
        "seen_at": _moment(card.seen_at),
        "switch": "off" if card.switch else "on",
        "tone": "error" if card.switch else "muted",
    }


def readable(value: object) -> str:
    """Arguments, and what a job returned, on several lines."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2, default=str).decode()[:LONGEST]


def _latest(card: JobCard) -> datetime:
    if card.state in {JobState.SCHEDULED, JobState.RETRYABLE}:
        return card.scheduled_at
    return card.ended_at or card.attempted_at or card.inserted_at


def _moment(at: datetime | None) -> str:
    return at.isoformat() if at else ""


def _seconds(span: timedelta | None) -> float | None:
    return span.total_seconds() if span else None

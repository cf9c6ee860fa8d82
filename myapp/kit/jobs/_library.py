"""The one place that knows Oban: what stands in for `erlpack` is there first, and what we use of its inner parts."""

# ruff: noqa: SLF001 - the inner parts
# pyright: reportPrivateUsage=false, reportUnknownVariableType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from typing import Any

from myapp.kit.jobs import _erlpack

sys.modules["erlpack"] = _erlpack

from oban import Cancel, Oban, Record, Snooze, telemetry  # noqa: E402
from oban._extensions import put_ext  # noqa: E402
from oban._looper import sleep_until_stopped, stop_gracefully  # noqa: E402
from oban._notifier import PostgresNotifier  # noqa: E402
from oban._producer import Producer  # noqa: E402
from oban._query import Query  # noqa: E402
from oban._recorded import decode_recorded  # noqa: E402
from oban._scheduler import Expression  # noqa: E402
from oban.decorators import worker as oban_worker  # noqa: E402
from oban.job import Job, JobState  # noqa: E402
from oban.schema import install_sql, uninstall_sql  # noqa: E402
from oban.worker import WorkerResolutionError, resolve_worker, worker_name  # noqa: E402

__all__ = [
    "Cancel",
    "Expression",
    "Job",
    "JobState",
    "Oban",
    "PostgresNotifier",
    "Producer",
    "Query",
    "Record",
    "Snooze",
    "WorkerResolutionError",
    "days_of",
    "decode_recorded",
    "held_by",
    "idle_queues",
    "install_sql",
    "is_stopping",
    "lifeline_of",
    "listen",
    "producers_of",
    "query_of",
    "register",
    "remind",
    "replace",
    "resolve_worker",
    "run",
    "sleep_until_stopped",
    "statement",
    "stop_looping",
    "telemetry",
    "uninstall_sql",
    "uuid_of",
    "want_cancelled",
    "wanted_by",
    "worker_name",
]


async def stop_looping(task: asyncio.Task[None] | None, stopping: asyncio.Event) -> None:
    """Let a loop come to its next safe point, and wait for that some seconds."""
    await stop_gracefully(task, stopping)


def days_of(expression: Expression) -> tuple[set[int], set[int], set[int]]:
    """The months, the days of them, and the weekdays from Sunday, 0, of an expression."""
    return expression.months, expression.days, expression.weekdays


def register(cls: type) -> None:
    """Let Oban find the class by its path; what its jobs are like, we say."""
    oban_worker()(cls)


def replace(parts: Mapping[str, Any]) -> None:
    """Have these parts of Oban done our way, in all of this process."""
    for name, ours in parts.items():
        put_ext(name, ours)


def statement(file: str) -> Any:
    """One of Oban's own statements, as psycopg takes it."""
    return Query._load_file(file, "public")


async def listen(oban: Oban, channel: str) -> None:
    """Return once this channel is listened to, by whoever wants to hear what is said there."""
    token = await oban._notifier.listen(channel, _ignore, wait=True, timeout=10)
    await oban._notifier.unlisten(token)


def _ignore(_channel: str, _payload: dict[str, Any]) -> None:
    """Somebody else listens."""


def idle_queues(oban: Oban) -> list[str]:
    """Those of this process that take no jobs any more, as their loop has ended."""
    return [
        queue for queue, producer in oban._producers.items() if not producer._loop_task or producer._loop_task.done()
    ]


def producers_of(oban: Oban) -> list[Producer]:
    """Those of this process."""
    return list(oban._producers.values())


def uuid_of(producer: Producer) -> str:
    """What the rows of its jobs name it by."""
    return producer._uuid


def is_stopping(producer: Producer) -> bool:
    """Whether it was told to end."""
    return producer._stopping.is_set()


def held_by(producer: Producer) -> set[int]:
    """The jobs that it runs, and those whose end it has yet to note."""
    return {*producer._running_jobs, *(ack.id for ack in producer._pending_acks)}


def remind(producer: Producer) -> None:
    """Have it note the ends that it could not: nothing else wakes it where its queue is empty."""
    if producer._pending_acks:
        producer.notify()


def lifeline_of(oban: Oban) -> Any:
    """What looks for lost jobs: ours, where it was put in the place of Oban's."""
    return oban._lifeline


def query_of(oban: Oban) -> Query:
    """What it asks the database by."""
    return oban._query


async def run(producer: Producer, job: Job) -> None:
    """One attempt of a job, to its end; the producer notes what came of it."""
    await producer._execute(job)


def want_cancelled(job: Job) -> None:
    """Let `job.cancelled()` say so from now on."""
    if job._cancellation is None:
        job._cancellation = asyncio.Event()
    job._cancellation.set()


def wanted_by(producer: Producer) -> tuple[Query, dict[str, Any]]:
    """How many jobs a producer has room for (`demand`), of which `queue`, and who takes them (`attempted_by`)."""
    demand = producer._limit - len(producer._running_jobs)
    taker = [producer._node, producer._uuid]
    return producer._query, {"demand": demand, "queue": producer._queue, "attempted_by": taker}

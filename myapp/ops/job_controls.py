"""Queues and workers as operators hold them: paused, scaled, rated and switched off for all processes together.

Every act is one transaction with its audit row, which says what was before it and after it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Literal

from myapp.kit import audit, jobs
from myapp.kit.changeset.casting import is_storable
from myapp.kit.errors import AppError, NotFound
from myapp.kit.i18n import gettext_noop
from myapp.kit.jobs import Options, QueueCard, Rate
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope
from myapp.ops import policy

MOST_AT_ONCE = 500  # jobs of a queue at a time, in one process
MOST_IN_A_TIME = 100_000  # jobs of a queue that begin
A_DAY = 86_400  # seconds
LONGEST = 200  # characters of a reason

type QueueDeed = Literal["pause", "resume", "stop"]

_QUEUE_DEEDS: dict[QueueDeed, Callable[[str], Awaitable[None]]] = {
    "pause": jobs.pause_queue,
    "resume": jobs.resume_queue,
    "stop": jobs.stop_queue,
}
_PAST: dict[QueueDeed, str] = {"pause": "paused", "resume": "resumed", "stop": "stopped"}


class OutOfRange(AppError):
    """A queue runs one job at a time at least, and not any number."""

    message = gettext_noop("A queue runs between 1 and 500 jobs at a time. Pause it to let none begin.")


class RateOutOfRange(AppError):
    """A rate is so many jobs in so many seconds, and neither none nor any number."""

    message = gettext_noop(
        "A rate is between 1 and 100,000 jobs in between 1 second and a day. Pause the queue to let none begin."
    )


async def do_with_queue(scope: Scope, deed: QueueDeed, queue: str) -> None:
    """Pause, resume or stop a queue in all processes. Raises NotFound, Forbidden, Unauthenticated."""
    acting = policy.authorise(scope, "run_operations")
    async with transaction(acting):
        former = await _require_queue(queue)
        await _QUEUE_DEEDS[deed](queue)
        before: dict[str, object] = {"paused": former.is_paused}
        after: dict[str, object] = {"paused": deed == "pause"}
        if deed == "stop":
            before, after = {"processes": len(former.servers)}, {"processes": 0}
        await audit.record(acting, f"ops.queue.{_PAST[deed]}", "queue", queue, before=before, after=after)


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


async def limit_queue(scope: Scope, queue: str, rate: Rate | None) -> None:
    """Let its jobs begin no oftener than this in all processes together, or as often as they like.

    Raises RateOutOfRange, NotFound, Forbidden, Unauthenticated.
    """
    acting = policy.authorise(scope, "run_operations")
    if rate and not (1 <= rate.count <= MOST_IN_A_TIME and 1 <= rate.seconds <= A_DAY):
        raise RateOutOfRange
    async with transaction(acting):
        former = await _require_queue(queue)
        await jobs.limit_queue(queue, rate)
        before, after = _of_rate(former.rate), _of_rate(rate)
        await audit.record(acting, "ops.queue.limited", "queue", queue, before=before, after=after)


def _of_rate(rate: Rate | None) -> dict[str, object]:
    return {"jobs": rate.count, "seconds": rate.seconds} if rate else {"jobs": None, "seconds": None}


async def switch_worker(scope: Scope, worker: str, *, on: bool, reason: str = "") -> None:
    """Let the jobs of a worker wait in all processes, or run again. Raises NotFound, Forbidden, Unauthenticated."""
    acting = policy.authorise(scope, "run_operations")
    _require_worker(worker)
    why = reason.strip()[:LONGEST] if is_storable(reason) else ""
    async with transaction(acting):
        former = next((each for each in await jobs.list_switches() if each.worker == worker), None)
        if on:
            await jobs.switch_on(worker)
        else:
            await jobs.switch_off(worker, reason=why, by=acting.user_id)
        deed = "switched_on" if on else "switched_off"
        before, after = _of_switch(former.reason if former else None), _of_switch(None if on else why)
        await audit.record(acting, f"ops.worker.{deed}", "worker", worker, before=before, after=after)


def _of_switch(reason: str | None) -> dict[str, object]:
    """None: it is on."""
    return {"on": True} if reason is None else {"on": False, "reason": reason}


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

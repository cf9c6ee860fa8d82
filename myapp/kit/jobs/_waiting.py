"""What waits in the queues, in figures: any process sees whether somebody does it, also when no worker is left."""

from __future__ import annotations

import asyncio
from time import monotonic

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from myapp.kit import telemetry
from myapp.kit.jobs._library import JobState
from myapp.kit.jobs.tables import oban_jobs
from myapp.kit.repo import reading
from myapp.kit.scope import Scope
from myapp.kit.telemetry import Measurement

EVERY = 30.0  # seconds between two looks
PATIENCE = 5.0  # seconds
_CLERK = Scope.system("measures the queues")
_TO_BE_BEGUN = (JobState.AVAILABLE, JobState.SCHEDULED, JobState.RETRYABLE)
"""Whoever leads makes what is due available: where nobody does, it stays as it is."""


def waiting_figures() -> Measurement:
    """What measures them for telemetry: `jobs.queue`, how many are `waiting` in each, and `jobs.backlog`, the `age` in
    seconds of the first of all.
    """
    looked_at = monotonic() - EVERY
    told: set[str] = set()

    async def measure() -> None:
        nonlocal looked_at
        if monotonic() - looked_at < EVERY:
            return
        looked_at = monotonic()
        try:
            async with asyncio.timeout(PATIENCE):
                found = await _waiting()
        except (SQLAlchemyError, OSError):
            return  # it is away: whoever is to know is told by others
        told.update(found)
        for queue in sorted(told):
            telemetry.execute("jobs.queue", {"waiting": found.get(queue, (0, 0.0))[0]}, {"queue": queue})
        telemetry.execute("jobs.backlog", {"age": max((age for _, age in found.values()), default=0.0)})

    return measure


async def _waiting() -> dict[str, tuple[int, float]]:
    """How many there are in each queue whose time has come, and how many seconds ago that of the first one came."""
    jobs, present = oban_jobs.c, sa.func.timezone("UTC", sa.func.clock_timestamp())
    age = sa.func.extract("epoch", present - sa.func.min(jobs.scheduled_at))
    due = sa.and_(jobs.state.in_(_TO_BE_BEGUN), jobs.scheduled_at <= present)
    query = sa.select(jobs.queue, sa.func.count(), age).where(due).group_by(jobs.queue)
    async with reading(_CLERK) as session:
        rows = (await (await session.connection()).execute(query)).all()
    return {queue: (count, float(seconds)) for queue, count, seconds in rows}

"""A job's run is told by its queue, its worker and what came of it, never by what it was given."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from myapp.kit import jobs
from myapp.kit.jobs._telling import telling
from tests.ears import hearing
from tests.kit.jobs.workers import HERE
from tests.queue import drain


async def test_a_run_is_told_with_how_long_it_waited_and_took(db: AsyncConnection, queue: None) -> None:
    await jobs.enqueue(f"{HERE}.Fail", {"who": "ada@example.com"})
    with hearing("jobs.run") as ear, telling():
        await drain()
    [told] = ear.heard
    assert told.metadata == {"queue": "default", "worker": "Fail", "outcome": "retryable"}
    assert min(told.measurements["duration"], told.measurements["wait"]) >= 0

"""What waits and what nobody does is seen in figures, whether or not anybody serves the queues."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import timedelta
from typing import cast

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from myapp.kit import jobs
from myapp.kit.jobs import _waiting
from myapp.kit.jobs.tables import oban_jobs
from myapp.kit.repo import transaction
from tests.ears import hearing
from tests.factories import SYSTEM
from tests.queue import drain

GREET = "tests.kit.jobs.workers.Greet"


async def measured(monkeypatch: pytest.MonkeyPatch, *, then: bool = False) -> list[dict[str, float]]:
    """What is told of a queue with two that are due, and one that is not; and once it is empty."""
    monkeypatch.setattr(_waiting, "EVERY", 0.0)
    measure = jobs.waiting_figures()
    await jobs.enqueue_many(GREET, [{"n": 1}, {"n": 2}])
    await jobs.enqueue(GREET, {"n": 3}, scheduled_in=timedelta(hours=1))
    due = await jobs.enqueue(GREET, {"n": 4}, scheduled_in=timedelta(hours=1))
    async with transaction(SYSTEM) as session:
        ago = sa.func.timezone("UTC", sa.func.now()) - timedelta(seconds=90)
        late = sa.update(oban_jobs).where(oban_jobs.c.id == due.id).values(scheduled_at=ago)
        await (await session.connection()).execute(late)
    with hearing("jobs.queue", "jobs.backlog") as ear:
        await cast("Awaitable[None]", measure())
        if then:
            await jobs.cancel_jobs([due.id])
            await drain()
            await cast("Awaitable[None]", measure())
    return [each.measurements for each in ear.heard]


async def test_what_is_due_is_counted_though_nobody_has_made_it_available(
    db: AsyncConnection, queue: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting, backlog = await measured(monkeypatch)
    assert waiting == {"waiting": 3}
    assert 90 <= backlog["age"] < 600


async def test_an_empty_queue_is_said_to_be_empty(
    db: AsyncConnection, queue: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, _, after, no_backlog = await measured(monkeypatch, then=True)
    assert (before["waiting"] > 0, after["waiting"], no_backlog["age"]) == (True, 0, 0.0)


async def test_while_postgresql_is_away_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    async def is_away() -> dict[str, tuple[int, float]]:
        raise OperationalError("SELECT", {}, OSError("no route"))

    monkeypatch.setattr(_waiting, "_waiting", is_away)
    with hearing("jobs.queue", "jobs.backlog") as ear:
        await cast("Awaitable[None]", jobs.waiting_figures()())
    assert ear.heard == []

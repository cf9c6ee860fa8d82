"""Who looks at the audit trail or the log is told that there is more: soon, seldom, and only where somebody looks."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from myapp import ops
from myapp.kit import audit, logs, pubsub
from myapp.kit.clock import now
from myapp.kit.logs import Line, Ring, _setup
from myapp.kit.repo import transaction
from myapp.ops import news
from myapp.ops.news import DeedsRecorded, LinesLogged, telling_news
from tests.factories import SYSTEM


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Ring:
    ring = Ring()
    monkeypatch.setattr(_setup, "ring", ring)
    return ring


@pytest.fixture
async def told(ring: Ring, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[asyncio.Queue[object]]:
    """What is told, in a world where a second is short."""
    monkeypatch.setattr(news, "EVERY", 0.01)
    heard = asyncio.Queue[object]()
    pubsub.subscribe(ops.DEEDS, lambda _, event: heard.put_nowait(event))
    async with telling_news():
        yield heard


def line() -> Line:
    return Line(now(), "info", "myapp.tea", "tea is up", {})


async def test_deeds_are_told_once_they_are_committed_and_together(
    db: AsyncConnection, told: asyncio.Queue[object]
) -> None:
    with pytest.raises(ZeroDivisionError):
        async with transaction(SYSTEM):
            await audit.record(SYSTEM, "tea.pot.broken", "pot", "1")
            raise ZeroDivisionError
    async with transaction(SYSTEM):
        for number in range(20):
            await audit.record(SYSTEM, "tea.pot.filled", "pot", str(number))
    assert isinstance(await asyncio.wait_for(told.get(), 30), DeedsRecorded)
    assert told.empty()


async def test_lines_are_told_where_somebody_follows_them_from_whichever_thread(
    ring: Ring, told: asyncio.Queue[object]
) -> None:
    ring.add(line())
    heard = asyncio.Queue[object]()
    subscription = pubsub.subscribe(ops.LINES, lambda _, event: heard.put_nowait(event))
    thread = threading.Thread(target=lambda: [ring.add(line()) for _ in range(100)])
    thread.start()
    assert isinstance(await asyncio.wait_for(heard.get(), 30), LinesLogged)
    thread.join()
    subscription.cancel()


async def test_what_a_reading_of_the_log_logs_is_no_news_also_before_it_is_known_to_be_one(
    ring: Ring, told: asyncio.Queue[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = asyncio.Queue[object]()
    pubsub.subscribe(ops.LINES, lambda _, event: heard.put_nowait(event))
    monkeypatch.setattr(news, "EVERY", 0.0)
    for level in ("info", "error"):
        logs.begin("reading-1")
        ring.add(Line(now(), level, "myapp.tea", "who may read?", {"request_id": "reading-1"}))
        news.looks_at_the_log()
        for _ in range(10):
            await asyncio.sleep(0)
    assert await asyncio.wait_for(heard.get(), 30) == LinesLogged(has_errors=True)
    assert heard.empty()


async def test_afterwards_nobody_is_told(ring: Ring) -> None:
    heard: list[object] = []
    pubsub.subscribe(ops.LINES, lambda _, event: heard.append(event))
    async with telling_news():
        ring.add(line())
    ring.add(line())
    assert (heard, ring.watchers) == ([], ())
    with logs.watched(lambda _: heard.append("a line")):
        ring.add(line())
    assert heard == ["a line"]

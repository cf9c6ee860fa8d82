"""Another process of the site, with a tree of its own; it says how it is called, and ends with its input."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import sqlalchemy as sa
from sqlmodel import select

from myapp.kit import pubsub, repo, run_log, telemetry
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope
from myapp.kit.telemetry import _history
from myapp.metrics import metrics
from myapp.ops.exchange import exchanging, own_name
from tests.ops.trees import grown


@asynccontextmanager
async def asking(url: str) -> AsyncGenerator[None]:
    """It has asked the database something that nobody else asks."""
    engine = repo.make_engine(url, pool_size=3)
    repo.use(repo.make_sessions(engine))
    async with transaction(Scope.system("asks for tea")) as session:
        await session.exec(select(sa.column("name")).select_from(sa.table("users")).where(sa.column("name") == "Tea"))
    yield
    await engine.dispose()


async def main(*urls: str) -> None:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    async with (
        telemetry.running(metrics()),
        run_log.running(),
        asking(urls[0]),
        grown(),
        pubsub.connected(*urls),
        exchanging(),
    ):
        telemetry.execute("rate_limit.refused", {}, {"limit": "cups of tea"})
        telemetry.execute("scheduler.run.stop", {"duration": 0.25}, {"job": "pour tea"})
        current = _history._history
        assert current is not None
        current.tick(time.time())
        print(own_name(), flush=True)  # noqa: T201 - the test reads it
        await reader.read()

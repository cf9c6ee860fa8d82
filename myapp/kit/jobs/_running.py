"""The queue as a part of a process that lives."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any
from uuid import uuid4
from weakref import WeakKeyDictionary

from psycopg import AsyncConnection
from psycopg.conninfo import make_conninfo
from psycopg_pool import AsyncConnectionPool

from myapp.kit import databases, lifetime, rls
from myapp.kit.jobs import _runtime
from myapp.kit.jobs._controls import Controls
from myapp.kit.jobs._cron import Crontab
from myapp.kit.jobs._dispatcher import Dispatcher
from myapp.kit.jobs._library import Oban, query_of, replace
from myapp.kit.jobs._lifeline import Lifeline
from myapp.kit.jobs._locks import Locks
from myapp.kit.jobs._notifier import Notifier, hears
from myapp.kit.jobs._rates import get_jobs
from myapp.kit.jobs._rescue import give_back
from myapp.kit.jobs._runtime import Pool, Runtime
from myapp.kit.jobs._telling import telling
from myapp.kit.jobs._worker import load_workers
from myapp.kit.jobs.events import CONTROLS
from myapp.kit.pubsub import subscribe

POOL_SIZE = 5
APPLICATION_NAME = "myapp jobs"
"""What the database calls these connections."""
KEEP_DAYS = 7
GRACE = 10.0
"""Seconds that jobs under way are given, from when the process is told to stop."""
FRESH = 1.0
"""Seconds that a connection is taken for alive after it was."""

log = logging.getLogger(__name__)


@asynccontextmanager
async def running(url: str, queues: Mapping[str, int]) -> AsyncGenerator[None]:
    """Run the jobs of these queues, so many at a time of each, until the end of the block.

    With none of them it only looks after jobs. It takes no more from the moment that the process is told to stop:
    requests under way are finished beside the jobs, and not before them.
    `url` is the application's; the queue itself works as the system. Workers that run alone need `names.running`.
    """
    load_workers()
    replace(
        {
            "lifeline.build": Lifeline,
            "notifier.build": Notifier,
            "producer.get_jobs": get_jobs,
            "scheduler.build": Crontab,
        }
    )
    own_url = make_conninfo(databases.acting_as(rls.SYSTEM, url), application_name=APPLICATION_NAME)
    pool = _pool(own_url)
    await pool.open(wait=True, timeout=10)
    oban = _make(pool, queues)
    runtime = Runtime(Controls(), Locks(for_all=True), oban, pool)
    watch = subscribe(CONTROLS, runtime.controls.forget)
    _runtime.use(runtime)
    try:
        with telling():
            await oban.start()
            end = _End(oban)
            try:
                await hears(oban)
                with lifetime.when_stopping(end.come):
                    yield
            finally:
                await end.begin()
    finally:
        watch.cancel()
        _runtime.use(None)
        await pool.close()


def _pool(url: str) -> Pool:
    """One that replaces dead connections."""
    pools: Any = AsyncConnectionPool
    return pools(url, min_size=1, max_size=POOL_SIZE, open=False, check=_Check(), name="jobs")


class _Check:
    """Whether a connection still lives, unless it did a moment ago: that would be a question for every few jobs."""

    def __init__(self) -> None:
        self._seen = WeakKeyDictionary[AsyncConnection[Any], float]()

    async def __call__(self, connection: AsyncConnection[Any]) -> None:
        moment = monotonic()
        if moment - self._seen.get(connection, -FRESH) >= FRESH:
            await AsyncConnectionPool.check_connection(connection)
            self._seen[connection] = moment


def _make(pool: Pool, queues: Mapping[str, int]) -> Oban:
    """Named by host, process and chance: a process that comes back with the same number is another one."""
    return Oban(
        pool=pool,
        node=f"{socket.gethostname()}.{os.getpid()}.{uuid4().hex[:6]}",
        queues=dict(queues),
        dispatcher=Dispatcher(),
        pruner={"max_age": KEEP_DAYS * 86_400},
        shutdown_grace_period=GRACE,
    )


class _End:
    """Begun once: when the process is told to stop, or when this part of it is to end."""

    def __init__(self, oban: Oban) -> None:
        self._oban = oban
        self._loop = asyncio.get_running_loop()
        self._task: asyncio.Task[None] | None = None

    def come(self) -> None:
        """Begin soon. A signal's handler may say so."""
        self._loop.call_soon_threadsafe(self.begin)

    def begin(self) -> asyncio.Task[None]:
        if self._task is None:
            self._task = self._loop.create_task(_stop(self._oban), name="stop the queue")
        return self._task


async def _stop(oban: Oban) -> None:
    producers = [producer.uuid for producer in oban.check_all_queues()]
    await oban.stop()
    if producers:
        try:
            await give_back(query_of(oban), producers)
        except Exception:
            log.exception("jobs could not be given back; they are rescued later")

"""The pool of connections, which gives away none that is dead, and what telemetry is told of it."""

from __future__ import annotations

from time import perf_counter
from typing import Any, override

import psycopg
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import AsyncAdaptedQueuePool, ConnectionPoolEntry

from myapp.kit import telemetry


class MeasuredPool(AsyncAdaptedQueuePool):
    """Says how long whoever wanted a connection waited for it: `repo.pool`, with `wait` in seconds.

    That is next to nothing while one is free, the time to connect for a new one, and else until another gives one back.
    """

    __module__ = AsyncAdaptedQueuePool.__module__  # by which SQLAlchemy names its logger: what it says is not ours

    @override
    def _do_get(self) -> ConnectionPoolEntry:
        started = perf_counter()
        try:
            return super()._do_get()
        finally:
            telemetry.execute("repo.pool", {"wait": perf_counter() - started})


def refuse_a_dead_one(connection: Any, *_: object) -> None:
    """Raise InvalidatePoolError for a connection that the server has closed: the pool then makes a new one.

    For the event `checkout`. What the server said last is there to be read, so nobody needs to ask it: `pool_pre_ping`
    would, and wait for the answer, before every transaction. The second look is for the end after the last words.
    """
    ours = connection.driver_connection.pgconn
    try:
        ours.consume_input()
        ours.consume_input()
    except psycopg.OperationalError as error:
        raise InvalidatePoolError from error


def figures_of(engine: AsyncEngine) -> None:
    """Execute `repo.pool` with its `size`, and how many connections are `open` and `in_use`."""
    pool = engine.pool
    if isinstance(pool, MeasuredPool):
        in_use = pool.checkedout()
        telemetry.execute("repo.pool", {"size": pool.size(), "open": in_use + pool.checkedin(), "in_use": in_use})

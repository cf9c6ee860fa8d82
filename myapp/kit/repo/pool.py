"""The pool of connections, and what telemetry is told of it."""

from __future__ import annotations

from time import perf_counter
from typing import override

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


def figures_of(engine: AsyncEngine) -> None:
    """Execute `repo.pool` with its `size`, and how many connections are `open` and `in_use`."""
    pool = engine.pool
    if isinstance(pool, MeasuredPool):
        in_use = pool.checkedout()
        telemetry.execute("repo.pool", {"size": pool.size(), "open": in_use + pool.checkedin(), "in_use": in_use})

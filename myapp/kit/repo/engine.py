"""The engine: where connections come from, how each transaction begins on one, and what it may not end with."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg.pq import TransactionStatus
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from myapp.kit import rls
from myapp.kit.query_log import OnRepeats, watch
from myapp.kit.repo.pool import MeasuredPool, refuse_a_dead_one
from myapp.kit.repo.transactions import opening


def make_engine(
    url: str, *, pool_size: int = 10, on_repeats: OnRepeats = "ignore", hides_values: bool = False
) -> AsyncEngine:
    """An engine for `postgresql://…`; the pool waits at most 5 s for a connection and replaces dead ones.

    Its queries are timed; `on_repeats` says what to do about the N+1 problem (`query_log.py`). Unless its transaction
    says otherwise a query is planned for its own values: one organisation is a thousand times as large as another, so a
    plan for the average suits none. With `hides_values` errors do not say with which values a statement failed. Whoever
    the address logs in as, its connections act as the role that owns nothing (`rls.py`).
    """
    engine = create_async_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1),
        poolclass=MeasuredPool,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=5,
        hide_parameters=hides_values,
        # Our own BEGIN is sent in place of the driver's.
        connect_args={"options": f"-c plan_cache_mode=force_custom_plan -c role={rls.APP}", "autocommit": True},
    )
    event.listen(engine.sync_engine, "checkout", refuse_a_dead_one)
    event.listen(engine.sync_engine, "begin", _begin)
    event.listen(engine.sync_engine, "commit", _refuse_to_commit_a_failure)
    watch(engine, on_repeats)
    return engine


def _begin(connection: sa.Connection) -> None:
    """Open the transaction and say whose it is, in one message."""
    statement = opening().encode()

    def send(driver: psycopg.AsyncConnection[Any]) -> Awaitable[object]:
        return driver.execute(statement)

    adapted: Any = connection.connection.dbapi_connection
    adapted.run_async(send)


def _refuse_to_commit_a_failure(connection: sa.Connection) -> None:
    """PostgreSQL answers COMMIT after a failed statement with a rollback and no error: that would lose writes."""
    driver: Any = connection.connection.driver_connection
    if driver.info.transaction_status == TransactionStatus.INERROR:
        raise RuntimeError("a database error was swallowed: put transaction() around what may fail, and catch outside")

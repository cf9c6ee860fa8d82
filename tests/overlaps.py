"""Two things that are done at one moment: the second waits for a lock that the first holds, and then goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine
from typing import Any

import psycopg

from myapp.kit.repo import transaction
from tests.factories import SYSTEM


async def blocked(real_db: str) -> None:
    """Return once some statement waits for a lock that another transaction holds."""
    waiting = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    async with asyncio.timeout(5), await psycopg.AsyncConnection.connect(real_db, autocommit=True) as connection:
        while await (await connection.execute(waiting)).fetchone() is None:
            pass


async def while_open[T](real_db: str, first: Awaitable[object], second: Coroutine[Any, Any, T]) -> T | BaseException:
    """Do the first in a transaction that commits only once the second waits for it. What comes of the second."""
    async with transaction(SYSTEM):
        await first
        waits = asyncio.create_task(second)
        await blocked(real_db)
    (came,) = await asyncio.gather(waits, return_exceptions=True)
    return came

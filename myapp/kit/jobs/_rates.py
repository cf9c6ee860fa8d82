"""What a queue takes on, and how often its jobs may begin: a token bucket in one row, which all processes take from.

A process that is told to stop takes nothing more, also where it was about to.
"""

from __future__ import annotations

from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import class_row

from myapp.kit import lifetime
from myapp.kit.jobs import _runtime
from myapp.kit.jobs._library import Job, Producer, Query, statement, wanted_by

type Connection = AsyncConnection[Any]

_BUCKET = """
SELECT
    least(
        count,
        greatest(tokens, 0) + count * greatest(extract(epoch FROM clock_timestamp() - filled_at), 0) / seconds
    )::float,
    filled_at > clock_timestamp()
FROM job_rates WHERE queue = %s FOR UPDATE
"""
"""What is in it; and whether the clock was put back since, so that nothing would come in until that time is there."""
_TAKE = "UPDATE job_rates SET tokens = %s, filled_at = clock_timestamp() WHERE queue = %s"


async def get_jobs(producer: Producer) -> list[Job]:
    """What a queue of this process takes on: as many as it has room for, and as may begin now."""
    query, wanted = wanted_by(producer)
    if wanted["demand"] <= 0:
        return []
    runtime, (_, taker) = _runtime.current(), wanted["attempted_by"]
    runtime.taking.add(taker)
    try:
        return await _take(query, wanted, is_rated=await runtime.controls.is_rated(wanted["queue"]))
    finally:
        runtime.taking.discard(taker)


async def _take(query: Query, wanted: dict[str, Any], *, is_rated: bool) -> list[Job]:
    async with query.connection() as connection, connection.transaction():
        return await (_at_its_rate if is_rated else _fetch)(connection, wanted)


async def _at_its_rate(connection: Connection, wanted: dict[str, Any]) -> list[Job]:
    """Others wait at the row meanwhile. What is not there takes no token."""
    bucket = await (await connection.execute(_BUCKET, (wanted["queue"],))).fetchone()
    if bucket is None:
        return await _fetch(connection, wanted)
    tokens, is_ahead = bucket
    may = min(wanted["demand"], int(tokens))
    found = await _fetch(connection, {**wanted, "demand": may}) if may else []
    if found or is_ahead:
        await connection.execute(_TAKE, (tokens - len(found), wanted["queue"]))
    return found


async def _fetch(connection: Connection, wanted: dict[str, Any]) -> list[Job]:
    if lifetime.is_stopping():
        return []
    async with connection.cursor(row_factory=class_row(Job)) as cursor:
        await cursor.execute(statement("fetch_jobs.sql"), wanted)
        return await cursor.fetchall()

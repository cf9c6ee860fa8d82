"""What PostgreSQL says about itself: sizes, tables and indexes, and who is at work or waits for whom.

Everything is read from its own statistics, which cost little and lock nothing. A connection shows what it does to
who has logged in as it has, so that is read as whoever this process has logged in as.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel.ext.asyncio.session import AsyncSession

from myapp.kit import repo, telemetry
from myapp.kit.query_log import normalised
from myapp.kit.repo import reading
from myapp.kit.scope import Scope
from myapp.kit.telemetry import Measurement
from myapp.ops import policy

OPEN_FOR_LONG = 1.0  # seconds
SESSIONS = 100
_SHOWN = 400  # characters of a statement

_DATABASE = """
SELECT current_setting('server_version') AS version, current_database() AS name,
    pg_database_size(current_database()) AS size, pg_postmaster_start_time() AS started_at,
    current_setting('max_connections')::int AS max_connections, s.numbackends AS connections,
    s.xact_commit AS commits, s.xact_rollback AS rollbacks, s.deadlocks, s.temp_bytes,
    CASE WHEN s.blks_hit + s.blks_read > 0 THEN s.blks_hit::float / (s.blks_hit + s.blks_read) END AS hit_ratio
FROM pg_stat_database s WHERE s.datname = current_database()
"""
_TABLES = """
SELECT c.relname AS name, pg_total_relation_size(c.oid) AS size, pg_table_size(c.oid) AS table_size,
    pg_indexes_size(c.oid) AS index_size, greatest(c.reltuples::bigint, s.n_live_tup, 0) AS rows,
    s.n_dead_tup AS dead_rows, s.seq_scan AS scans, coalesce(s.idx_scan, 0) AS index_scans,
    greatest(s.last_vacuum, s.last_autovacuum) AS vacuumed_at
FROM pg_class c JOIN pg_stat_user_tables s ON s.relid = c.oid
WHERE c.relnamespace = 'public'::regnamespace
"""
_INDEXES = """
SELECT s.indexrelname AS name, s.relname AS of, pg_relation_size(s.indexrelid) AS size, s.idx_scan AS scans,
    i.indisunique AS is_unique, s.last_idx_scan AS used_at
FROM pg_stat_user_indexes s JOIN pg_index i ON i.indexrelid = s.indexrelid
WHERE s.schemaname = 'public'
"""
_SESSIONS = """
SELECT a.pid, a.state, a.xact_start AS since, extract(epoch FROM clock_timestamp() - a.xact_start)::float AS seconds,
    coalesce(a.wait_event_type || ': ' || a.wait_event, '') AS waits_for, pg_blocking_pids(a.pid) AS blocked_by,
    a.application_name AS application, a.query AS statement,
    (SELECT string_agg(DISTINCT l.relation::regclass::text || ' ' || l.mode, ', ') FROM pg_locks l
     WHERE l.pid = a.pid AND NOT l.granted AND l.relation IS NOT NULL) AS wants
FROM pg_stat_activity a
WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.xact_start IS NOT NULL
    AND (a.xact_start < clock_timestamp() - make_interval(secs => :seconds) OR a.wait_event_type = 'Lock')
ORDER BY a.xact_start LIMIT :most
"""

PATIENCE = 5.0
"""Seconds for measuring: whoever polls has others to ask as well."""
SIZE_EVERY = 20.0
"""Seconds between two measurements of the size: PostgreSQL looks at every file for it."""


@dataclass(frozen=True, slots=True)
class Database:
    """The database as a whole. `hit_ratio` is the share of blocks that were found in memory; sizes are bytes."""

    version: str
    name: str
    size: int
    started_at: datetime
    max_connections: int
    connections: int
    commits: int
    rollbacks: int
    deadlocks: int
    temp_bytes: int
    hit_ratio: float | None


@dataclass(frozen=True, slots=True)
class Table:
    """A table; `rows` is PostgreSQL's estimate, `size` with its indexes."""

    name: str
    size: int
    table_size: int
    index_size: int
    rows: int
    dead_rows: int
    scans: int
    index_scans: int
    vacuumed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Index:
    """An index `of` a table."""

    name: str
    of: str
    size: int
    scans: int
    is_unique: bool
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class DatabaseSession:
    """A transaction that waits for a lock or has been open for long. The statement has no values in it."""

    pid: int
    state: str
    since: datetime
    seconds: float
    waits_for: str
    blocked_by: list[int]
    application: str
    statement: str
    wants: str


async def get_database(scope: Scope) -> Database:
    """The database as a whole. Raises Forbidden, Unauthenticated."""
    async with reading(policy.authorise(scope, "see_operations")) as session:
        [row] = await _rows(session, _DATABASE)
    return Database(**row)


def database_figures() -> Measurement:
    """What measures the database for telemetry: `repo.database`, its `size` and `connections`."""
    measured_at = monotonic() - SIZE_EVERY

    async def measure() -> None:
        nonlocal measured_at
        if monotonic() - measured_at < SIZE_EVERY:
            return
        measured_at = monotonic()
        try:
            async with asyncio.timeout(PATIENCE):
                database = await get_database(Scope.system("measures the database"))
        except (SQLAlchemyError, OSError):
            return  # it is away: whoever is to know is told by others, and its figures are missing until it is back
        telemetry.execute("repo.database", {"size": database.size, "connections": database.connections})

    return measure


async def list_tables(scope: Scope) -> list[Table]:
    """Every table of ours. Raises Forbidden, Unauthenticated."""
    async with reading(policy.authorise(scope, "see_operations")) as session:
        return [Table(**row) for row in await _rows(session, _TABLES)]


async def list_indexes(scope: Scope) -> list[Index]:
    """Every index of ours. Raises Forbidden, Unauthenticated."""
    async with reading(policy.authorise(scope, "see_operations")) as session:
        return [Index(**row) for row in await _rows(session, _INDEXES)]


async def list_database_sessions(scope: Scope) -> list[DatabaseSession]:
    """Transactions that wait for a lock, or are open for over a second, the oldest first; 100 at most.

    Raises Forbidden, Unauthenticated.
    """
    async with reading(policy.authorise(scope, "see_operations")) as session, _as_who_logged_in(session):
        rows = await _rows(session, _SESSIONS, seconds=OPEN_FOR_LONG, most=SESSIONS)
    return [_session(row) for row in rows]


def _session(row: Mapping[str, Any]) -> DatabaseSession:
    shown: dict[str, Any] = {**row, "statement": _shown(row["statement"]), "wants": row["wants"] or ""}
    return DatabaseSession(**shown)


@asynccontextmanager
async def _as_who_logged_in(session: AsyncSession) -> AsyncGenerator[None]:
    connection = await session.connection()
    await connection.exec_driver_sql("SET LOCAL ROLE NONE")
    yield
    await connection.exec_driver_sql(repo.identity_statements())


async def _rows(session: AsyncSession, statement: str, **values: object) -> list[dict[str, Any]]:
    connection = await session.connection()
    result = await connection.execute(sa.text(statement), values)
    return [dict(row) for row in result.mappings()]


def _shown(statement: str) -> str:
    """Without values, in case somebody at a prompt has written some, and in one line."""
    text = " ".join(normalised(statement).split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]} …"

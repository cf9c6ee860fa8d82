"""What this process needs to do its work, asked past its own pools: a busy process is not a sick one."""

# pyright: reportUnknownMemberType=false
# Redis's client is typed in part only.

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

import psycopg
from redis.asyncio import Redis

from myapp.kit import health, jobs, migrations
from myapp.kit.health import Check, NotOk

_PATIENCE = 2  # seconds


@asynccontextmanager
async def running(database_url: str, redis_url: str | None) -> AsyncGenerator[None]:
    """Have the database, its migrations, jobs and, where there is one, Redis checked until the end of the block."""
    async with AsyncExitStack() as registered:
        registered.callback(health.register("database", database_answers(database_url)))
        registered.callback(health.register("migrations", is_migrated(database_url)))
        registered.callback(health.register("jobs", jobs_run(database_url)))
        if redis_url is not None:
            registered.callback(health.register("redis", redis_answers(redis_url)))
        yield


def database_answers(url: str) -> Check:
    """Whether PostgreSQL lets us in and answers."""

    async def check() -> None:
        async with await psycopg.AsyncConnection.connect(url, autocommit=True, connect_timeout=_PATIENCE) as connection:
            await connection.execute("SELECT 1")

    return check


def is_migrated(url: str) -> Check:
    """Whether the database stands where the code does. A newer one, of the next release, is fine."""
    known = {script.revision for script in migrations.revisions()}
    head = migrations.head()

    async def check() -> None:
        async with await psycopg.AsyncConnection.connect(url, autocommit=True, connect_timeout=_PATIENCE) as connection:
            rows = await (await connection.execute("SELECT version_num FROM alembic_version")).fetchall()
        standing = {str(row[0]) for row in rows}
        if head not in standing and standing <= known:
            raise NotOk("migrations_pending")

    return check


def jobs_run(url: str) -> Check:
    """Whether this process adds and runs jobs, as it should."""

    async def check() -> None:
        if not await jobs.is_alive(url, patience=_PATIENCE):
            raise NotOk("jobs_unavailable")

    return check


def redis_answers(url: str) -> Check:
    """Whether Redis answers."""

    async def check() -> None:
        client: Redis = Redis.from_url(url, socket_connect_timeout=_PATIENCE, socket_timeout=_PATIENCE)
        async with client:
            await client.execute_command("PING")

    return check

"""Between processes by PostgreSQL's LISTEN and NOTIFY: one connection that listens, one that sends.

NOTIFY takes at most 8000 bytes (https://www.postgresql.org/docs/current/sql-notify.html). A longer line is put into
`pubsub_payloads`, an unlogged table, and its id is sent instead; the rows are deleted after some minutes.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from itertools import count
from uuid import UUID

import psycopg
import sqlalchemy as sa

from myapp.kit import schema
from myapp.kit.clock import new_id

CHANNEL = "myapp_pubsub"
LIMIT = 7999
BY_REFERENCE = "@"
KEEP_SECONDS = 300
IDLE_SECONDS = 30  # of silence, before the connection is asked whether it still lives

payloads = sa.Table(
    "pubsub_payloads",
    schema.metadata,
    sa.Column("id", sa.Uuid(), primary_key=True, comment="UUIDv7"),
    sa.Column("line", sa.Text(), nullable=False, comment="The message"),
    sa.Column("inserted_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now(), comment="When"),
    sa.Index(None, "inserted_at"),
    prefixes=["UNLOGGED"],
    comment="Broadcasts too long for NOTIFY, on their way between processes; deleted after some minutes",
)


class PostgresTransport:
    """See `Transport`."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._sender: psycopg.AsyncConnection | None = None
        self._sending = asyncio.Lock()
        self._numbers = count()
        self._cleaned = -KEEP_SECONDS - 1.0

    async def lines(self) -> AsyncGenerator[str | None]:
        async with await self._connect() as connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            yield None
            while True:
                async for notification in connection.notifies(timeout=IDLE_SECONDS):
                    _, line = notification.payload.split(" ", 1)
                    yield await self._fetch(line[1:]) if line.startswith(BY_REFERENCE) else line
                await connection.execute("SELECT 1")

    async def send(self, lines: list[str]) -> None:
        async with self._sending:
            sender = await self._sender_connection()
            numbered = [await self._numbered(sender, line) for line in lines]
            await sender.execute(
                "SELECT pg_notify(%s, line) FROM unnest(%s::text[]) WITH ORDINALITY AS l(line, n) ORDER BY n",
                (CHANNEL, numbered),
            )
            await self._clean(sender)

    async def close(self) -> None:
        if self._sender is not None:
            await self._sender.close()

    async def _connect(self) -> psycopg.AsyncConnection:
        return await psycopg.AsyncConnection.connect(self._url, autocommit=True, connect_timeout=5, keepalives_idle=30)

    async def _sender_connection(self) -> psycopg.AsyncConnection:
        if self._sender is None or self._sender.closed:
            self._sender = await self._connect()
            await self._sender.execute("SET synchronous_commit = off")  # nothing here has to outlive a crash
        return self._sender

    async def _numbered(self, sender: psycopg.AsyncConnection, line: str) -> str:
        """PostgreSQL delivers equal notifications of one transaction only once: a number makes each its own."""
        short = f"{next(self._numbers):x} {line}"
        if len(short.encode()) <= LIMIT:
            return short
        key = new_id()
        await sender.execute("INSERT INTO pubsub_payloads (id, line) VALUES (%s, %s)", (key, line))
        return f"{next(self._numbers):x} {BY_REFERENCE}{key}"

    async def _fetch(self, key: str) -> str | None:
        """None when the row is gone: then something was missed, just as after a new connection."""
        async with self._sending:
            sender = await self._sender_connection()
            cursor = await sender.execute("SELECT line FROM pubsub_payloads WHERE id = %s", (UUID(key),))
            row = await cursor.fetchone()
        return None if row is None else str(row[0])

    async def _clean(self, sender: psycopg.AsyncConnection) -> None:
        if time.monotonic() - self._cleaned < KEEP_SECONDS:
            return
        self._cleaned = time.monotonic()
        await sender.execute(
            "DELETE FROM pubsub_payloads WHERE inserted_at < now() - make_interval(secs => %s)", (KEEP_SECONDS,)
        )

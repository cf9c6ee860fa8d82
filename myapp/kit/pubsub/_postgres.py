"""Between processes by PostgreSQL's LISTEN and NOTIFY: one connection that listens, one that sends.

Each line has a number. A sender takes it from a sequence while it holds a lock that it gives back when it has
committed, and PostgreSQL tells notifications in the order of commits; so numbers come in their order. The epoch is the
row of `pubsub_epochs`, an unlogged table: after a crash, or on a replica that takes over, it is empty and another epoch
begins. As a copy of the database has a copy of the row, the table's own number is part of its name.

NOTIFY takes at most 8000 bytes (https://www.postgresql.org/docs/current/sql-notify.html). A longer line is put into
`pubsub_payloads`, an unlogged table, and its id is sent instead; the rows are deleted after some minutes.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from typing import Final, LiteralString
from uuid import UUID

import psycopg
import sqlalchemy as sa

from myapp.kit import schema
from myapp.kit.clock import new_id
from myapp.kit.pubsub._order import Position, new_epoch
from myapp.kit.pubsub._transport import Line, Unread, parse

CHANNEL = "myapp_pubsub"
LIMIT = 7999
HEAD = 60  # bytes at most of the epoch and the number before a line
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

epochs = sa.Table(
    "pubsub_epochs",
    schema.metadata,
    sa.Column("id", sa.SmallInteger(), primary_key=True, autoincrement=False, comment="1: there is one row"),
    sa.Column("epoch", sa.Text(), nullable=False, comment="Since when the numbers of broadcasts count"),
    prefixes=["UNLOGGED"],
    comment="The epoch of the numbers that broadcasts are given; another begins when it is lost",
)
numbers = sa.Sequence("pubsub_numbers", metadata=schema.metadata)

_SEND: Final = """
SELECT pg_notify(%s, epoch || ' ' || nextval('pubsub_numbers') || ' ' || line)
FROM (SELECT pg_advisory_xact_lock(hashtextextended('pubsub_numbers', 0)) OFFSET 0) AS locked,
    (SELECT tableoid::text || '-' || epoch AS epoch FROM pubsub_epochs WHERE id = 1) AS at,
    unnest(%s::text[]) WITH ORDINALITY AS l(line, n)
ORDER BY n"""
_POSITION: Final = """
SELECT epoch, coalesce(pg_sequence_last_value('pubsub_numbers'::regclass), 0)
FROM (SELECT pg_advisory_xact_lock(hashtextextended('pubsub_numbers', 0)) OFFSET 0) AS locked,
    (SELECT tableoid::text || '-' || epoch AS epoch FROM pubsub_epochs WHERE id = 1) AS at"""
_BEGIN: Final = "INSERT INTO pubsub_epochs (id, epoch) VALUES (1, %s) ON CONFLICT DO NOTHING"


class PostgresTransport:
    """See `Transport`."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._sender: psycopg.AsyncConnection | None = None
        self._sending = asyncio.Lock()
        self._cleaned = -KEEP_SECONDS - 1.0

    async def lines(self) -> AsyncGenerator[Position | Line | Unread]:
        async with await self._connect() as connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            yield await self._position(connection)
            while True:
                async for notification in connection.notifies(timeout=IDLE_SECONDS):
                    line = parse(notification.payload)
                    if isinstance(line, Line) and line.text.startswith(BY_REFERENCE):
                        line = await self._whole(line)
                    yield line
                await connection.execute("SELECT 1")

    async def send(self, lines: list[str]) -> None:
        async with self._sending:
            sender = await self._sender_connection()
            short = [await self._shortened(sender, line) for line in lines]
            await self._in_epoch(sender, _SEND, CHANNEL, short)
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

    async def _position(self, connection: psycopg.AsyncConnection) -> Position:
        """Of the last line that was sent. Under the lock, as one that is being sent has its number already."""
        epoch, seq = await self._in_epoch(connection, _POSITION)
        return Position(str(epoch), int(str(seq)))

    async def _in_epoch(
        self, connection: psycopg.AsyncConnection, statement: LiteralString, *args: object
    ) -> tuple[object, ...]:
        """The first row of a statement that gives none while there is no epoch: then another begins, first."""
        cursor = await connection.execute(statement, args)
        if not cursor.rowcount:
            await connection.execute(_BEGIN, (new_epoch(),))
            cursor = await connection.execute(statement, args)
        row = await cursor.fetchone()
        if row is None:
            raise LookupError("the epoch of the broadcasts' numbers is gone again")
        return row

    async def _shortened(self, sender: psycopg.AsyncConnection, line: str) -> str:
        if HEAD + len(line.encode()) <= LIMIT:
            return line
        key = new_id()
        await sender.execute("INSERT INTO pubsub_payloads (id, line) VALUES (%s, %s)", (key, line))
        return f"{BY_REFERENCE}{key}"

    async def _whole(self, line: Line) -> Line | Unread:
        """The line that stands in the table. Raises LookupError when it is gone: then something was missed."""
        try:
            key = UUID(line.text.removeprefix(BY_REFERENCE))
        except ValueError:
            return Unread(line.text)
        async with self._sending:
            sender = await self._sender_connection()
            cursor = await sender.execute("SELECT line FROM pubsub_payloads WHERE id = %s", (key,))
            row = await cursor.fetchone()
        if row is None:
            raise LookupError("a long broadcast was deleted before it was read")
        return Line(line.position, str(row[0]))

    async def _clean(self, sender: psycopg.AsyncConnection) -> None:
        if time.monotonic() - self._cleaned < KEEP_SECONDS:
            return
        self._cleaned = time.monotonic()
        await sender.execute(
            "DELETE FROM pubsub_payloads WHERE inserted_at < now() - make_interval(secs => %s)", (KEEP_SECONDS,)
        )

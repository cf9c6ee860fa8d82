"""The tests' PostgreSQL: one server under `.data/tests`, one migrated template, one copy of it for each xdist worker.

The template is built once for each state of `alembic/` and kept, so a run begins with a copy (about 50 ms). A test has
the copy to itself: `Sandbox` rolls everything back at its end, and where a test must really commit, `empty` deletes
what it left. What Ecto does with `Ecto.Adapters.SQL.Sandbox`.

`TEST_DATABASE_URL` names another server, of whose databases only those called `myapp_test…` are touched.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, LiteralString, Self
from urllib.parse import quote
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa
from psycopg import sql
from psycopg.pq import TransactionStatus
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, async_sessionmaker
from sqlmodel.ext.asyncio.session import AsyncSession

from myapp.kit import embedded_postgres, migrations, repo, schema
from myapp.kit.jobs.tables import OBAN

ROOT = migrations.ROOT
FOLDER = ROOT / ".data" / "tests"
PREFIX = "myapp_test_"
IN_USE = 2  # the class of the advisory locks on databases, by their names, that a test has
PATIENCE = 5.0  # seconds a task waits for the sandbox's one connection before the test fails


@contextmanager
def server() -> Generator[psycopg.Connection]:
    """The server, through a connection to its `postgres` database; it stops when the last test process leaves."""
    given = os.environ.get("TEST_DATABASE_URL")
    with psycopg.connect(given or embedded_postgres.ensure(FOLDER), autocommit=True) as admin:
        if given is None:
            _make_fast(admin)
        yield admin
    if given is None:
        embedded_postgres.release(FOLDER)


@contextmanager
def fresh_database(admin: psycopg.Connection, *, migrated: bool) -> Generator[str]:
    """The URL of a database that is dropped at the end."""
    name = f"{PREFIX}{uuid4().hex}"
    with _alone(admin):
        _drop_forgotten(admin)
        template = _template(admin) if migrated else "template1"
        admin.execute("SELECT pg_advisory_lock(%s, hashtext(%s))", (IN_USE, name))
        _run(admin, "CREATE DATABASE {} TEMPLATE {}", name, template)
    yield _url(admin, name)
    _run(admin, "DROP DATABASE {} WITH (FORCE)", name)
    admin.execute("SELECT pg_advisory_unlock(%s, hashtext(%s))", (IN_USE, name))


def _make_fast(admin: psycopg.Connection) -> None:
    """Nothing in it has to outlive a power cut."""
    if admin.execute("SHOW fsync").fetchone() != ("off",):
        for setting in ("fsync", "full_page_writes", "synchronous_commit", "autovacuum"):
            _run(admin, "ALTER SYSTEM SET {} = off", setting)
        admin.execute("SELECT pg_reload_conf()")


@contextmanager
def _alone(admin: psycopg.Connection) -> Generator[None]:
    admin.execute("SELECT pg_advisory_lock(1)")
    try:
        yield
    finally:
        admin.execute("SELECT pg_advisory_unlock(1)")


def _template_name() -> str:
    files = sorted((ROOT / "alembic").rglob("*.py"))
    return f"{PREFIX}template_{hashlib.sha256(b''.join(file.read_bytes() for file in files)).hexdigest()[:16]}"


def _template(admin: psycopg.Connection) -> str:
    name = _template_name()
    if admin.execute("SELECT FROM pg_database WHERE datname = %s", (name,)).fetchone() is None:
        unfinished = f"{PREFIX}{uuid4().hex}"
        _run(admin, "CREATE DATABASE {}", unfinished)
        migrations.upgrade(_url(admin, unfinished))
        _run(admin, "ALTER DATABASE {} RENAME TO {}", unfinished, name)
    return name


def _drop_forgotten(admin: psycopg.Connection) -> None:
    """Copies of runs that were killed, and templates of older revisions.

    A test that makes its database anew leaves a moment in which nobody is connected to it, so those in use are locked.
    Those that a test names itself it clears away itself.
    """
    rows = admin.execute(
        """SELECT datname FROM pg_database WHERE datname ~ %s AND datname <> %s
           AND hashtext(datname::text)::oid NOT IN
             (SELECT objid FROM pg_locks WHERE locktype = 'advisory' AND classid = %s)""",
        (f"^{PREFIX}(template_)?[0-9a-f]+$", _template_name(), IN_USE),
    )
    for (name,) in rows.fetchall():
        with suppress(psycopg.errors.ObjectInUse):  # a run that was connected in this very moment
            _run(admin, "DROP DATABASE IF EXISTS {}", name)


def _run(admin: psycopg.Connection, statement: LiteralString, *names: str) -> None:
    admin.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _url(admin: psycopg.Connection, name: str) -> str:
    parts = admin.info
    auth = f"{quote(parts.user)}:{quote(parts.password)}" if parts.password else quote(parts.user)
    return f"postgresql://{auth}@/{quote(name)}?host={quote(parts.host)}&port={parts.port}"


class _OneAtATime(AsyncSession):
    """A session of the sandbox. They share one connection, so a transaction waits until the one before it is over."""

    async def __aenter__(self) -> Self:
        turn: asyncio.Lock = self.info["turn"]
        try:
            await asyncio.wait_for(turn.acquire(), PATIENCE)
        except TimeoutError:
            raise RuntimeError("a transaction waits for another task's: such a test needs `real_db`") from None
        return await super().__aenter__()

    async def __aexit__(self, *details: object) -> None:
        try:
            await super().__aexit__(*details)
        finally:
            self.info["turn"].release()


class _Savepoints:
    """What the transactions of a sandbox are to PostgreSQL, each in one message where SQLAlchemy sends three.

    A savepoint travels with the statements that say whose the transaction is, as BEGIN does outside the sandbox, and
    with the release of the one before: until then PostgreSQL has nothing to do for it. Only where the transaction has
    failed is the release sent at once, to fail as well.
    """

    def __init__(self) -> None:
        self._done = ""

    def begin(self, connection: sa.Connection, name: str) -> None:
        identity = f"; {repo.identity_statements()}" if repo.in_transaction() else ""
        self._send(connection, f"{self._done}SAVEPOINT {name}{identity}")
        self._done = ""

    def release(self, connection: sa.Connection, name: str) -> None:
        self._done = f"RELEASE SAVEPOINT {name}; "  # with those within it
        driver: Any = connection.connection.driver_connection
        if driver.info.transaction_status == TransactionStatus.INERROR:
            self._send(connection, self._done)

    def roll_back(self, connection: sa.Connection, name: str) -> None:
        self._done = ""
        self._send(connection, f"ROLLBACK TO SAVEPOINT {name}")

    def _send(self, connection: sa.Connection, statements: str) -> None:
        adapted: Any = connection.connection.dbapi_connection
        adapted.run_async(lambda driver: driver.execute(statements.encode(), prepare=False))

    @contextmanager
    def used_by(self, engine: AsyncEngine) -> Generator[None]:
        dialect = engine.sync_engine.dialect
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(dialect, "do_savepoint", self.begin)
            patch.setattr(dialect, "do_release_savepoint", self.release)
            patch.setattr(dialect, "do_rollback_to_savepoint", self.roll_back)
            yield


def unordered(engine: AsyncEngine) -> None:
    """Turn around what a statement answers that asks for no order.

    PostgreSQL promises none. A small table that is new answers in the order in which it was written, until a row finds
    a place further up: a test that relies on that fails on one day in a hundred, and with this on every day.
    """

    def turn_around(_: object, cursor: Any, statement: str, *__: object) -> None:
        if statement.startswith(("SELECT", "WITH")) and "ORDER BY" not in statement:
            cursor._rows.reverse()

    event.listen(engine.sync_engine, "after_cursor_execute", turn_around)


@asynccontextmanager
async def sandbox(engine: AsyncEngine) -> AsyncGenerator[AsyncConnection]:
    """Let `transaction()` run on one connection, within a transaction that is rolled back at the end.

    To the code under test its commits are real: they release savepoints, and after-commit hooks run.
    """
    async with engine.connect() as connection:
        outer = await connection.begin()
        repo.use(
            async_sessionmaker(
                connection,
                class_=_OneAtATime,
                expire_on_commit=False,
                join_transaction_mode="create_savepoint",
                info={"turn": asyncio.Lock()},
            )
        )
        try:
            with _Savepoints().used_by(engine):
                yield connection
        finally:
            repo.use(None)
            try:
                await outer.rollback()
            except OperationalError:
                # A task that is cancelled amid a statement, as when channels stop, gives the connection up: PostgreSQL
                # rolls back what belongs to one that is closed.
                await connection.invalidate()


async def as_owner(connection: AsyncConnection) -> None:
    """For the rest of the transaction, or until another scope's begins, nothing is kept from the test."""
    await connection.execute(sa.text("SET LOCAL ROLE NONE"))


async def empty(engine: AsyncEngine) -> None:
    """Delete every row of our tables and of the queue (quicker than TRUNCATE for the few rows of a test)."""
    async with engine.begin() as connection:
        await as_owner(connection)
        await connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        for table in schema.metadata.tables.values():
            await connection.execute(table.delete())
        for name in OBAN:
            await connection.execute(sa.table(name).delete())

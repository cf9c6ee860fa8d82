"""The schema's history: forwards, backwards, where it stands, and whether it still says what the models say.

What `mix ecto.migrate`, `mix ecto.rollback` and `mix ecto.migrations` do, with Alembic doing the work. The functions
are synchronous (code under an event loop calls them through `asyncio.to_thread`) and take any PostgreSQL address.

    migrations.upgrade("postgresql://localhost/myapp")
    assert migrations.is_current("postgresql://localhost/myapp")
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import sqlalchemy as sa
from alembic import command, op
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import event
from sqlalchemy.pool import NullPool

from myapp.kit.databases import DatabaseError

ROOT = Path(__file__).parents[2]
PATIENCE = 5
LOCK = 7_163_094_455  # an arbitrary number: only one process at a time migrates a database


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database to `revision`. Processes that start together wait for the one that migrates."""
    _run(url, lambda config: command.upgrade(config, revision))


def downgrade(url: str, revision: str) -> None:
    """Take the database back to `revision`; `base` undoes everything, `-1` the last one.

    Raises DatabaseError where there is no such revision, and where the database stands at one that this code has not.
    """
    _run(url, lambda config: command.downgrade(config, revision))


def head() -> str | None:
    """The newest revision in the code. Raises when two branches were never merged."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def revisions() -> list[Script]:
    """All of them, the oldest first."""
    return list(ScriptDirectory.from_config(_config()).walk_revisions())[::-1]


def current(url: str) -> str | None:
    """The revision the database stands at, or None before the first."""
    with _connect(url) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def is_current(url: str) -> bool:
    """Whether nothing is left to migrate."""
    return current(url) == head()


def is_newer(url: str) -> bool:
    """Whether the database stands at a revision that this code does not have: the next release's."""
    standing = current(url)
    return standing is not None and standing not in {script.revision for script in revisions()}


def sql(start: str = "base", end: str = "head") -> str:
    """What `upgrade` would send to the server, as text for review and for the linter."""
    out = StringIO()
    config = _config()
    config.output_buffer = out
    command.upgrade(config, f"{start}:{end}", sql=True)
    return out.getvalue()


def in_batches(statement: str) -> None:
    """Within a revision that changes rows and no schema: run the statement until it finds nothing more to do.

    It takes what is not done yet, up to a LIMIT: nobody waits long for its locks, and a revision that was interrupted
    goes on where it was. Each batch is a transaction of its own.
    """
    with op.get_context().autocommit_block():
        if op.get_context().as_sql:
            op.execute(statement)
        else:
            while op.get_bind().exec_driver_sql(statement).rowcount:
                pass


def _config() -> Config:
    return Config(ROOT / "alembic.ini")


@contextmanager
def _connect(url: str) -> Generator[sa.Connection]:
    engine = sa.create_engine(sync_url(url), poolclass=NullPool)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _run(url: str, act: Callable[[Config], None]) -> None:
    with _alone(url), _connect(url) as connection:
        config = _config()
        config.attributes["connection"] = connection
        event.listen(connection, "begin", _wait_for_locks_a_moment_only)
        try:
            act(config)
        except CommandError as error:
            raise DatabaseError(str(error)) from None


def _wait_for_locks_a_moment_only(connection: sa.Connection) -> None:
    """A statement that waits for a table's lock makes everybody behind it wait as well: better fail and try again."""
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{PATIENCE}s'")


@contextmanager
def _alone(url: str) -> Generator[None]:
    """Hold the lock on a connection of its own, as a revision may leave its transaction.

    It is asked for again and again: a statement that waits for it would keep a snapshot, and `CREATE INDEX
    CONCURRENTLY` in the process that migrates would wait for that for ever.
    """
    with _connect(url) as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        while not connection.scalar(sa.select(sa.func.pg_try_advisory_lock(LOCK))):
            time.sleep(0.1)
        yield


def sync_url(url: str) -> str:
    """The address as SQLAlchemy's psycopg driver takes it."""
    return url.replace("postgresql://", "postgresql+psycopg://", 1)

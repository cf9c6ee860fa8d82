"""The way to the database: `transaction()`, hooks that run after the commit, and changesets written as rows.

One transaction a task. The outermost block commits; a nested block is a savepoint, so an error that leaves it undoes
only what it did, and an error that nobody catches undoes everything. SQLAlchemy's own session events also fire for
savepoints, which is why after-commit hooks are kept here.

    async with transaction() as session:
        post = await insert(Post.changeset(new(Post, org_id=scope.org_id), attrs))
        after_commit(lambda: log.info("post %s is in", post.id))

What Ecto calls `Repo.transaction`, `Repo.insert`, `Repo.update` and `Repo.delete`.
"""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from typing import cast as typed

import psycopg
import sqlalchemy as sa
from psycopg.pq import TransactionStatus
from sqlalchemy import UpdateBase, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import SQLModel, select
from sqlmodel.ext.asyncio.session import AsyncSession

from myapp.kit.errors import Conflict, Invalid
from myapp.kit.query_log import OnRepeats, unit_of_work, watch

if TYPE_CHECKING:
    from myapp.kit.changeset import Changeset

type Hook = Callable[[], Awaitable[None] | None]
type Sessions = async_sessionmaker[AsyncSession]

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Transaction:
    session: AsyncSession
    task: asyncio.Task[object] | None
    hooks: list[Hook] = field(default_factory=list)


_current: contextvars.ContextVar[_Transaction | None] = contextvars.ContextVar("transaction", default=None)
_sessions: Sessions | None = None


def make_engine(url: str, *, pool_size: int = 10, on_repeats: OnRepeats = "ignore") -> AsyncEngine:
    """An engine for `postgresql://…`; the pool waits at most 5 s for a connection and replaces dead ones.

    Its queries are timed; `on_repeats` says what to do about the N+1 problem (`query_log.py`).
    """
    engine = create_async_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=5,
        pool_pre_ping=True,
    )
    event.listen(engine.sync_engine, "commit", _refuse_to_commit_a_failure)
    watch(engine, on_repeats)
    return engine


def _refuse_to_commit_a_failure(connection: sa.Connection) -> None:
    """PostgreSQL answers COMMIT after a failed statement with a rollback and no error: that would lose writes."""
    driver: Any = connection.connection.driver_connection
    if driver.info.transaction_status == TransactionStatus.INERROR:
        raise RuntimeError("a database error was swallowed: put transaction() around what may fail, and catch outside")


def make_sessions(bind: AsyncEngine) -> Sessions:
    """Sessions whose rows stay readable after the commit (nothing is lazily loaded again)."""
    return async_sessionmaker(bind, class_=AsyncSession, expire_on_commit=False)


def use(sessions: Sessions | None) -> None:
    """Name the sessions of this process: the supervision tree does at start, a test for its sandbox."""
    global _sessions  # noqa: PLW0603 - the one place a process keeps its database
    _sessions = sessions


def in_transaction() -> bool:
    """Whether this task is inside `transaction()`."""
    current = _current.get()
    return current is not None and current.task is asyncio.current_task()


@asynccontextmanager
async def transaction() -> AsyncGenerator[AsyncSession]:
    """The task's session: a new transaction, or a savepoint in the one that is open.

    A child task starts its own: it copies the context, and two tasks must not share a connection.
    """
    outer = _current.get()
    if outer is not None and outer.task is asyncio.current_task():
        mark = len(outer.hooks)
        try:
            async with outer.session.begin_nested():
                yield outer.session
        except BaseException:
            del outer.hooks[mark:]
            raise
        return
    if _sessions is None:
        raise RuntimeError("the database is not started: application.py starts it before anything uses it")
    with unit_of_work():
        async with _sessions() as session:
            current = _Transaction(session, asyncio.current_task())
            token = _current.set(current)
            try:
                async with session.begin():
                    yield session
            finally:
                _current.reset(token)
    await _run(current.hooks)


@asynccontextmanager
async def reading() -> AsyncGenerator[AsyncSession]:
    """The session of the open transaction without a savepoint around the reading, or of a new transaction."""
    current = _current.get()
    if current is not None and current.task is asyncio.current_task():
        yield current.session
    else:
        async with transaction() as session:
            yield session


async def _run(hooks: list[Hook]) -> None:
    """Everything is committed and the connection is back in the pool: a failing hook is logged, the rest still run."""
    for hook in hooks:
        try:
            result = hook()
            if result is not None:
                await result
        except Exception:
            log.exception("an after-commit hook failed")


def after_commit(hook: Hook) -> None:
    """Run `hook` once the outermost transaction has committed; dropped when its block is rolled back."""
    current = _current.get()
    if current is None or current.task is not asyncio.current_task():
        raise RuntimeError("after_commit() is only for inside transaction()")
    current.hooks.append(hook)


async def insert[T: SQLModel](changeset: Changeset[T]) -> T:
    """Write a new row and return it. Raises Invalid for a broken rule or a constraint the changeset names.

    A violated constraint ends the transaction: a caller who wants to go on puts this into a `transaction()` of its own.
    """
    session = current_session()
    ready = await _prepared(changeset.with_action("insert"))
    row, values = ready.data, ready.values()
    columns = sa.inspect(type(row)).columns
    nulls = {name: sa.null() for name, value in values.items() if value is None and _has_own_null(columns[name])}
    for name, value in {**values, **nulls}.items():
        setattr(row, name, value)
    session.add(row)
    try:
        await session.flush()
    except DBAPIError as error:
        _restore(row, ready)
        raise _refused(ready, error) from error
    for name in nulls:
        set_committed_value(row, name, None)
    return row


async def update[T: SQLModel](changeset: Changeset[T]) -> T:
    """Write what changes of a row and return it; nothing is sent when nothing changes.

    Raises Invalid as `insert` does, and Conflict when the row is gone or its optimistic lock is stale. The row may
    come from an earlier transaction. It takes the new values only when they are written.
    """
    session = current_session()
    if changeset.valid and not changeset.changes:
        return changeset.data
    ready = await _prepared(changeset.with_action("update"))
    row, values = ready.data, ready.values()
    columns = sa.inspect(type(row)).columns
    computed = [name for name, c in columns.items() if name not in values and name in row.__dict__ and _is_computed(c)]
    statement = (
        sa.update(_table(row))
        .where(*_identity(row, ready.original, ready.filters))
        .values({columns[name]: sa.null() if value is None else value for name, value in values.items()})
        .returning(sa.literal(1), *(columns[name] for name in computed))
    )
    written = await _write(session, statement, ready)
    values |= zip(computed, written[1:], strict=True)
    for name, value in values.items():
        set_committed_value(row, name, value)
    return row


async def delete[T: SQLModel](target: T | Changeset[T]) -> None:
    """Delete a row. Raises Conflict when it is gone or its optimistic lock is stale.

    A changeset brings its lock and its rules (`no_assoc_constraint`: Invalid while others refer to the row).
    """
    session = current_session()
    if isinstance(target, SQLModel):
        row, changeset = target, None
        conditions = _identity(row, row.__dict__, {})
    else:
        changeset = await _prepared(target.with_action("delete"))
        row = changeset.data
        conditions = _identity(row, changeset.original, changeset.filters)
    await _write(session, sa.delete(_table(row)).where(*conditions).returning(sa.literal(1)), changeset)
    if row in session:
        session.expunge(row)


@asynccontextmanager
async def advisory_lock(key: str, *, wait: bool = True) -> AsyncGenerator[bool]:
    """A lock by name, for as long as the transaction lasts: PostgreSQL lets go of it with the commit, not before.

    Whoever comes second waits or, without `wait`, is told False and goes on without it.
    """
    session = current_session()
    number = sa.func.hashtextextended(key, 0)
    if wait:
        await session.exec(select(sa.func.pg_advisory_xact_lock(number)))
        yield True
    else:
        yield bool((await session.exec(select(sa.func.pg_try_advisory_xact_lock(number)))).one())


def _table(row: SQLModel) -> sa.Table:
    return typed("sa.Table", sa.inspect(type(row)).local_table)


def current_session() -> AsyncSession:
    """The session of the open transaction. Raises RuntimeError outside one."""
    current = _current.get()
    if current is None or current.task is not asyncio.current_task():
        raise RuntimeError("writing is only for inside transaction()")
    return current.session


async def _prepared[T: SQLModel](changeset: Changeset[T]) -> Changeset[T]:
    """The changeset after what it wanted done before the write, still without a complaint."""
    for preparation in changeset.preparations if changeset.valid else ():
        prepared = preparation(changeset)
        changeset = await prepared if inspect.isawaitable(prepared) else prepared
    if not changeset.valid:
        raise Invalid(changeset)
    return changeset


async def _write(session: AsyncSession, statement: UpdateBase, changeset: Changeset[Any] | None) -> Sequence[Any]:
    """Run a statement about one row, after what the session still holds back. Its answer; Conflict if there is none."""
    if session.new or session.dirty or session.deleted:
        await session.flush()
    try:
        result: sa.Result[Any] = await session.exec(statement)
        written = result.one_or_none()
    except DBAPIError as error:
        raise (_refused(changeset, error) if changeset else error) from error
    if written is None:
        raise Conflict
    return written


def _identity(
    row: SQLModel, values: Mapping[str, object], filters: Mapping[str, object]
) -> list[sa.ColumnElement[bool]]:
    """The conditions that find this row, if it still is as `filters` know it."""
    mapper = sa.inspect(type(row))
    keys = {mapper.get_property_by_column(column).key: column for column in mapper.primary_key}
    if any(values.get(name) is None for name in keys):
        raise ValueError(f"this {type(row).__name__} was never written: it has no key")
    columns = {**keys, **{name: mapper.columns[name] for name in filters}}
    return [column == {**values, **filters}[name] for name, column in columns.items()]


def _has_own_null(column: sa.Column[Any]) -> bool:
    """Whether None has to be said in SQL: otherwise it would give a default, or JSON's own null."""
    return column.default is not None or column.server_default is not None or isinstance(column.type, sa.JSON)


def _is_computed(column: sa.Column[Any]) -> bool:
    """Whether the database, or the column's `onupdate`, gives it a value in an UPDATE."""
    return column.computed is not None or column.onupdate is not None or column.server_onupdate is not None


def _restore(row: SQLModel, changeset: Changeset[Any]) -> None:
    """A row that was not written is as it was, so that the next try starts from the same."""
    for name in changeset.values():
        set_committed_value(row, name, changeset.original.get(name))


def _refused(changeset: Changeset[Any], error: DBAPIError) -> Exception:
    """What a violation means to the person; the error itself when the changeset does not know the constraint."""
    cause = error.orig
    if not isinstance(cause, psycopg.Error):
        return error
    known = changeset.constraint_error(cause.sqlstate, cause.diag.constraint_name)
    if known is None and cause.sqlstate == "23502" and cause.diag.table_name == _table(changeset.data).name:
        known = changeset.blank_error(_attribute(changeset.data, cause.diag.column_name))
    if known is None and cause.sqlstate == "22001":
        known = changeset.too_long_error(_lengths(changeset.data))
    return error if known is None else Invalid(known)


def _attribute(row: SQLModel, column: str | None) -> str:
    """What the model calls a column of its table."""
    mapper = sa.inspect(type(row))
    return mapper.get_property_by_column(_table(row).columns[column or ""]).key


def _lengths(row: SQLModel) -> dict[str, int]:
    """The longest text of every field whose column has a limit."""
    columns = sa.inspect(type(row)).columns.items()
    return {name: length for name, column in columns if isinstance(length := getattr(column.type, "length", None), int)}

"""`transaction()`, what runs after its commit, and what is put right after its rollback.

One transaction a task. The outermost block commits; a nested block is a savepoint, so an error that leaves it undoes
only what it did, and an error that nobody catches undoes everything. SQLAlchemy's own session events also fire for
savepoints, which is why after-commit hooks are kept here.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from psycopg.pq import TransactionStatus
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from myapp.kit.query_log import OnRepeats, unit_of_work, watch

type Hook = Callable[[], Awaitable[None] | None]
type Sessions = async_sessionmaker[AsyncSession]

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Transaction:
    session: AsyncSession
    task: asyncio.Task[object] | None
    hooks: list[Hook] = field(default_factory=list[Hook])
    undos: list[Callable[[], None]] = field(default_factory=list[Callable[[], None]])

    def fall_back(self, hooks: int, undos: int) -> None:
        """Forget the hooks of what was rolled back, and put right, last first, what it changed in memory."""
        del self.hooks[hooks:]
        while len(self.undos) > undos:
            self.undos.pop()()


_current: contextvars.ContextVar[_Transaction | None] = contextvars.ContextVar("transaction", default=None)
_sessions: Sessions | None = None


def make_engine(url: str, *, pool_size: int = 10, on_repeats: OnRepeats = "ignore") -> AsyncEngine:
    """An engine for `postgresql://…`; the pool waits at most 5 s for a connection and replaces dead ones.

    Its queries are timed; `on_repeats` says what to do about the N+1 problem (`query_log.py`). Every query is planned
    for its own values: one organisation is a thousand times as large as another, so a plan for the average suits none.
    """
    engine = create_async_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=5,
        pool_pre_ping=True,
        connect_args={"options": "-c plan_cache_mode=force_custom_plan"},
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
        marks = len(outer.hooks), len(outer.undos)
        try:
            async with outer.session.begin_nested():
                yield outer.session
        except BaseException:
            outer.fall_back(*marks)
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
            except BaseException:
                current.fall_back(0, 0)
                raise
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
    _open().hooks.append(hook)


def on_rollback(undo: Callable[[], None]) -> None:
    """Run `undo` if the block, or one around it, is rolled back: it puts right what was changed in memory."""
    _open().undos.append(undo)


def current_session() -> AsyncSession:
    """The session of the open transaction. Raises RuntimeError outside one."""
    return _open().session


def _open() -> _Transaction:
    current = _current.get()
    if current is None or current.task is not asyncio.current_task():
        raise RuntimeError("this is only for inside transaction()")
    return current

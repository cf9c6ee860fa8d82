"""The way to the database: `transaction()`, hooks that run after the commit, and changesets written as rows.

One transaction a task. The outermost block commits; a nested block is a savepoint, so an error that leaves it undoes
only what it did, and an error that nobody catches undoes everything. SQLAlchemy's own session events also fire for
savepoints, which is why after-commit hooks are kept here.

    async with transaction() as session:
        post = await insert(Post.changeset(Post(org_id=scope.org_id), attrs))
        after_commit(lambda: log.info("post %s is in", post.id))

What Ecto calls `Repo.transaction`, `Repo.insert`, `Repo.update` and `Repo.delete`.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

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


def make_engine(url: str, *, pool_size: int = 10) -> AsyncEngine:
    """An engine for `postgresql://…`; the pool waits at most 5 s for a connection and replaces dead ones."""
    return create_async_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=5,
        pool_pre_ping=True,
    )


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
async def transaction() -> AsyncIterator[AsyncSession]:
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
    async with _sessions() as session:
        current = _Transaction(session, asyncio.current_task())
        token = _current.set(current)
        try:
            async with session.begin():
                yield session
        finally:
            _current.reset(token)
    await _run(current.hooks)


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

"""`transaction(scope)`, what runs after its commit, and what is put right after its rollback.

One transaction a task. The outermost block commits; a nested block is a savepoint, so an error that leaves it undoes
only what it did, and an error that nobody catches undoes everything. SQLAlchemy's own session events also fire for
savepoints, which is why after-commit hooks are kept here.

PostgreSQL is told whose each block is (`identity.py`). A nested block may be another scope's, such as a person's within
the system's, and at its end the outer one goes on as it was; but what is done for one organisation is never part of
what is done for another.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, async_sessionmaker
from sqlmodel.ext.asyncio.session import AsyncSession

from myapp.kit.errors import Forbidden
from myapp.kit.query_log import unit_of_work
from myapp.kit.repo.identity import Identity
from myapp.kit.repo.pool import figures_of
from myapp.kit.scope import Scope

type Hook = Callable[[], Awaitable[None] | None]
type Step = Callable[[], Awaitable[None]]
type Sessions = async_sessionmaker[AsyncSession]

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Transaction:
    session: AsyncSession
    task: asyncio.Task[object] | None
    identity: Identity
    is_read_only: bool = False
    plan_once: bool = False
    hooks: list[Hook] = field(default_factory=list[Hook])
    undos: list[Callable[[], None]] = field(default_factory=list[Callable[[], None]])
    steps: list[Step] = field(default_factory=list[Step])
    seen: dict[int, object] = field(default_factory=dict[int, object])

    @property
    def opening(self) -> str:
        """What begins it and says whose it is, in one message."""
        kind = " READ ONLY" if self.is_read_only else ""
        plans = "; SET LOCAL plan_cache_mode = force_generic_plan" if self.plan_once else ""
        return f"BEGIN{kind}; {self.identity.statements}{plans}"

    @property
    def marks(self) -> tuple[int, int, int]:
        return len(self.hooks), len(self.undos), len(self.steps)

    def fall_back(self, hooks: int = 0, undos: int = 0, steps: int = 0) -> None:
        """Forget the hooks of what was rolled back, and put right, last first, what it changed in memory."""
        del self.hooks[hooks:]
        del self.steps[steps:]
        while len(self.undos) > undos:
            self.undos.pop()()

    async def finish(self) -> None:
        """Do what belongs to the transaction and was left for its end; one step may lead to another."""
        while self.steps:
            await self.steps.pop(0)()

    async def become(self, identity: Identity) -> None:
        """Tell PostgreSQL that what follows is another's."""
        if identity != self.identity:
            await (await self.session.connection()).exec_driver_sql(identity.statements)
            self.identity = identity


_current: contextvars.ContextVar[_Transaction | None] = contextvars.ContextVar("transaction", default=None)
_sessions: Sessions | None = None


def make_sessions(bind: AsyncEngine) -> Sessions:
    """Sessions whose rows stay readable after the commit (nothing is lazily loaded again)."""
    return async_sessionmaker(bind, class_=AsyncSession, expire_on_commit=False)


def use(sessions: Sessions | None) -> None:
    """Name the sessions of this process: the supervision tree does at start, a test for its sandbox."""
    global _sessions  # noqa: PLW0603 - the one place a process keeps its database
    _sessions = sessions


def engine() -> AsyncEngine:
    """What the sessions of this process take their connections from. Raises RuntimeError before the start."""
    if _sessions is None:
        raise RuntimeError("the database is not started: application.py starts it before anything uses it")
    bind: AsyncEngine | AsyncConnection = _sessions.kw["bind"]
    return bind.engine if isinstance(bind, AsyncConnection) else bind


def pool_figures() -> None:
    """Execute the telemetry event `repo.pool` with its `size`, and how many connections are `open` and `in_use`."""
    engine = _sessions.kw.get("bind") if _sessions is not None else None
    if isinstance(engine, AsyncEngine):
        figures_of(engine)


def in_transaction() -> bool:
    """Whether this task is inside `transaction()`."""
    return _open_here() is not None


@asynccontextmanager
async def transaction(scope: Scope, *, plan_once: bool = False) -> AsyncGenerator[AsyncSession]:
    """The task's session: a new transaction for this scope, or a savepoint in the one that is open.

    A child task starts its own: it copies the context, and two tasks must not share a connection. For a scope that may
    not write it is read-only: a write raises Forbidden. Raises RuntimeError within one for another organisation.

    With `plan_once` what a new transaction asks is planned once a connection, and not for the values at hand. That is
    for what is found by its key, or else has one good plan whoever asks: planning may take longer than the rest.
    """
    outer = _open_here()
    within = _savepoint(outer, Identity.of(scope)) if outer is not None else _outermost(scope, plan_once)
    async with within as session:
        yield session


@asynccontextmanager
async def _outermost(scope: Scope, plan_once: bool) -> AsyncGenerator[AsyncSession]:
    if _sessions is None:
        raise RuntimeError("the database is not started: application.py starts it before anything uses it")
    with unit_of_work():
        async with _sessions() as session:
            current = _Transaction(session, asyncio.current_task(), Identity.of(scope), not scope.may_write, plan_once)
            token = _current.set(current)
            try:
                async with session.begin():
                    yield session
                    await current.finish()
            except BaseException as error:
                current.fall_back()
                if current.is_read_only and _wanted_to_write(error):
                    raise Forbidden from error
                raise
            finally:
                _current.reset(token)
    await _run(current.hooks)


def _wanted_to_write(error: BaseException) -> bool:
    return isinstance(error, DBAPIError) and isinstance(error.orig, psycopg.errors.ReadOnlySqlTransaction)


@asynccontextmanager
async def _savepoint(outer: _Transaction, identity: Identity) -> AsyncGenerator[AsyncSession]:
    former, marks = outer.identity, outer.marks
    if not former.may_become(identity):
        raise RuntimeError("within a transaction for one organisation, nothing is done for another")
    try:
        async with outer.session.begin_nested():
            await outer.become(identity)
            yield outer.session
    except BaseException:
        outer.fall_back(*marks)
        outer.identity = former  # PostgreSQL took it back with the savepoint
        raise
    await outer.become(former)


@asynccontextmanager
async def savepoint() -> AsyncGenerator[AsyncSession]:
    """The session of the open transaction, within a block whose error undoes only what it did.

    Raises RuntimeError outside a transaction.
    """
    current = _open()
    async with _savepoint(current, current.identity) as session:
        yield session


@asynccontextmanager
async def reading(scope: Scope, *, plan_once: bool = False) -> AsyncGenerator[AsyncSession]:
    """The session of the open transaction without a savepoint around the reading, or of a new transaction."""
    current = _open_here()
    if current is not None and Identity.of(scope) == current.identity:
        yield current.session
    else:
        async with transaction(scope, plan_once=plan_once) as session:
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


def before_commit(step: Step) -> None:
    """Run `step` at the end of the outermost transaction, as part of it: with the rest it is committed, and its error
    undoes the rest. Dropped when its block is rolled back.
    """
    _open().steps.append(step)


def after_commit(hook: Hook) -> None:
    """Run `hook` once the outermost transaction has committed; dropped when its block is rolled back."""
    _open().hooks.append(hook)


def is_first(thing: object) -> bool:
    """Whether this is asked of this very object for the first time in the open transaction."""
    seen = _open().seen
    is_new = id(thing) not in seen
    seen[id(thing)] = thing  # kept, so that no other can have its id
    return is_new


def on_rollback(undo: Callable[[], None]) -> None:
    """Run `undo` if the block, or one around it, is rolled back: it puts right what was changed in memory."""
    _open().undos.append(undo)


def current_session() -> AsyncSession:
    """The session of the open transaction. Raises RuntimeError outside one."""
    return _open().session


def opening() -> str:
    """What begins the transaction that is open for this task."""
    current = _open_here()
    return current.opening if current else "BEGIN"


def identity_statements() -> str:
    """What says whose the open transaction is, for who joins sessions to a transaction that has begun before."""
    return _open().identity.statements


def _open() -> _Transaction:
    current = _open_here()
    if current is None:
        raise RuntimeError("this is only for inside transaction()")
    return current


def _open_here() -> _Transaction | None:
    """The transaction that this task is inside."""
    current = _current.get()
    return current if current is not None and current.task is asyncio.current_task() else None

"""Every query is timed: slow ones are logged, and the same one asked again and again is found.

Over 100 ms is logged as slow, over 1 s as an error: the statement and its duration, never its values. The time is what
the caller waited, so it includes the network and a busy event loop.

A page that asks for the author of each of its 20 posts does 21 queries where 2 would do: the N+1 problem. Where the
same SELECT runs 5 times in one unit of work, the place in our code is logged in development, and `RepeatedQuery` is
raised in tests. A unit is one outermost `transaction()`, or all those within `unit_of_work()`, such as a page's event
or a request; tasks started in it belong to it as long as it lasts.

    with unit_of_work():
        ...
    with count_queries() as queries:
        await blog.list_posts(scope)
    assert len(queries) == 2
    with repeats_allowed():         # reading in batches, on purpose
        ...

What Ecto does with telemetry's `[:repo, :query]` events and `:log` level.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import re
import weakref
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from time import perf_counter
from types import FrameType
from typing import Any, Literal

import greenlet
from sqlalchemy import event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.ext.asyncio import AsyncEngine

from myapp.kit import telemetry
from myapp.kit.alerts import raise_alert
from myapp.kit.query_costs import Statements
from myapp.kit.statements import aim_of

type OnRepeats = Literal["ignore", "warn", "raise"]

log = logging.getLogger(__name__)

SLOW = 0.1
VERY_SLOW = 1.0
_SHOWN = 1000  # characters of a statement in a log line
REPEATS = 5

ROOT = Path(__file__).parents[2]
OURS = (f"{ROOT}/myapp/", f"{ROOT}/tests/", f"{ROOT}/bench/")
KIT = f"{ROOT}/myapp/kit/"
_CONTROL = ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT", "SET LOCAL app.")
_PLACEHOLDERS = re.compile(r"%\(\w+\)s(?:::\w+)?(?:, %\(\w+\)s(?:::\w+)?)*")
_LITERALS = re.compile(r"'(?:[^']|'')*'|\b\d+\b")


class RepeatedQuery(AssertionError):
    """The same SELECT ran too often in one unit of work."""


@dataclass(slots=True)
class _Unit:
    seen: dict[str, int] = field(default_factory=dict[str, int])
    is_closed: bool = False
    task: weakref.ref[asyncio.Task[Any]] | None = None
    """With whose end it ends; asked when it matters, as a callback would cost every event."""

    @property
    def is_open(self) -> bool:
        if self.task is None:
            return not self.is_closed
        task = self.task()
        return task is not None and not task.done()


_unit: ContextVar[_Unit | None] = ContextVar("query_unit", default=None)
_allowed: ContextVar[bool] = ContextVar("query_repeats_allowed", default=False)
_counts: ContextVar[tuple[list[str], ...]] = ContextVar("query_counts", default=())


@contextmanager
def unit_of_work() -> Generator[None]:
    """Look for repeated queries in all that this block does; within another unit it adds nothing."""
    outer = _unit.get()
    if outer is not None and outer.is_open:
        yield
        return
    unit = _Unit()
    token = _unit.set(unit)
    try:
        yield
    finally:
        unit.is_closed = True
        _unit.reset(token)


def unit_until_the_task_ends() -> None:
    """The same for the rest of the running task, where there is no block to put around it."""
    task = asyncio.current_task()
    if task is None:
        raise RuntimeError("only a task has an end")
    _unit.set(_Unit(task=weakref.ref(task)))


@contextmanager
def repeats_allowed() -> Generator[None]:
    """For what asks the same again on purpose, such as reading a large table in batches."""
    token = _allowed.set(True)
    try:
        yield
    finally:
        _allowed.reset(token)


@contextmanager
def count_queries() -> Generator[list[str]]:
    """The statements that this task, and tasks it starts, send meanwhile, but for those about savepoints."""
    statements: list[str] = []
    token = _counts.set((*_counts.get(), statements))
    try:
        yield statements
    finally:
        _counts.reset(token)


def watch(engine: AsyncEngine, on_repeats: OnRepeats = "ignore") -> None:
    """Time the queries of this engine from now on, and tell telemetry: `repo.query`."""
    costs = Statements()
    engine.update_execution_options(statements=costs)

    def before(_connection: Any, _cursor: Any, statement: str, _parameters: Any, context: Any, _many: Any) -> None:
        context.started_at = perf_counter()
        for statements in _counts.get():
            if not statement.startswith(_CONTROL):
                statements.append(statement)
        if on_repeats != "ignore" and statement.startswith(("SELECT", "WITH")):
            _look_for_repeats(statement, on_repeats)

    def after(_connection: Any, _cursor: Any, statement: str, _parameters: Any, context: Any, _many: Any) -> None:
        seconds = perf_counter() - context.started_at
        costs.note(normalised(statement), statement, seconds)
        _tell(statement, seconds, "ok")

    def failed(context: ExceptionContext) -> None:
        started_at = getattr(context.execution_context, "started_at", None)
        if started_at is not None and context.statement is not None:
            _tell(context.statement, perf_counter() - started_at, "failed")

    event.listen(engine.sync_engine, "before_cursor_execute", before)
    event.listen(engine.sync_engine, "after_cursor_execute", after)
    event.listen(engine.sync_engine, "handle_error", failed)


def statements_of(engine: AsyncEngine) -> Statements:
    """What this engine has asked since it is watched."""
    return engine.get_execution_options()["statements"]


def _tell(statement: str, seconds: float, outcome: str) -> None:
    if telemetry.is_attached("repo.query"):
        command, table = aim_of(statement)
        metadata = {"table": table, "command": command, "outcome": outcome, "statement": statement}
        telemetry.execute("repo.query", {"duration": seconds}, metadata)
    if seconds > SLOW:
        level = logging.ERROR if seconds > VERY_SLOW else logging.WARNING
        text = " ".join(statement.split())  # one line of the log, whatever its size
        shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]} …"
        log.log(level, "slow query: %.0f ms: %s", seconds * 1000, shown, extra={"duration_ms": seconds * 1000})
        if seconds > VERY_SLOW:
            raise_alert("slow_query", f"A query took {seconds:.1f} s.", statement=shown)


def _look_for_repeats(statement: str, on_repeats: OnRepeats) -> None:
    unit = _unit.get()
    if unit is None or not unit.is_open or _allowed.get():
        return
    key = normalised(statement)
    unit.seen[key] = unit.seen.get(key, 0) + 1
    if unit.seen[key] != REPEATS:
        return
    message = f"the same query ran {REPEATS} times in one unit of work, at {_call_site()}: {key}"
    if on_repeats == "raise":
        raise RepeatedQuery(message)
    log.warning(message)


@lru_cache(maxsize=2048)
def normalised(statement: str) -> str:
    """The statement without its values and without the length of its lists.

    >>> normalised("SELECT 1 FROM posts WHERE id IN (%(a)s, %(b)s, %(c)s) AND name = 'x'")
    'SELECT ? FROM posts WHERE id IN (?) AND name = ?'
    """
    return _LITERALS.sub("?", _PLACEHOLDERS.sub("?", statement))


def _call_site() -> str:
    """Where our code asked: the innermost frame outside the platform."""
    ours = [frame for frame in _frames() if frame.f_code.co_filename.startswith(OURS)]
    found = next((frame for frame in ours if not frame.f_code.co_filename.startswith(KIT)), None)
    if found is None:
        return "a place outside our code"
    code = found.f_code
    return f"{Path(code.co_filename).relative_to(ROOT)}:{found.f_lineno} in {code.co_qualname}"


def _frames() -> Iterator[FrameType]:
    """From here outwards. SQLAlchemy runs drivers in a greenlet: the caller's frames are those of its parent."""
    frame: FrameType | None = inspect.currentframe()
    running: Any = greenlet.getcurrent()
    while frame is not None:
        yield frame
        frame = frame.f_back
        if frame is None and running.parent is not None:
            running = running.parent
            frame = running.gr_frame

"""What of the queue this process has running, for the parts that need it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from myapp.kit.jobs._controls import Controls
from myapp.kit.jobs._library import Oban
from myapp.kit.jobs._locks import Locks

type Run = tuple[int, datetime]
"""A job, and when it was taken."""
type Pool = AsyncConnectionPool[AsyncConnection[Any]]


@dataclass(slots=True)
class Runtime:
    """A process that runs jobs, or looks after them. Without Oban it can only add some."""

    controls: Controls = field(default_factory=Controls)
    locks: Locks = field(default_factory=Locks)
    oban: Oban | None = None
    pool: Pool | None = None
    taking: set[str] = field(default_factory=set[str])
    """Producers that ask for jobs just now: what has come of it is known to PostgreSQL before it is known here."""
    broken: set[Run] = field(default_factory=set[Run])
    """Those that ended without an outcome."""


_runtime: Runtime | None = None


def use(runtime: Runtime | None) -> None:
    """Name what this process has: `running` does, and a test for its sandbox."""
    global _runtime  # noqa: PLW0603 - the one place a process keeps it
    _runtime = runtime


def current() -> Runtime:
    """What this process has running; something that forgets everything where nothing runs."""
    return _runtime or Runtime()

"""How much of the pool of connections is in use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from myapp.kit.repo.transactions import engine


@dataclass(frozen=True, slots=True)
class Pool:
    """`size` connections at most, of which so many are `out`; so many tasks are `waiting` for one."""

    size: int
    out: int
    waiting: int


def pool() -> Pool:
    """The pool of this process, now. Raises RuntimeError before the start."""
    queue: Any = engine().pool
    waiting = sum(not each.done() for each in queue._pool._queue._getters)  # noqa: SLF001 - no public way
    return Pool(queue.size(), queue.checkedout(), waiting)

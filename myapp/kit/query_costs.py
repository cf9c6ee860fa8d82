"""What the database was asked, by statement: how often, how long in all, and at most.

    kept = Statements()
    kept.note("SELECT … WHERE id = ?", "SELECT … WHERE id = %(id)s", 0.003)
    kept.costliest(20)

Statements that differ only by their values are one. No value is ever kept; the number of statements is bounded: when it
is reached, the tenth that cost least is forgotten. What `pg_stat_statements` does, which not every server has, as this
process sees it: with the wait for the network and for a busy event loop.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from myapp.kit.clock import now

LIMIT = 500
LONGEST = 8000  # characters of a statement that is kept


@dataclass
class Statement:
    """One of them. `text` is how it was sent first, with placeholders; `key` is how all of its kind read."""

    key: str
    text: str
    calls: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    slowest_at: datetime | None = None

    @cached_property
    def id(self) -> str:
        """What it is called in addresses."""
        return hashlib.sha256(self.key.encode()).hexdigest()[:12]


class Statements:
    """Those of one engine."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._by_key: dict[str, Statement] = {}

    def __len__(self) -> int:
        return len(self._by_key)

    def note(self, key: str, text: str, seconds: float) -> None:
        """One more call, which took so long. A statement of great length is not kept."""
        kept = self._by_key.get(key)
        if kept is None:
            if len(text) > LONGEST:
                return
            if len(self._by_key) >= self._limit:
                self._forget()
            kept = self._by_key[key] = Statement(key, text)
        kept.calls += 1
        kept.seconds += seconds
        if seconds > kept.slowest:
            kept.slowest = seconds
            kept.slowest_at = now()

    def costliest(self, count: int) -> list[Statement]:
        """Those that took the most time in all."""
        return sorted(self._by_key.values(), key=lambda each: -each.seconds)[:count]

    def _forget(self) -> None:
        cheapest = sorted(self._by_key.values(), key=lambda each: each.seconds)
        for each in cheapest[: max(1, self._limit // 10)]:
            del self._by_key[each.key]

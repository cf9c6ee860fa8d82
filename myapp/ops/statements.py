"""How a process uses the database: its pool of connections, and the statements that cost it most."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from myapp.kit import repo
from myapp.kit.query_costs import Statement
from myapp.kit.query_log import statements_of
from myapp.kit.repo import Pool

MOST = 100


@dataclass(frozen=True, slots=True)
class StatementCost:
    """A statement without its values, and what it took: seconds in all, on average and at most.

    `sent` is how it goes to PostgreSQL, with placeholders.
    """

    id: str
    statement: str
    sent: str
    calls: int
    total: float
    mean: float
    slowest: float
    slowest_at: datetime | None


@dataclass(frozen=True, slots=True)
class DatabaseUse:
    """`statements` are those that took the process most time in all since it started, 100 at most."""

    pool: Pool
    statements: list[StatementCost]


def own_database_use() -> DatabaseUse:
    """How this process does."""
    return DatabaseUse(repo.pool(), [_cost(each) for each in statements_of(repo.engine()).costliest(MOST)])


def _cost(each: Statement) -> StatementCost:
    shown = " ".join(each.key.split())
    return StatementCost(
        each.id, shown, each.text, each.calls, each.seconds, each.seconds / each.calls, each.slowest, each.slowest_at
    )

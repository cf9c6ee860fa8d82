"""The statements that cost this process most, and how PostgreSQL would run one of them.

A plan is made for a statement that the application itself has sent, which is named by its id: no text comes from a
browser. It is planned without its values (`GENERIC_PLAN`) and never run, in a read-only transaction that ends after a
few seconds, as the role that requests have, so that the plan shows the policies of row-level security, too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import DBAPIError

from myapp.kit import repo
from myapp.kit.errors import AppError, NotFound
from myapp.kit.i18n import gettext_noop
from myapp.kit.query_costs import Statement
from myapp.kit.query_log import statements_of
from myapp.kit.scope import Scope
from myapp.ops import policy

MOST = 100
PLANNING = "3s"
_PLANNABLE = re.compile(r"\s*(?:SELECT|WITH|INSERT|UPDATE|DELETE)\b", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"%\((\w+)\)s")


class NoPlan(AppError):
    """PostgreSQL makes no plan for the statement as it stands."""

    message = gettext_noop("There is no plan for this statement without its values.")


@dataclass(frozen=True, slots=True)
class StatementCost:
    """A statement without its values, and what it took: seconds in all, on average and at most."""

    id: str
    statement: str
    calls: int
    total: float
    mean: float
    slowest: float
    slowest_at: datetime | None


async def list_statements(scope: Scope) -> list[StatementCost]:
    """Those that took most time in all in this process, 100 at most. Raises Forbidden, Unauthenticated."""
    policy.authorise(scope, "see_operations")
    return [_cost(each) for each in statements_of(repo.engine()).costliest(MOST)]


async def get_statement(scope: Scope, statement_id: str) -> StatementCost:
    """One of them. Raises NotFound for what is not kept (any more), Forbidden, Unauthenticated."""
    policy.authorise(scope, "see_operations")
    return _cost(_find(statement_id))


async def explain_statement(scope: Scope, statement_id: str) -> list[str]:
    """The lines of the plan of one of them. Raises NotFound, NoPlan, Forbidden, Unauthenticated."""
    policy.authorise(scope, "see_operations")
    text = _find(statement_id).text
    if not _PLANNABLE.match(text) or ";" in text:
        raise NoPlan
    try:
        # A connection of its own, as requests have it before they say whose they are; its end takes everything back.
        async with repo.engine().connect() as plain:
            connection = await plain.execution_options(no_parameters=True)
            await connection.exec_driver_sql(f"SET TRANSACTION READ ONLY; SET LOCAL statement_timeout = '{PLANNING}'")
            plan = await connection.exec_driver_sql(f"EXPLAIN (GENERIC_PLAN) {_numbered(text)}")
            return [str(line) for line in plan.scalars()]
    except DBAPIError:
        raise NoPlan from None


def _find(statement_id: str) -> Statement:
    found = statements_of(repo.engine()).find(statement_id)
    if found is None:
        raise NotFound
    return found


def _cost(each: Statement) -> StatementCost:
    shown = " ".join(each.key.split())
    return StatementCost(
        each.id, shown, each.calls, each.seconds, each.seconds / each.calls, each.slowest, each.slowest_at
    )


def _numbered(text: str) -> str:
    """The statement with PostgreSQL's own placeholders.

    >>> _numbered("SELECT %(a)s::UUID, %(b)s WHERE x LIKE '%%' AND y = %(a)s::UUID")
    "SELECT $1::UUID, $2 WHERE x LIKE '%' AND y = $1::UUID"
    """
    numbers: dict[str, int] = {}
    return _PLACEHOLDER.sub(lambda found: f"${numbers.setdefault(found[1], len(numbers) + 1)}", text).replace("%%", "%")

"""A statement of some process, and how PostgreSQL would run it.

A plan is made for a statement that the application itself has sent, which is named by its id: no text comes from a
browser. It is planned without its values (`GENERIC_PLAN`) and never run, in a read-only transaction that ends after a
few seconds, as the role that requests have, so that the plan shows the policies of row-level security, too.
"""

from __future__ import annotations

import re

from sqlalchemy.exc import DBAPIError

from myapp.kit import repo
from myapp.kit.errors import AppError, NotFound, Unavailable
from myapp.kit.i18n import gettext_noop
from myapp.kit.scope import Scope
from myapp.ops.looking import PATIENCE, get_database_use
from myapp.ops.statements import StatementCost

PLANNING = "3s"
_PLANNABLE = re.compile(r"\s*(?:SELECT|WITH|INSERT|UPDATE|DELETE)\b", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"%\((\w+)\)s")


class NoPlan(AppError):
    """PostgreSQL makes no plan for the statement as it stands."""

    message = gettext_noop("There is no plan for this statement without its values.")


async def get_statement(scope: Scope, statement_id: str, process: str = "") -> StatementCost:
    """One of those that cost a process most, or this one.

    Raises NotFound for what is not among them (any more), Unavailable if the process does not answer, Forbidden,
    Unauthenticated.
    """
    use = (await get_database_use(scope, process)).found
    if use is None:
        raise Unavailable(PATIENCE)
    found = next((each for each in use.statements if each.id == statement_id), None)
    if found is None:
        raise NotFound
    return found


async def explain_statement(scope: Scope, statement_id: str, process: str = "") -> list[str]:
    """The lines of the plan of one of them. Raises NoPlan, and what `get_statement` does."""
    text = (await get_statement(scope, statement_id, process)).sent
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


def _numbered(text: str) -> str:
    """The statement with PostgreSQL's own placeholders.

    >>> _numbered("SELECT %(a)s::UUID, %(b)s WHERE x LIKE '%%' AND y = %(a)s::UUID")
    "SELECT $1::UUID, $2 WHERE x LIKE '%' AND y = $1::UUID"
    """
    numbers: dict[str, int] = {}
    return _PLACEHOLDER.sub(lambda found: f"${numbers.setdefault(found[1], len(numbers) + 1)}", text).replace("%%", "%")

"""What is offered to somebody who types the beginning of a name: few rows, however many there are.

    rows = await suggest(statement, by=[col(Tag.name)], words="Dat", limit=20)

`statement` selects `sort_name` (`by_name`) among its columns and is filtered by the scope already. Names that begin
with the words come first, then those that contain them, each in their order; without words it is the first ones by
name. What is typed is compared as it stands: `%` and `_` in it stand for themselves.

One query where enough names begin with the words, which an index on `(…, lower(name) COLLATE "C")` answers; a second
one for the others.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from myapp.kit.changeset.casting import is_storable
from myapp.kit.selects import Column, Condition, Select, Values, fetch

MOST = 20
MAX_WORDS = 100  # characters of what is typed: no name that is looked for is longer
_ESCAPE = "\\"


async def suggest(statement: Select, *, by: Sequence[Column], words: str, limit: int = MOST) -> list[Values]:
    """At most `limit` rows, and never more than `MOST`, of which one of the columns `by` fits the words."""
    words, limit = " ".join(words[:MAX_WORDS].split()), min(max(limit, 1), MOST)
    if not is_storable(words):
        return []
    begins, contains = (_like(by, f"{before}{_escaped(words)}%") for before in ("", "%"))
    in_order = statement.order_by(sa.literal_column("sort_name"), *by[1:])
    found = await fetch(in_order.where(begins).limit(limit))
    if words and len(found) < limit:
        found += await fetch(in_order.where(contains, sa.not_(begins)).limit(limit - len(found)))
    return found


def _like(columns: Sequence[Column], pattern: str) -> Condition:
    """Lower-cased by the database, as the index is; `lower` of a constant is one for the planner."""
    lowered = sa.func.lower(sa.literal(pattern))
    fits = [sa.func.lower(column).collate("C").like(lowered, escape=_ESCAPE) for column in columns]
    return sa.or_(*fits)


def _escaped(words: str) -> str:
    """
    >>> _escaped("100%_\\\\")
    '100\\\\%\\\\_\\\\\\\\'
    """
    for sign in (_ESCAPE, "%", "_"):
        words = words.replace(sign, _ESCAPE + sign)
    return words

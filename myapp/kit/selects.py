"""Selects of plain columns: how they are made, and their rows by the names of the columns.

titles = pick(col(Post.title), sa.func.length(col(Post.body)).label("size"))
for row in await fetch(titles.where(is_published())):
    row["title"], row["size"]
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from myapp.kit.pagination import rows

type Column = sa.SQLColumnExpression[Any]
type Condition = sa.SQLColumnExpression[bool]
type Values = dict[str, Any]
type Select = sa.Select[*tuple[Any, ...]]


def pick(*columns: Column) -> Select:
    """A select of plain columns."""
    return sa.select(*columns)


def by_name(name: Column) -> Column:
    """What a list ordered by name is ordered by, `sort_name`: without regard to case, and by code points, as those
    who keep a list in order elsewhere compare texts, whatever the language of the database.
    """
    return sa.func.lower(name).collate("C").label("sort_name")


async def fetch(statement: Select, **parameters: object) -> list[Values]:
    """The rows of a statement of many columns, by their names."""
    return named(await rows.fetch(statement, parameters or None))


def named(found: Iterable[sa.Row[*tuple[Any, ...]]]) -> list[Values]:
    """Rows by the names of their columns."""
    return [row._asdict() for row in found]  # pyright: ignore[reportPrivateUsage] - as a named tuple has it, public

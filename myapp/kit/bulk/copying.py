"""COPY: the fastest way in, for very many rows.

Rows go into a temporary table, which ends with the transaction, and from there by INSERT … SELECT: so conflicts,
defaults and row-level security hold as ever, which a COPY into the table itself would refuse or pass by.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Any, Final

import psycopg
import sqlalchemy as sa
from psycopg import sql
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from myapp.kit import repo
from myapp.kit.bulk.conflicts import ConflictTarget, OnConflict
from myapp.kit.bulk.inserting import insert_all
from myapp.kit.bulk.rows import Row, Target

WAITING: Final = "rows_on_their_way"
"""The temporary table: one name, so that its statements are compiled once. A transaction has one at a time."""


async def copy_into(
    model: type[SQLModel],
    rows: Iterable[Row],
    *,
    on_conflict: OnConflict = None,
    conflict_target: ConflictTarget = None,
) -> int:
    """Insert rows through COPY, and say how many were written. They may come from a generator: none is kept.

    The first row names the fields that the others may give; the options are those of `insert_all`.
    """
    session = repo.current_session()
    target, pending = Target(model), iter(rows)
    first = next(pending, None)
    if first is None:
        return 0
    given = target.values(first)
    makers = target.defaults(given)
    names = [*given, *makers]
    makers |= {name: target.maker(name) for name in given}
    table = await _temporary(session, target, names)
    await _copy(session, table, _written(target, names, makers, chain([first], pending)))
    columns = [table.columns[target.columns[name].key].label(name) for name in names]
    count = await insert_all(model, sa.select(*columns), on_conflict=on_conflict, conflict_target=conflict_target)
    await (await _driver(session)).execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(table.name)))
    return count


async def _temporary(session: AsyncSession, target: Target, names: list[str]) -> sa.Table:
    """An empty table with the columns of these fields, gone with the transaction."""
    columns = [target.columns[name] for name in names]
    table = sa.Table(WAITING, sa.MetaData(), *(sa.Column(each.key, each.type) for each in columns))
    connection = await _driver(session)
    await connection.execute(
        sql.SQL("CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA").format(
            sql.Identifier(table.name),
            sql.SQL(", ").join(sql.Identifier(each.key) for each in columns),
            sql.Identifier(target.table.name),
        )
    )
    return table


async def _copy(session: AsyncSession, table: sa.Table, rows: Iterable[list[Any]]) -> None:
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, table.columns.keys()))
    )
    connection = await _driver(session)
    dialect = (await session.connection()).dialect
    processors = [each.type.dialect_impl(dialect).bind_processor(dialect) for each in table.columns]
    async with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            await copy.write_row(
                [value if write is None else write(value) for write, value in zip(processors, row, strict=True)]
            )


def _written(target: Target, names: list[str], makers: dict[str, Any], rows: Iterable[Row]) -> Iterable[list[Any]]:
    """Each row's values in the order of `names`. Raises ValueError for a field that the first row did not have."""
    known = set(names)
    for row in rows:
        values = target.values(row)
        if more := values.keys() - known:
            raise ValueError(f"the first row does not name {', '.join(sorted(more))}")
        yield [values[name] if name in values else makers[name]() for name in names]


async def _driver(session: AsyncSession) -> psycopg.AsyncConnection[Any]:
    """psycopg's own connection, which knows COPY."""
    raw: Any = await (await session.connection()).get_raw_connection()
    return raw.driver_connection

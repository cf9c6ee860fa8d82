"""Pages by keyset: the next one begins after the sort values of the last row, so depth costs nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Literal, cast, overload

import sqlalchemy as sa
from sqlmodel.sql.expression import SelectOfScalar

from myapp.kit.pagination import cursor as cursors
from myapp.kit.pagination.rows import entries, fetch, held

type Direction = Literal["asc", "desc"]
type Order = Sequence[tuple[Any, Direction]]
"""Columns with their directions. As PostgreSQL has it, null is more than anything: last in "asc", first in "desc"."""

type AnySelect = sa.Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class KeysetPage[T]:
    """Some entries in order, with the cursors of the pages around them: None where there is no such page."""

    entries: list[T]
    before: str | None = None
    after: str | None = None

    @property
    def has_more(self) -> bool:
        """Whether there is a page after this one."""
        return self.after is not None


@overload
async def keyset_page[T](
    statement: SelectOfScalar[T],
    *,
    order: Order,
    after: str | None = None,
    before: str | None = None,
    limit: int = 20,
    plan_once: bool = False,
) -> KeysetPage[T]: ...
@overload
async def keyset_page[*Ts](
    statement: sa.Select[*Ts],
    *,
    order: Order,
    after: str | None = None,
    before: str | None = None,
    limit: int = 20,
    plan_once: bool = False,
) -> KeysetPage[sa.Row[*Ts]]: ...
async def keyset_page(
    statement: AnySelect,
    *,
    order: Order,
    after: str | None = None,
    before: str | None = None,
    limit: int = 20,
    plan_once: bool = False,
) -> KeysetPage[Any]:
    """The first entries of the list, or those next to a cursor; `limit` is held within 1 and 100.

    The primary key of what is selected is added to `order`, so that it is total; an order of the statement itself is
    replaced. With `plan_once`, for a transaction that is begun so, the statement itself says how many it is for: a plan
    for any number is one for a tenth of all. Raises InvalidCursor.
    """
    if after and before:
        raise cursors.InvalidCursor
    keys, size, backwards, cursor = _keys(statement, order), held(limit), bool(before), after or before
    page = statement.add_columns(*(key.column.label(f"_key_{at}") for at, key in enumerate(keys)))
    page = page.order_by(None).order_by(*(key.ordering(backwards) for key in keys))
    page = page.limit(sa.literal_column(f"{size + 1}", sa.Integer()) if plan_once else size + 1)
    name = ",".join(f"{key.name} {key.direction}" for key in keys)
    if cursor:
        values = cursors.decode(cursor, name, [key.column.type for key in keys])
        page = page.where(_past(keys, values, backwards))
    rows = await fetch(page)
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    # Nothing may be left on this side of a cursor; what is on its other side can still be asked for.
    first, last = (cursors.encode(name, row[-len(keys) :]) for row in (rows[0], rows[-1])) if rows else (cursor, cursor)
    return KeysetPage(
        entries(statement, rows, extra=len(keys)),
        before=first if (more if backwards else cursor) else None,
        after=last if (cursor if backwards else more) else None,
    )


@dataclass(frozen=True, slots=True)
class _Key:
    column: sa.ColumnElement[Any]
    direction: Direction

    @property
    def name(self) -> str:
        return str(getattr(self.column, "key", None) or self.column)

    def ascends(self, backwards: bool) -> bool:
        return (self.direction == "asc") != backwards

    def ordering(self, backwards: bool) -> sa.ColumnElement[Any]:
        return self.column.asc() if self.ascends(backwards) else self.column.desc()

    def may_be_null(self) -> bool:
        return bool(getattr(self.column, "nullable", True))

    def is_at(self, value: object) -> sa.ColumnElement[bool]:
        return self.column.is_(None) if value is None else self.column == self.bound(value)

    def is_past(self, value: object, backwards: bool) -> sa.ColumnElement[bool]:
        """Comes after `value`; null comes after everything, so before everything when descending."""
        if not self.ascends(backwards):
            return self.column.is_not(None) if value is None else self.column < self.bound(value)
        if value is None:
            return sa.false()
        past = self.column > self.bound(value)
        return sa.or_(past, self.column.is_(None)) if self.may_be_null() else past

    def bound(self, value: object) -> sa.ColumnElement[Any]:
        return sa.literal(value, self.column.type)


def _keys(statement: AnySelect, order: Order) -> list[_Key]:
    """The order made total by the primary key of the first thing that is selected."""
    keys = [_Key(_expression(column), direction) for column, direction in order]
    entity: Any = statement.column_descriptions[0]["entity"]
    if entity is None:
        if not keys:
            raise ValueError("a keyset needs an order")
        return keys
    mapper = sa.inspect(entity).mapper
    for primary in mapper.primary_key:
        column = _expression(getattr(entity, mapper.get_property_by_column(primary).key))
        if not any(column.shares_lineage(key.column) for key in keys):
            keys.append(_Key(column, keys[-1].direction if keys else "asc"))
    return keys


def _expression(column: Any) -> sa.ColumnElement[Any]:
    return column.expression if hasattr(column, "expression") else column


def _past(keys: list[_Key], values: list[object], backwards: bool) -> sa.ColumnElement[bool]:
    """The rows that come after these sort values.

    With one direction and no nulls in the way it is a comparison of rows, which PostgreSQL looks up in an index.
    """
    ascends = {key.ascends(backwards) for key in keys}
    nulls_follow = True in ascends and any(key.may_be_null() for key in keys)
    if len(ascends) == 1 and None not in values and not nulls_follow:
        ours = sa.tuple_(*(key.column for key in keys))
        theirs = sa.tuple_(*(key.bound(value) for key, value in zip(keys, values, strict=True)))
        return ours > theirs if True in ascends else ours < theirs
    (first, value), *_ = places = list(zip(keys, values, strict=True))

    def before_it(rest: sa.ColumnElement[bool], place: tuple[_Key, object]) -> sa.ColumnElement[bool]:
        key, value = place
        return sa.or_(key.is_past(value, backwards), sa.and_(key.is_at(value), rest))

    exact = reduce(before_it, reversed(places), cast("sa.ColumnElement[bool]", sa.false()))
    # Says again what the first column alone says, so that its index can be used.
    return sa.and_(sa.or_(first.is_past(value, backwards), first.is_at(value)), exact)

"""Changesets and rows, written: what is refused, what is stale, and what a violated constraint means."""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any
from typing import cast as typed

import psycopg
import sqlalchemy as sa
from sqlalchemy import UpdateBase
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.attributes import set_attribute, set_committed_value
from sqlmodel import SQLModel, select
from sqlmodel.ext.asyncio.session import AsyncSession

from myapp.kit.errors import Conflict, Invalid
from myapp.kit.repo.transactions import current_session, on_rollback

if TYPE_CHECKING:
    from myapp.kit.changeset import Changeset


async def insert[T: SQLModel](changeset: Changeset[T]) -> T:
    """Write a new row and return it. Raises Invalid for a broken rule or a constraint the changeset names.

    A violated constraint ends the transaction: a caller who wants to go on puts this into a `transaction()` of its own.
    """
    session = current_session()
    if sa.inspect(changeset.data).has_identity:
        raise ValueError(f"this {type(changeset.data).__name__} was written before: update it")
    ready = await _prepared(changeset.with_action("insert"))
    row, values = ready.data, ready.values()
    columns = sa.inspect(type(row)).columns
    nulls = {name: sa.null() for name, value in values.items() if value is None and _has_own_null(columns[name])}
    for name, value in {**values, **nulls}.items():
        set_attribute(row, name, value)
    row.model_fields_set.update(values)
    session.add(row)
    try:
        await session.flush()
    except DBAPIError as error:
        _restore(row, ready)
        raise _refused(ready, error) from error
    _take(row, dict.fromkeys(nulls))
    return row


async def update[T: SQLModel](changeset: Changeset[T]) -> T:
    """Write what changes of a row and return it; nothing is sent when nothing changes.

    Raises Invalid as `insert` does, and Conflict when the row is gone or its optimistic lock is stale. The row may
    come from an earlier transaction. It takes the new values only when they are written.
    """
    session = current_session()
    if changeset.valid and not changeset.changes:
        return changeset.data
    ready = await _prepared(changeset.with_action("update"))
    row, values = ready.data, ready.values()
    if not values:
        return row
    columns = sa.inspect(type(row)).columns
    computed = [name for name, c in columns.items() if name not in values and name in row.__dict__ and _is_computed(c)]
    statement = (
        sa.update(_table(row))
        .where(*_identity(row, ready.original, ready.filters))
        .values({columns[name]: sa.null() if value is None else value for name, value in values.items()})
        .returning(sa.literal(1), *(columns[name] for name in computed))
    )
    written = await _write(session, statement, ready)
    values |= zip(computed, written[1:], strict=True)
    on_rollback(partial(_take, row, {name: row.__dict__[name] for name in values if name in row.__dict__}))
    _take(row, values)
    return row


async def delete[T: SQLModel](target: T | Changeset[T]) -> None:
    """Delete a row. Raises Conflict when it is gone or its optimistic lock is stale.

    A changeset brings its lock and its rules (`no_assoc_constraint`: Invalid while others refer to the row).
    """
    session = current_session()
    if isinstance(target, SQLModel):
        row, changeset = target, None
        conditions = _identity(row, row.__dict__, {})
    else:
        changeset = await _prepared(target.with_action("delete"))
        row = changeset.data
        conditions = _identity(row, changeset.original, changeset.filters)
    await _write(session, sa.delete(_table(row)).where(*conditions).returning(sa.literal(1)), changeset)
    if row in session:
        session.expunge(row)


@asynccontextmanager
async def advisory_lock(key: str) -> AsyncGenerator[None]:
    """A lock by name, for as long as the transaction lasts: PostgreSQL lets go of it with the commit, not before.

    Whoever comes second waits.
    """
    number = sa.func.hashtextextended(key, 0)
    await current_session().exec(select(sa.func.pg_advisory_xact_lock(number)))
    yield


def _table(row: SQLModel) -> sa.Table:
    return typed("sa.Table", sa.inspect(type(row)).local_table)


async def _prepared[T: SQLModel](changeset: Changeset[T]) -> Changeset[T]:
    """The changeset after what it wanted done before the write, still without a complaint."""
    for preparation in changeset.preparations if changeset.valid else ():
        prepared = preparation(changeset)
        changeset = await prepared if inspect.isawaitable(prepared) else prepared
    if not changeset.valid:
        raise Invalid(changeset)
    return changeset


async def _write(session: AsyncSession, statement: UpdateBase, changeset: Changeset[Any] | None) -> Sequence[Any]:
    """Run a statement about one row, after what the session still holds back. Its answer; Conflict if there is none."""
    if session.new or session.dirty or session.deleted:
        await session.flush()
    try:
        result: sa.Result[Any] = await session.exec(statement)
        written = result.one_or_none()
    except DBAPIError as error:
        raise (_refused(changeset, error) if changeset else error) from error
    if written is None:
        raise Conflict
    return written


def _identity(
    row: SQLModel, values: Mapping[str, object], filters: Mapping[str, object]
) -> list[sa.ColumnElement[bool]]:
    """The conditions that find this row, if it still is as `filters` know it."""
    mapper = sa.inspect(type(row))
    keys = {mapper.get_property_by_column(column).key: column for column in mapper.primary_key}
    if any(values.get(name) is None for name in keys):
        raise ValueError(f"this {type(row).__name__} was never written: it has no key")
    columns = {**keys, **{name: mapper.columns[name] for name in filters}}
    return [column == {**values, **filters}[name] for name, column in columns.items()]


def _has_own_null(column: sa.Column[Any]) -> bool:
    """Whether None has to be said in SQL: otherwise it would give a default, or JSON's own null."""
    return column.default is not None or column.server_default is not None or isinstance(column.type, sa.JSON)


def _is_computed(column: sa.Column[Any]) -> bool:
    """Whether the database, or the column's `onupdate`, gives it a value in an UPDATE."""
    return column.computed is not None or column.onupdate is not None or column.server_onupdate is not None


def _restore(row: SQLModel, changeset: Changeset[Any]) -> None:
    """A row that was not written is as it was, so that the next try starts from the same."""
    _take(row, {name: changeset.original.get(name) for name in changeset.values()})


def _take(row: SQLModel, values: Mapping[str, object]) -> None:
    """Let the row have values that the database has, too: nothing is left to be flushed."""
    for name, value in values.items():
        set_committed_value(row, name, value)


def _refused(changeset: Changeset[Any], error: DBAPIError) -> Exception:
    """What a violation means to the person; the error itself when the changeset does not know the constraint."""
    cause = error.orig
    if not isinstance(cause, psycopg.Error):
        return error
    known = changeset.constraint_error(cause.sqlstate, cause.diag.constraint_name)
    if known is None and cause.sqlstate == "23502" and cause.diag.table_name == _table(changeset.data).name:
        known = changeset.blank_error(_attribute(changeset.data, cause.diag.column_name))
    if known is None and cause.sqlstate == "22001":
        known = changeset.too_long_error(_lengths(changeset.data))
    return error if known is None else Invalid(known)


def _attribute(row: SQLModel, column: str | None) -> str:
    """What the model calls a column of its table."""
    mapper = sa.inspect(type(row))
    return mapper.get_property_by_column(_table(row).columns[column or ""]).key


def _lengths(row: SQLModel) -> dict[str, int]:
    """The longest text of every field whose column has a limit."""
    columns = sa.inspect(type(row)).columns.items()
    return {name: length for name, column in columns if isinstance(length := getattr(column.type, "length", None), int)}

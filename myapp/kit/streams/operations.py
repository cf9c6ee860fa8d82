"""What can happen to a list: rows, their order, and the operations that travel instead of the list.

A row is JSON with three names of its own: `id`, `sort` (the values the list is ordered by; `id` breaks ties) and
`version` (of two states of a row the one with the greater is newer). On the wire an operation is an array whose first
entry says which it is:

    ["insert", row]   ["insert", row, "head"]   ["update", {"id": …, "version": …, …}]   ["delete", id]
    ["reset", [row, …], whether there are more]   ["change", field, value, {…}]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, cast
from uuid import UUID

type Row = Mapping[str, Any]
type Place = Literal["sort", "head", "tail"]
type Key = tuple[Any, ...]
"""Where a row stands: its sort values and its id. Compared entry by entry, so each entry is of one type."""


@dataclass(frozen=True, slots=True)
class Insert:
    """The row as it is now: put in where its key belongs, or in place of its older self, which may move it.

    At "head" or "tail" it goes to that end of a list that has no order of its own.
    """

    row: Row
    at: Place = "sort"


@dataclass(frozen=True, slots=True)
class Update:
    """Some values of a row that may be shown: its `id` and `version`, and what has changed."""

    changes: Row


@dataclass(frozen=True, slots=True)
class Delete:
    """The row is no longer in the list."""

    id: str


@dataclass(frozen=True, slots=True)
class Reset:
    """The list from its head: what was known of it before is forgotten. `has_more` says whether rows follow."""

    rows: tuple[Row, ...] = ()
    has_more: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """The same values in all rows whose `field` has this value, such as what their author is called. Versions stay."""

    field: str
    value: str
    changes: Row


type Operation = Insert | Update | Delete | Reset | Change


def key_of(row: Row) -> Key:
    """
    >>> key_of({"id": "b", "sort": [7], "version": 1})
    (7, 'b')
    """
    return (*row["sort"], row["id"])


def sort_value(value: datetime | UUID | int | str) -> str | int:
    """A value as it stands in `sort`: of the same order, whoever compares it. Times are aware.

    >>> sort_value(datetime(2026, 11, 20, 9, tzinfo=UTC))
    '2026-11-20T09:00:00.000000+00:00'
    """
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="microseconds")
        case UUID():
            return str(value)
        case _:
            return value


def to_wire(operation: Operation) -> list[object]:
    """
    >>> to_wire(Delete("b"))
    ['delete', 'b']
    """
    match operation:
        case Insert(row, "sort"):
            return ["insert", row]
        case Insert(row, at):
            return ["insert", row, at]
        case Update(changes):
            return ["update", changes]
        case Delete(row_id):
            return ["delete", row_id]
        case Reset(rows, has_more):
            return ["reset", rows, has_more]
        case Change(field, value, changes):
            return ["change", field, value, changes]


def from_wire(parts: Sequence[Any]) -> Operation:
    """What `to_wire` wrote. Raises ValueError for anything else."""
    match parts:
        case ["insert", row] if isinstance(row, dict):
            return Insert(cast("Row", row))
        case ["insert", row, "head" | "tail" as at] if isinstance(row, dict):
            return Insert(cast("Row", row), at)
        case ["update", changes] if isinstance(changes, dict):
            return Update(cast("Row", changes))
        case ["delete", str() as row_id]:
            return Delete(row_id)
        case ["reset", rows, bool() as has_more] if isinstance(rows, list | tuple):
            return Reset(tuple(cast("list[Row]", rows)), has_more)
        case ["change", str() as field, str() as value, changes] if isinstance(changes, dict):
            return Change(field, value, cast("Row", changes))
        case _:
            raise ValueError("not an operation")

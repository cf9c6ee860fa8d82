"""What happens to a row that is there already."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Insert

from myapp.kit.bulk.rows import Target


@dataclass(frozen=True, slots=True)
class Replace:
    """The row that is there takes the new values: of all fields that were sent, or of those that are named.

    Its key and the time of its insert stay; `updated_at` is always set. `where` gets the new row (PostgreSQL's
    `excluded`) and says which rows are replaced at all: `Replace(where=lambda new: new.version > Post.version)`.
    """

    fields: Sequence[str] | None = None
    where: Callable[[Any], sa.ColumnElement[bool]] | None = None


type OnConflict = Literal["nothing"] | Replace | None
type ConflictTarget = Sequence[str] | str | None
"""The fields of a unique constraint, or the name of a constraint or unique index: partial and expression ones too."""


def with_conflict(
    statement: Insert, target: Target, names: Sequence[str], on_conflict: OnConflict, conflict_target: ConflictTarget
) -> Insert:
    """The statement with its ON CONFLICT clause."""
    if on_conflict is None:
        return statement
    place = _place(target, conflict_target)
    if on_conflict == "nothing":
        return statement.on_conflict_do_nothing(**place)
    if not place:
        raise ValueError("to replace rows, conflict_target has to say which ones are the same")
    kept = {column.key for column in target.mapper.primary_key} | {"inserted_at"}
    fields = on_conflict.fields if on_conflict.fields is not None else [name for name in names if name not in kept]
    if "updated_at" in names:
        fields = [*fields, "updated_at"]
    new = _New(statement, target)
    return statement.on_conflict_do_update(
        **place,
        set_={target.columns[name]: getattr(new, name) for name in fields},
        where=on_conflict.where(new) if on_conflict.where else None,
    )


def _place(target: Target, conflict_target: ConflictTarget) -> dict[str, Any]:
    if conflict_target is None:
        return {}
    if not isinstance(conflict_target, str):
        return {"index_elements": [target.columns[name] for name in conflict_target]}
    named = [*target.table.indexes, *target.table.constraints]
    found = [each for each in named if each.name is not None and str(each.name) == conflict_target]
    return {"constraint": found[0] if found else conflict_target}


class _New:
    """The row that could not be inserted, by the names of the model's fields."""

    def __init__(self, statement: Insert, target: Target) -> None:
        self._row = statement.excluded
        self._columns = target.columns

    def __getattr__(self, name: str) -> sa.ColumnElement[Any]:
        return self._row[self._columns[name].key]

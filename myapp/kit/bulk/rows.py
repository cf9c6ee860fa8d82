"""Rows as somebody has them, made into the columns of one statement."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import batched
from typing import Any, Final, cast

import sqlalchemy as sa
from pydantic_core import PydanticUndefined
from sqlalchemy.orm import Mapper
from sqlmodel import SQLModel

from myapp.kit.clock import now

MAX_PARAMETERS: Final = 65_535
"""PostgreSQL's protocol counts a statement's parameters in two bytes."""

type Row = Mapping[str, Any] | SQLModel


@dataclass(frozen=True, slots=True)
class Placeholder:
    """Stands in a row for a value of `placeholders`, which is sent once for all rows."""

    name: str


class Target:
    """A table to fill, by the names its model gives to columns."""

    def __init__(self, model: type[SQLModel]) -> None:
        self.model = model
        self.mapper: Mapper[Any] = sa.inspect(model)
        self._moment = now()

    @property
    def table(self) -> sa.Table:
        return cast("sa.Table", self.mapper.local_table)

    @cached_property
    def columns(self) -> dict[str, sa.Column[Any]]:
        """What can be written: everything that the database does not compute."""
        return {name: column for name, column in self.mapper.columns.items() if column.computed is None}

    def values(self, row: Row) -> dict[str, Any]:
        """A row by field. Raises ValueError for a field that the model does not have."""
        if isinstance(row, SQLModel):
            return {name: value for name, value in row.__dict__.items() if name in self.columns}
        if unknown := row.keys() - self.columns.keys():
            raise ValueError(f"{self.model.__name__} has no column for {', '.join(sorted(unknown))}")
        return dict(row)

    def defaults(self, given: Iterable[str]) -> dict[str, Any]:
        """Makers of the values of fields that no row gives; what is None by default is left to the database."""
        found: dict[str, Any] = {}
        for name in self.columns.keys() - set(given):
            field = self.model.model_fields.get(name)
            if field is not None and (field.default_factory or not _is_nothing(field.default)):
                found[name] = self.maker(name)
        return found

    def maker(self, name: str) -> Any:
        """What gives a field its value where a row does not: one moment for all, a new id for each."""
        field = self.model.model_fields[name]
        if field.default_factory is now:
            return lambda: self._moment
        if field.default_factory is not None:
            return field.default_factory
        return lambda: None if _is_nothing(field.default) else field.default

    def chunks(self, rows: Iterable[Row]) -> Iterator[tuple[dict[str, Any], ...]]:
        """As many rows as a statement takes if each column of each row were a parameter of its own."""
        most = int(0.9 * MAX_PARAMETERS / len(self.columns))
        return batched((self.values(row) for row in rows), most)

    def filled(self, rows: Iterable[dict[str, Any]]) -> dict[str, list[Any]]:
        """The values of a chunk by column, every column as long as the chunk."""
        chunk = list(rows)
        names = {name: None for row in chunk for name in row}
        makers = self.defaults(names)
        columns: dict[str, list[Any]] = {name: [] for name in (*names, *makers)}
        for name, values in columns.items():
            make = makers[name] if name in makers else self.maker(name)
            values.extend(row[name] if name in row else make() for row in chunk)
        return columns


def _is_nothing(default: object) -> bool:
    return default is None or default is PydanticUndefined

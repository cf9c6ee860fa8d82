"""What every table keeps to, whoever wrote it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy import ForeignKeyConstraint, Table

from myapp.kit import schema
from myapp.kit.schema import metadata

schema.load_models()
TABLES = sorted(metadata.tables.values(), key=lambda table: table.name)

each_table = pytest.mark.parametrize("table", [pytest.param(table, id=table.name) for table in TABLES])


@each_table
def test_every_foreign_key_is_indexed(table: Table) -> None:
    missing = [key.column_keys for key in table.foreign_key_constraints if not _starts_an_index(table, key)]
    assert missing == []


@each_table
def test_every_foreign_key_says_what_happens_on_delete(table: Table) -> None:
    assert [key.column_keys for key in table.foreign_key_constraints if key.ondelete is None] == []


@each_table
def test_every_table_says_what_it_is_for(table: Table) -> None:
    assert table.comment


@each_table
def test_every_moment_has_its_zone(table: Table) -> None:
    types = {column.name: column.type for column in table.columns}
    assert [name for name, kind in types.items() if isinstance(kind, sa.DateTime) and not kind.timezone] == []


@each_table
def test_every_constraint_and_index_has_a_name(table: Table) -> None:
    named: list[sa.Constraint | sa.Index] = [*table.constraints, *table.indexes]
    assert [thing for thing in named if thing.name is None] == []


def _starts_an_index(table: Table, key: ForeignKeyConstraint) -> bool:
    """Deleting a row looks for those that point to it; the first column of a key is the one that finds them."""
    return key.column_keys[0] in _first_columns(table)


def _first_columns(table: Table) -> Iterator[str]:
    """Of every index that holds all rows whose first column is not null; keys and unique constraints have one too."""
    for index in table.indexes:
        first = getattr(index.expressions[0], "name", str(index.expressions[0]))
        if str(index.dialect_options["postgresql"]["where"]) in {"None", f"{first} IS NOT NULL"}:
            yield first
    for constraint in table.constraints:
        if isinstance(constraint, sa.PrimaryKeyConstraint | sa.UniqueConstraint):
            yield next(iter(constraint.columns)).name

"""Asking the database whether a value is taken, while somebody is still typing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel, select

from myapp.kit import repo
from myapp.kit.changeset import messages
from myapp.kit.changeset.changeset import Changeset


async def unsafe_validate_unique[T: SQLModel](
    changeset: Changeset[T],
    fields: str | Sequence[str],
    *,
    query: sa.Select[Any] | None = None,
    ignore_case: bool = False,
    message: str = messages.TAKEN,
) -> Changeset[T]:
    """Complain about the first of `fields` if another row has the same values.

    Unsafe, as in Ecto, because somebody may take the value before it is written: it serves the form, and
    `unique_constraint` stays the rule. Not asked while a field has a complaint, is empty or does not change. `query`
    narrows the rows that count (`select(Post).where(…)`); `ignore_case` goes with an index over `lower(…)`. It is for
    inside `transaction()` or `reading()`: only rows that the scope's organisation may see count.
    """
    names = [fields] if isinstance(fields, str) else list(fields)
    values = {name: changeset.get_field(name) for name in names}
    changes = any(name in changeset.changes for name in names)
    if not changes or None in values.values() or any(changeset.has_error(name) for name in names):
        return changeset
    model = type(changeset.data)
    mapper = sa.inspect(model)
    statement = query if query is not None else sa.select(model)
    for name, value in values.items():
        column: Any = mapper.columns[name]
        folds = ignore_case and isinstance(value, str)
        statement = statement.where(sa.func.lower(column) == sa.func.lower(value) if folds else column == value)
    was = sa.inspect(changeset.data).identity or ()  # a row that is not written yet may have a key, but has no identity
    others = [key != value for key, value in zip(mapper.primary_key, was, strict=False)]
    if others:
        statement = statement.where(sa.or_(*others))
    taken = (await repo.current_session().exec(select(statement.exists()))).one()
    return changeset.add_error(names[0], message, validation="unsafe_unique") if taken else changeset

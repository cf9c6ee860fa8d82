"""Running a statement for a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

import sqlalchemy as sa
from sqlalchemy.engine.result import IteratorResult, SimpleResultMetaData
from sqlalchemy.orm import Session
from sqlmodel.sql.expression import SelectOfScalar

from myapp.kit import repo

MAX_SIZE: Final = 100


def held(size: int) -> int:
    """The size of a page within 1 and 100, whatever was asked for."""
    return min(max(size, 1), MAX_SIZE)


async def fetch(
    statement: sa.Select[*tuple[Any, ...]], parameters: Mapping[str, object] | None = None
) -> list[sa.Row[*tuple[Any, ...]]]:
    """All rows, as rows, in the open transaction. (SQLModel's session unwraps those of its own `select`.)"""

    def run(session: Session) -> list[sa.Row[*tuple[Any, ...]]]:
        return list(Session.execute(session, statement, parameters).all())

    return await repo.current_session().run_sync(run)


def entries(
    statement: sa.Select[*tuple[Any, ...]], rows: Sequence[sa.Row[*tuple[Any, ...]]], *, extra: int = 0
) -> list[Any]:
    """What the statement selects, without so many extra values that came along behind it."""
    if _is_scalar(statement) or not rows:
        return [row[0] for row in rows]
    # Asking the statement takes longer than making a card. The names are public, as a named tuple has them.
    names = list(rows[0]._fields)[: len(rows[0]) - extra]  # pyright: ignore[reportPrivateUsage]
    values: list[Any] = [row[: len(names)] for row in rows]
    return list(cast("Any", IteratorResult)(SimpleResultMetaData(names), iter(values)).all())


def _is_scalar(statement: object) -> bool:
    return isinstance(statement, SelectOfScalar)

"""Pages by number, with the count of everything: for lists short enough to be counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, overload

import sqlalchemy as sa
from sqlmodel.sql.expression import SelectOfScalar

from myapp.kit.pagination.rows import entries, fetch, held

FARTHEST: Final = 2**62
"""PostgreSQL's OFFSET is a bigint."""


@dataclass(frozen=True, slots=True)
class OffsetPage[T]:
    """The entries of page number `page`, which is within 1 and `total_pages`; an empty list has one page."""

    entries: list[T]
    page: int
    page_size: int
    total_count: int

    @property
    def total_pages(self) -> int:
        return max(1, -(-self.total_count // self.page_size))


@overload
async def offset_page[T](
    statement: SelectOfScalar[T], *, page: int | None = 1, page_size: int = 20
) -> OffsetPage[T]: ...
@overload
async def offset_page[*Ts](
    statement: sa.Select[*Ts], *, page: int | None = 1, page_size: int = 20
) -> OffsetPage[sa.Row[*Ts]]: ...
async def offset_page(
    statement: sa.Select[*tuple[Any, ...]], *, page: int | None = 1, page_size: int = 20
) -> OffsetPage[Any]:
    """Page `page` of an ordered statement, or the last one if there are fewer; `page_size` is held within 1 and 100.

    One query when the page itself shows where the list ends, else a second one that counts.
    """
    size, number = held(page_size), max(page or 1, 1)
    rows = await fetch(statement.limit(size).offset((number - 1) * size)) if number <= FARTHEST // size else []
    ends_here = len(rows) < size and (number == 1 or bool(rows))
    total = (number - 1) * size + len(rows) if ends_here else await _count(statement)
    found = OffsetPage(entries(statement, rows), number, size, total)
    if number <= found.total_pages:
        return found
    return await offset_page(statement, page=found.total_pages, page_size=size)


async def _count(statement: sa.Select[*tuple[Any, ...]]) -> int:
    [(total,)] = await fetch(sa.select(sa.func.count()).select_from(statement.order_by(None).subquery()))
    return total

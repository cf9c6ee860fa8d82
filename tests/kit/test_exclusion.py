"""A rule that no two rows overlap is the database's, and an error of a field where a changeset names it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from myapp.kit import repo
from myapp.kit.changeset import change, new
from myapp.kit.errors import Invalid
from tests.database import as_owner
from tests.factories import SYSTEM
from tests.kit.models import Book


async def test_a_row_that_overlaps_another_is_an_error_of_the_field(tables: AsyncConnection) -> None:
    await as_owner(tables)
    overlap = "EXCLUDE USING gist (int4range(0, copies) WITH &&)"
    await tables.execute(sa.text(f"ALTER TABLE books ADD CONSTRAINT ex_books_copies {overlap}"))
    async with repo.transaction(SYSTEM):
        await repo.insert(change(new(Book), title="Emma", copies=2))
    with pytest.raises(Invalid) as refused:
        async with repo.transaction(SYSTEM):
            await repo.insert(change(new(Book), title="Other", copies=3).exclusion_constraint("copies"))
    assert refused.value.errors == {"copies": ["violates an exclusion constraint"]}

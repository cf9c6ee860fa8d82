"""The tables of `tests/kit/models.py`, for one test: creating a table is rolled back as well."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from myapp.kit import rls
from myapp.kit.types import CREATE_MONEY
from tests.database import as_owner
from tests.kit import models


@pytest.fixture
async def tables(db: AsyncConnection) -> AsyncConnection:
    await as_owner(db)
    for statement in CREATE_MONEY:
        await db.execute(sa.text(statement))
    await db.run_sync(models.metadata.create_all)
    await db.execute(sa.text(f"SET LOCAL ROLE {rls.APP}"))
    return db

"""The tables of `tests/kit/models.py`, for one test: creating a table is rolled back as well."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from myapp.kit.types import CREATE_MONEY
from tests.kit import models


@pytest.fixture
async def tables(db: AsyncConnection) -> AsyncConnection:
    for statement in CREATE_MONEY:
        await db.execute(sa.text(statement))
    await db.run_sync(models.metadata.create_all)
    return db

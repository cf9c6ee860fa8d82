"""The tables of `tests/kit/models.py`, for one test: creating a table is rolled back as well."""

from __future__ import annotations

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from tests.kit import models


@pytest.fixture
async def tables(db: AsyncConnection) -> AsyncConnection:
    await db.run_sync(models.metadata.create_all)
    return db

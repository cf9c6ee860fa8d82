"""PostgreSQL itself refuses the writes of a scope that may not write, on real connections."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from myapp.kit import audit
from myapp.kit.clock import new_id
from myapp.kit.errors import Forbidden
from myapp.kit.repo import reading, transaction
from myapp.kit.scope import Grant, Scope
from tests.factories import SYSTEM

pytestmark = pytest.mark.usefixtures("real_db")

ADA = Scope(new_id())
READER = ADA.limited_to(frozenset({Grant.READ}))


async def deeds() -> int:
    async with reading(SYSTEM) as session:
        return (await (await session.connection()).execute(sa.text("SELECT count(*) FROM audit_logs"))).scalar_one()


async def test_who_may_not_write_is_forbidden_to() -> None:
    with pytest.raises(Forbidden):
        async with transaction(READER):
            await audit.record(READER, "a.deed", "thing", "1")
    assert await deeds() == 0


async def test_not_even_in_a_block_that_is_for_somebody_else() -> None:
    with pytest.raises(Forbidden):
        async with reading(READER), transaction(ADA):
            await audit.record(ADA, "a.deed", "thing", "1")
    assert await deeds() == 0


async def test_who_may_write_does() -> None:
    writer = ADA.limited_to(frozenset({Grant.READ, Grant.WRITE}))
    async with transaction(writer):
        await audit.record(writer, "a.deed", "thing", "1")
    assert await deeds() == 1

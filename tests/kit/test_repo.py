"""Transactions and locks on real connections."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from myapp.kit import repo
from tests.factories import SYSTEM

pytestmark = pytest.mark.usefixtures("real_db")


async def test_a_swallowed_database_error_is_not_taken_for_a_commit() -> None:
    with pytest.raises(RuntimeError, match="swallowed"):
        async with repo.transaction(SYSTEM) as session:
            with pytest.raises(DBAPIError):
                await session.exec(select(sa.literal(1) / sa.literal(0)))


async def test_an_error_in_a_nested_transaction_may_be_caught() -> None:
    async with repo.transaction(SYSTEM) as session:
        with pytest.raises(DBAPIError):
            async with repo.transaction(SYSTEM):
                await session.exec(select(sa.literal(1) / sa.literal(0)))
        assert (await session.exec(select(sa.literal(1)))).one() == 1


async def test_an_advisory_lock_keeps_others_out_until_the_commit() -> None:
    locked, asked = asyncio.Event(), asyncio.Event()

    async def holder() -> None:
        async with repo.transaction(SYSTEM):
            async with repo.advisory_lock("import:1") as mine:
                assert mine
            locked.set()
            await asked.wait()

    holding = asyncio.create_task(holder())
    await locked.wait()
    async with repo.transaction(SYSTEM):
        async with repo.advisory_lock("import:1", wait=False) as mine:
            assert not mine
        async with repo.advisory_lock("import:2", wait=False) as mine:
            assert mine
        asked.set()
        async with repo.advisory_lock("import:1") as mine:
            assert mine
    await holding


async def test_a_lock_outside_a_transaction_is_refused() -> None:
    with pytest.raises(RuntimeError, match="inside transaction"):
        async with repo.advisory_lock("x"):
            pass

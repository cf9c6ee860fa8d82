"""Transactions and locks on real connections."""

from __future__ import annotations

import asyncio

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from myapp.kit import repo
from tests.factories import SYSTEM
from tests.overlaps import while_open

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


async def test_an_advisory_lock_keeps_others_out_until_the_commit(real_db: str) -> None:
    notes: list[str] = []

    async def note(who: str, key: str) -> None:
        async with repo.transaction(SYSTEM):
            async with repo.advisory_lock(key):
                pass
            notes.append(who)

    await while_open(real_db, note("the first", "tea"), note("the second", "tea"))
    async with repo.transaction(SYSTEM), repo.advisory_lock("tea"):
        await asyncio.create_task(note("who wants another", "coffee"))

    assert notes == ["the first", "the second", "who wants another"]


async def test_a_lock_outside_a_transaction_is_refused() -> None:
    with pytest.raises(RuntimeError, match="inside transaction"):
        async with repo.advisory_lock("x"):
            pass


async def test_whom_the_server_has_sent_away_is_not_given_out_again(database_url: str) -> None:
    engine = repo.make_engine(database_url, pool_size=2)
    repo.use(repo.make_sessions(engine))

    async def backend() -> int:
        async with repo.transaction(SYSTEM) as session:
            return (await session.exec(select(sa.func.pg_backend_pid()))).one()

    async with engine.connect() as other:
        gone = {await backend(), await other.scalar(select(sa.func.pg_backend_pid()))}
    with psycopg.connect(database_url, autocommit=True) as owner:
        for pid in gone:
            owner.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))

    assert len(gone) == 2
    assert await backend() not in gone
    await engine.dispose()

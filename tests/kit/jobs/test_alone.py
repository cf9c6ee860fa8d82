"""A worker that runs alone does so in all processes together, also when PostgreSQL drops the session of its lock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import psycopg
import pytest

from myapp.kit import jobs, names
from myapp.kit.jobs._locks import Locks
from myapp.kit.names import NameLost
from tests import peers
from tests.kit.jobs.workers import HERE
from tests.queue import let_jobs_age

SPELL = f"{HERE}.Spell"
PATIENCE = 60.0
AGE = 0.2  # seconds between two looks whether a job has come to its turn


class Process:
    """One that runs `Spell`, and what it has said: when it began, and when it ended."""

    def __init__(self, process: peers.Peer, said: asyncio.Queue[tuple[Process, str, float]]) -> None:
        self._process = process
        self._said = said

    async def listen(self) -> None:
        while line := await self._process.stdout.readline():
            verb, *at = line.decode().split()
            self._said.put_nowait((self, verb, float(at[0]) if at else 0.0))

    async def ends(self) -> None:
        self._process.kill()
        await self._process.wait()


@asynccontextmanager
async def processes(url: str, count: int) -> AsyncGenerator[asyncio.Queue[tuple[Process, str, float]]]:
    said = asyncio.Queue[tuple[Process, str, float]]()
    there = [Process(await peers.start("tests.kit.jobs.peer", url, "spell"), said) for _ in range(count)]
    try:
        async with asyncio.TaskGroup() as group:
            for each in there:
                group.create_task(each.listen())
            for _ in there:
                assert (await asyncio.wait_for(said.get(), PATIENCE))[1] == "ready"
            yield said
            for each in there:
                await each.ends()
    finally:
        for each in there:
            await each.ends()


async def cut_sessions(url: str) -> None:
    """What PostgreSQL does with all of them when it is restarted."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        found = await connection.execute(
            """SELECT count(pg_terminate_backend(pid, 1000)) FROM pg_stat_activity WHERE datname = current_database()
               AND pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted)"""
        )
        assert await found.fetchone() != (0,)


async def test_a_run_whose_lock_was_lost_is_cut_off_before_another_begins(real_db: str) -> None:
    async with processes(real_db, 2) as said:
        await jobs.enqueue_many(SPELL, [{"n": n} for n in range(4)])

        async def next_said() -> tuple[Process, str, float]:
            while True:
                try:
                    return await asyncio.wait_for(said.get(), AGE)
                except TimeoutError:
                    await let_jobs_age(seconds=10)

        async with asyncio.timeout(PATIENCE):
            spells = [await next_said()]
            for _ in range(2):
                await cut_sessions(real_db)
                spells += [await next_said(), await next_said()]
    assert [verb for _, verb, _ in spells] == ["began", "ended", "began", "ended", "began"]
    for before, after in zip(spells[::2], spells[1::2], strict=False):
        assert before[0] is after[0]
    assert sorted(at for *_, at in spells) == [at for *_, at in spells]


async def test_two_of_one_process_wait_for_each_other_and_a_lost_name_is_told(real_db: str) -> None:
    locks = Locks(for_all=True)
    async with names.running(real_db):
        async with locks.hold("a") as mine, locks.hold("a") as twice, locks.hold("b") as other:
            assert (mine, twice, other) == (True, False, True)
        async with locks.hold("a") as free:
            assert free
        with pytest.raises(NameLost):
            async with locks.hold("a"):
                await cut_sessions(real_db)
                await asyncio.wait_for(asyncio.Event().wait(), PATIENCE)


async def test_where_nothing_is_known_of_others_it_waits(caplog: pytest.LogCaptureFixture) -> None:
    async with Locks(for_all=True).hold("a") as mine:
        assert not mine
    assert "a waits" in caplog.text
    async with Locks().hold("a") as alone:
        assert alone

"""Work that nobody waits for leaves connections, and the processor, to those who wait."""

from __future__ import annotations

import asyncio
import sys

from sqlmodel import select

from myapp.kit import repo
from myapp.kit.repo import transaction
from myapp.kit.threads import fair_threads
from tests.factories import SYSTEM


async def test_it_has_a_fifth_of_the_connections(real_db: str) -> None:
    inside, most = 0, list[int]()
    full, release = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        nonlocal inside
        async with repo.in_background(), transaction(SYSTEM) as session:
            await session.exec(select(1))
            inside += 1
            most.append(inside)
            if inside == 2:
                full.set()
            await release.wait()
            inside -= 1

    async with asyncio.timeout(20), asyncio.TaskGroup() as working:
        for _ in range(6):
            working.create_task(work())
        await full.wait()
        async with transaction(SYSTEM) as session:  # who does not come in the background finds one at once
            await session.exec(select(1))
            assert (repo.pool().size, repo.pool().out) == (10, 3)
        release.set()
    assert max(most) == 2


async def test_who_has_a_connection_already_does_not_wait_for_another(real_db: str) -> None:
    async with asyncio.timeout(5):
        async with repo.in_background(), repo.in_background(), transaction(SYSTEM):
            for _ in range(3):
                async with repo.in_background(), transaction(SYSTEM):
                    pass


def test_threads_are_fair_until_the_last_who_wants_it_has_ended() -> None:
    usual = sys.getswitchinterval()
    first, second = fair_threads(), fair_threads()
    with first:
        assert sys.getswitchinterval() < usual
        second.__enter__()
    assert sys.getswitchinterval() < usual
    second.__exit__(None, None, None)
    assert sys.getswitchinterval() == usual

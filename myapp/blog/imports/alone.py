"""One process at a time runs an import."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import select

from myapp.kit import repo
from myapp.kit.query_log import repeats_allowed
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope

KEEP_ALIVE = 20.0


@asynccontextmanager
async def sole_runner(import_id: UUID) -> AsyncGenerator[bool]:
    """Whether this process may run the import, and nobody else may until the end of the block.

    PostgreSQL lets go of the lock when the process dies, whatever it dies of. The lock belongs to a transaction that
    stays open in a task of its own and says something now and then, so that nobody takes it for a forgotten one.
    """
    answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
    over = asyncio.Event()
    holder = asyncio.create_task(_hold(import_id, answer, over), name=f"hold import {import_id}")
    try:
        await asyncio.wait([holder, answer], return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            await holder  # raises what went wrong
        yield answer.result()
    finally:
        over.set()
        await asyncio.gather(holder, return_exceptions=True)


async def _hold(import_id: UUID, answer: asyncio.Future[bool], over: asyncio.Event) -> None:
    async with transaction(Scope.system("to hold a lock")) as session:
        async with repo.advisory_lock(f"blog.import:{import_id}", wait=False) as is_mine:
            answer.set_result(is_mine)
        with repeats_allowed():
            while is_mine and not over.is_set():
                try:
                    await asyncio.wait_for(over.wait(), KEEP_ALIVE)
                except TimeoutError:
                    await session.exec(select(sa.literal(1)))

"""Connections for work that nobody waits for: a share of the pool, so that whoever opens a page finds one free.

async with repo.in_background(), reading(scope) as session:
    ...
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from weakref import WeakKeyDictionary

from sqlalchemy.engine import Engine

from myapp.kit.repo.transactions import engine, in_transaction

SHARE = 5
"""One of so many connections of the pool; one at least."""

_turns: WeakKeyDictionary[Engine, asyncio.Semaphore] = WeakKeyDictionary()


@asynccontextmanager
async def in_background() -> AsyncGenerator[None]:
    """Wait until it is this work's turn, and keep it to the end of the block, which holds one connection at most.

    Who is in a transaction has a connection already, and does not wait.
    """
    if in_transaction():
        yield
        return
    here = engine().sync_engine
    if here not in _turns:
        size = getattr(here.pool, "size", lambda: SHARE)()
        _turns[here] = asyncio.Semaphore(max(1, size // SHARE))
    async with _turns[here]:
        yield

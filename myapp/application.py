"""The supervision tree: everything that runs beneath the pages, started in order and stopped in reverse.

    async with running(load_settings()):
        ...                                 # transaction() and broadcast() work, in every task

What always holds: a child may rely on those before it for as long as it lives. What OTP's `Application.start/2` does
with its list of children. It knows no web framework: `myapp.py` ties it to the server's life, commands to their own.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from myapp import database
from myapp.config import Settings
from myapp.kit import pubsub, repo, schema

type Child = Callable[[], AbstractAsyncContextManager[object]]


@asynccontextmanager
async def running(settings: Settings) -> AsyncGenerator[None]:
    """Start what this process needs, and stop it at the end of the block."""
    url = await asyncio.to_thread(database.prepare, settings)
    async with AsyncExitStack() as started:
        for child in children(settings, url):
            await started.enter_async_context(child())
        yield


def children(settings: Settings, url: str) -> list[Child]:
    """The one list of what runs, in order."""
    return [
        lambda: _sessions(url, settings.pool_size),
        lambda: pubsub.connected(url, settings.redis_url),
    ]


@asynccontextmanager
async def _sessions(url: str, pool_size: int) -> AsyncGenerator[None]:
    """The pool of connections that `transaction()` takes from."""
    schema.load_models()
    engine = repo.make_engine(url, pool_size=pool_size)
    repo.use(repo.make_sessions(engine))
    try:
        yield
    finally:
        repo.use(None)
        await engine.dispose()

"""Which workers run alone, and do at the moment: session locks of PostgreSQL's, on one connection for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import psycopg

_TAKE = "SELECT pg_try_advisory_lock(hashtextextended('job ' || %s, 0))"
_LEAVE = "SELECT pg_advisory_unlock(hashtextextended('job ' || %s, 0))"


class Locks:
    """The locks of this process. Without an address they hold for this process alone, as in a test."""

    def __init__(self, url: str | None = None) -> None:
        self._url = url
        self._held: set[str] = set()
        self._connection: psycopg.AsyncConnection | None = None
        self._asking = asyncio.Lock()

    @asynccontextmanager
    async def hold(self, name: str) -> AsyncGenerator[bool]:
        """Whether nobody else holds it, so that it is ours until the end of the block."""
        if name in self._held:
            yield False
            return
        self._held.add(name)
        try:
            is_mine = await self._take(name)
            try:
                yield is_mine
            finally:
                if is_mine:
                    await asyncio.shield(self._leave(name))
        finally:
            self._held.discard(name)

    async def close(self) -> None:
        """Let go of all of them, also of the one that is being taken."""
        async with self._asking:
            await self._disconnect()

    async def _disconnect(self) -> None:
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    async def _take(self, name: str) -> bool:
        if self._url is None:
            return True
        async with self._asking:
            try:
                return await self._try(name)
            except psycopg.OperationalError:
                await self._again(name)
                return await self._try(name)

    async def _try(self, name: str) -> bool:
        if self._connection is None:
            url = self._url or ""
            self._connection = await psycopg.AsyncConnection.connect(url, autocommit=True, connect_timeout=5)
        cursor = await self._connection.execute(_TAKE, (name,))
        return await cursor.fetchone() == (True,)

    async def _again(self, without: str) -> None:
        """A connection that broke has lost them: take those that were held once more."""
        await self._disconnect()
        for name in self._held - {without}:
            await self._try(name)

    async def _leave(self, name: str) -> None:
        async with self._asking:
            if self._connection is not None:
                try:
                    await self._connection.execute(_LEAVE, (name,))
                except psycopg.OperationalError:
                    await self._disconnect()

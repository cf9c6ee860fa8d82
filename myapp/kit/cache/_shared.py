"""The cache in Redis, for all processes.

The version of a tag is a random text under a key of its own. One that is missing, because it was never made, has
expired or was evicted, is made anew, and what was stored under another is no longer found.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from secrets import token_hex
from typing import Any

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as Lost
from redis.exceptions import RedisError

from myapp.kit import repo
from myapp.kit.cache._store import Found, Shelf, Stock, packed, unpacked
from myapp.kit.circuit_breaker import Breaker
from myapp.kit.errors import Unavailable

log = logging.getLogger(__name__)

PATIENCE = 0.5  # seconds that Redis is waited for: what is asked may be computed as well
TAG_TTL = 7 * 24 * 3600

_KEEP = """
local ttl, size = tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
redis.call('SET', KEYS[1], ARGV[1], 'PX', ttl)
redis.call('ZADD', KEYS[2], now, KEYS[1])
redis.call('PEXPIRE', KEYS[2], ttl)
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - ttl * 1000)
local over = redis.call('ZCARD', KEYS[2]) - size
if over > 0 then
  for _, key in ipairs(redis.call('ZRANGE', KEYS[2], 0, over - 1)) do redis.call('UNLINK', key) end
  redis.call('ZREMRANGEBYRANK', KEYS[2], 0, over - 1)
end
"""
"""Store a value, note when, forget the notes of what has expired, and delete what was stored longest ago and is too
much.
"""


class SharedStore:
    """Values and versions in Redis. What could not be invalidated there is, before anything is read again."""

    def __init__(self, redis_url: str) -> None:
        pools: Any = BlockingConnectionPool
        pool = pools.from_url(
            redis_url,
            max_connections=20,
            timeout=PATIENCE,
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            retry=Retry(NoBackoff(), 1, (Lost,)),  # after a restart the pool is full of lost connections
        )
        self._redis: Any = Redis.from_pool(pool)
        self._keep: Any = self._redis.register_script(_KEEP)
        self._breaker = Breaker("cache", failures=2, rest=5)
        self._owed: dict[str, object] = {}

    async def find(self, shelf: Shelf, key: str, tags: Sequence[str]) -> Found:
        return await self._or(lambda: self._find(shelf, key, tags), Found(None))

    async def keep(self, shelf: Shelf, key: str, versions: str, value: bytes) -> None:
        async def keep() -> None:
            arguments = [packed(versions, value), int(shelf.ttl * 1000), shelf.size]
            await self._keep(keys=[_place(shelf, key), f"cache-times:{shelf.name}"], args=arguments)

        await self._or(keep, None)

    def invalidate(self, tags: Sequence[str]) -> None:
        repo.after_commit(lambda: self.forget(tags))

    async def forget(self, tags: Sequence[str]) -> None:
        self._owed.update((tag, object()) for tag in tags)
        await self._or(self._pay, None)

    async def sweep(self) -> None:
        """Redis does by itself."""

    def stock(self, shelf: Shelf) -> Stock | None:  # noqa: ARG002 - Redis holds the caches of all processes together
        return None

    async def close(self) -> None:
        """Let go of the connections."""
        await self._redis.aclose()

    async def _find(self, shelf: Shelf, key: str, tags: Sequence[str]) -> Found:
        await self._pay()
        stored: bytes | None
        versions: list[bytes | None]
        stored, *versions = await self._redis.mget(_place(shelf, key), *map(_tag, tags))
        for position, tag in enumerate(tags):
            if versions[position] is None:
                await self._redis.set(_tag(tag), token_hex(8), ex=TAG_TTL, nx=True)
                versions[position] = await self._redis.get(_tag(tag))
        if None in versions:
            return Found(None)  # Redis has no room left
        under = b".".join(filter(None, versions)).decode()
        return Found(under, unpacked(stored, under))

    async def _pay(self) -> None:
        owed = dict(self._owed)
        if not owed:
            return
        async with self._redis.pipeline(transaction=False) as pipeline:
            for tag in owed:
                pipeline.set(_tag(tag), token_hex(8), ex=TAG_TTL)
            await pipeline.execute()
        for tag, since in owed.items():
            if self._owed.get(tag) is since:  # it has not changed once more
                del self._owed[tag]

    async def _or[T](self, act: Callable[[], Awaitable[T]], otherwise: T) -> T:
        try:
            with self._breaker.guard():
                return await act()
        except Unavailable:
            return otherwise
        except (RedisError, OSError) as error:  # a TimeoutError is an OSError
            log.warning("the cache does not answer, so everything is found out anew: %r", error)
            return otherwise


def _place(shelf: Shelf, key: str) -> str:
    return f"cache:{shelf.name}:{key}"


def _tag(tag: str) -> str:
    return f"cache-tag:{tag}"

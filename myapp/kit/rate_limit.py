"""How often something may be tried: so many times within so many seconds, for each of the names it is tried under.

    LOG_IN = Limit("log in", count=5, seconds=300)

    await rate_limit.check(LOG_IN, address, ip)     # RateLimited when there were five already
    await rate_limit.count(LOG_IN, address, ip)     # one more
    await rate_limit.spend(LINK, address, ip)       # both

Each name has a window that moves along with time: there is no moment at which everything may be tried again. The
windows are kept in this process, or in Redis for all of them where there is one. A storage that fails lets everything
through, and says so in the log: nobody is to be kept out by that.
"""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from ipaddress import IPv6Address, ip_address
from typing import Any, Protocol

from limits import RateLimitItem, RateLimitItemPerSecond
from limits.aio.storage import RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter as SharedLimiter
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter as OwnLimiter
from redis.asyncio import ConnectionPool

from myapp.kit import telemetry
from myapp.kit.errors import RateLimited

log = logging.getLogger(__name__)

PATIENCE = 2.0  # seconds that Redis is waited for


@dataclass(frozen=True, slots=True)
class Limit:
    """`count` times in `seconds`; `name` tells its windows from those of other limits."""

    name: str
    count: int
    seconds: int


class Windows(Protocol):
    """Where the tries are kept."""

    async def wait_of(self, item: RateLimitItem, name: str) -> float:
        """Seconds until it may be tried again under this name; 0 when it may be now."""
        ...

    async def add(self, item: RateLimitItem, name: str) -> None:
        """One more try."""
        ...


class OwnWindows:
    """In this process."""

    def __init__(self) -> None:
        self._limiter = OwnLimiter(MemoryStorage())

    async def wait_of(self, item: RateLimitItem, name: str) -> float:
        stats = self._limiter.get_window_stats(item, name)
        return 0.0 if stats.remaining > 0 else max(1.0, stats.reset_time - time.time())

    async def add(self, item: RateLimitItem, name: str) -> None:
        self._limiter.hit(item, name)


class SharedWindows:
    """In Redis, for all processes."""

    def __init__(self, redis_url: str) -> None:
        pools: Any = ConnectionPool
        self._pool = pools.from_url(redis_url, max_connections=20, socket_timeout=PATIENCE)
        # The address is the pool's; the library wants one of its own, too, and does not know all of Redis' own kinds.
        storage = RedisStorage(
            "async+redis://", implementation="redispy", key_prefix="limits", connection_pool=self._pool
        )
        self._limiter = SharedLimiter(storage)

    async def wait_of(self, item: RateLimitItem, name: str) -> float:
        stats = await self._limiter.get_window_stats(item, name)
        return 0.0 if stats.remaining > 0 else max(1.0, stats.reset_time - time.time())

    async def add(self, item: RateLimitItem, name: str) -> None:
        await self._limiter.hit(item, name)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._pool.aclose()


_windows: Windows = OwnWindows()


def use(windows: Windows) -> None:
    """Name where this process keeps its tries: the supervision tree does at start, a test for itself."""
    global _windows  # noqa: PLW0603 - the one place a process keeps it
    _windows = windows


@asynccontextmanager
async def running(redis_url: str | None) -> AsyncGenerator[None]:
    """Keep the tries until the end of the block, in Redis where there is one."""
    if redis_url is None:
        use(OwnWindows())
        yield
        return
    shared = SharedWindows(redis_url)
    use(shared)
    try:
        yield
    finally:
        use(OwnWindows())
        await shared.close()


async def check(limit: Limit, *names: str | None) -> None:
    """Raise RateLimited when one of these has tried as often as it may; None stands for nobody, who is not counted."""
    item = _item(limit)

    async def longest() -> float:
        return max([await _windows.wait_of(item, _key(limit, name)) for name in names if name], default=0.0)

    wait = await _or(longest, 0.0)
    if wait > 0:
        telemetry.execute("rate_limit.refused", {"wait": wait}, {"limit": limit.name})
        raise RateLimited(wait)


async def count(limit: Limit, *names: str | None) -> None:
    """One more try of each of these."""
    item = _item(limit)

    async def add() -> None:
        for name in names:
            if name:
                await _windows.add(item, _key(limit, name))

    await _or(add, None)


async def spend(limit: Limit, *names: str | None) -> None:
    """Count a try, or raise RateLimited for one too many, which is not counted."""
    await check(limit, *names)
    await count(limit, *names)


def network_of(address: str | None) -> str | None:
    """Under which name somebody at this address tries: of IPv6 everybody has 2^64 addresses, so their network's.

    >>> network_of("192.0.2.7"), network_of("2001:db8:1:2:3:4:5:6"), network_of("::ffff:192.0.2.7"), network_of(None)
    ('192.0.2.7', '2001:db8:1:2::', '192.0.2.7', None)
    """
    if address is None:
        return None
    known = ip_address(address)
    if isinstance(known, IPv6Address):
        if known.ipv4_mapped is not None:
            return str(known.ipv4_mapped)
        return str(IPv6Address(int(known) >> 64 << 64))
    return str(known)


def _item(limit: Limit) -> RateLimitItem:
    return RateLimitItemPerSecond(limit.count, limit.seconds)


def _key(limit: Limit, name: str) -> str:
    """Whoever looks into the storage reads no addresses of people."""
    return sha256(f"{limit.name}\0{name}".encode()).hexdigest()[:32]


async def _or[T](act: Callable[[], Awaitable[T]], otherwise: T) -> T:
    try:
        return await act()
    except Exception:
        log.exception("how often something was tried could not be found out, so it is let through")
        return otherwise

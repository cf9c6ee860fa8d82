"""The cache in Redis: for all processes, for a time, and never in the way when Redis is."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncGenerator
from typing import cast
from uuid import uuid4

import pytest
from redis import Redis

from myapp.kit import cache
from myapp.kit.cache import Cache, SharedStore, _shared
from myapp.kit.circuit_breaker import State
from tests.kit.between import Server, redis_server
from tests.kit.test_cache import HERE, World, numbers, world

__all__ = ["numbers", "redis_server", "world"]


@pytest.fixture
async def here(redis_server: Server) -> AsyncGenerator[SharedStore]:
    async with cache.running(redis_server.url):
        store = cache.current()
        assert isinstance(store, SharedStore)
        yield store


@pytest.fixture
async def there(redis_server: Server) -> AsyncGenerator[SharedStore]:
    """What another process has."""
    store = SharedStore(redis_server.url)
    yield store
    await store.close()


async def test_redis_is_told_how_long(
    here: SharedStore, redis_server: Server, numbers: Cache[int], world: World
) -> None:
    await numbers.get(HERE, compute=world.look)
    with Redis.from_url(redis_server.url) as client:
        [key] = cast("list[bytes]", client.keys(f"cache:{numbers.name}:*"))
        assert 3590 < cast("int", client.ttl(key)) <= 3600


async def test_what_was_stored_longest_ago_leaves_when_there_is_too_much(
    here: SharedStore, redis_server: Server, numbers: Cache[int], world: World
) -> None:
    for number in (1, 2, 3, 4, 5, 5, 4, 3):
        await numbers.get(HERE, number, compute=world.look)
    assert world.asked.total() == 5
    with Redis.from_url(redis_server.url) as client:
        assert len(cast("list[bytes]", client.keys(f"cache:{numbers.name}:*"))) == 3
        assert client.zcard(f"cache-times:{numbers.name}") == 3


async def test_what_has_expired_takes_nobodys_place(
    here: SharedStore, redis_server: Server, numbers: Cache[int], world: World
) -> None:
    with Redis.from_url(redis_server.url) as client:
        client.zadd(f"cache-times:{numbers.name}", {f"cache:{numbers.name}:long ago": 1})
        await numbers.get(HERE, compute=world.look)
        assert client.zcard(f"cache-times:{numbers.name}") == 1
        assert 3590 < cast("int", client.ttl(f"cache-times:{numbers.name}")) <= 3600


async def test_what_one_process_changes_is_changed_for_all(
    here: SharedStore, there: SharedStore, numbers: Cache[int], world: World
) -> None:
    await numbers.get(HERE, compute=world.look, tags=["posts"])
    cache.use(there)
    await numbers.get(HERE, compute=world.look, tags=["posts"])
    assert world.asked.total() == 1
    await cache.forget(HERE, "posts")
    cache.use(here)
    await numbers.get(HERE, compute=world.look, tags=["posts"])
    assert world.asked.total() == 2


async def test_a_redis_that_is_not_there_is_a_miss(world: World, numbers: Cache[int]) -> None:
    async with cache.running("unix:///nowhere/redis.sock"):
        for _ in range(9):
            assert await numbers.get(HERE, compute=world.look, tags=["posts"]) == 0
        await cache.forget(HERE, "posts")
        store = cast("SharedStore", cache.current())
        assert store._breaker.stats.state is State.OPEN
    assert world.asked.total() == 9


async def test_what_changed_while_redis_hung_is_not_found_afterwards(
    here: SharedStore,
    redis_server: Server,
    numbers: Cache[int],
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    moment = 0.0
    here._breaker.clock = lambda: moment
    monkeypatch.setattr(_shared, "PATIENCE", 0.01)
    await numbers.get(HERE, compute=world.look, tags=["posts"])
    assert redis_server.process is not None
    redis_server.process.send_signal(signal.SIGSTOP)
    try:
        world.number = 1
        await cache.forget(HERE, "posts")
        assert await numbers.get(HERE, compute=world.look, tags=["posts"]) == 1
    finally:
        redis_server.process.send_signal(signal.SIGCONT)
    assert "the cache does not answer" in caplog.text
    moment = 6.0
    assert await numbers.get(HERE, compute=world.look, tags=["posts"]) == 1
    world.number = 2
    assert await numbers.get(HERE, compute=world.look, tags=["posts"]) == 1  # kept again


async def test_after_a_restart_of_redis_it_goes_on(redis_server: Server, numbers: Cache[int], world: World) -> None:
    async with cache.running(redis_server.url):
        store = cast("SharedStore", cache.current())
        await asyncio.gather(*(numbers.get(uuid4(), compute=world.look) for _ in range(10)))
        redis_server.stop()
        redis_server.start()
        await numbers.get(HERE, compute=world.look)
        asked = world.asked.total()
        await numbers.get(HERE, compute=world.look)
        assert world.asked.total() == asked
        assert store._breaker.stats.failures == 0


async def test_a_version_that_was_evicted_leaves_nothing_to_find(
    here: SharedStore, redis_server: Server, numbers: Cache[int], world: World
) -> None:
    await numbers.get(HERE, compute=world.look, tags=["posts"])
    with Redis.from_url(redis_server.url) as client:
        client.delete(*cast("list[bytes]", client.keys("cache-tag:*")))
    world.number = 1
    assert await numbers.get(HERE, compute=world.look, tags=["posts"]) == 1

"""The cache in this process: bounded, for a time, and told by the other processes what they changed."""

from __future__ import annotations

import time
from uuid import uuid4

import pytest

from myapp.kit import cache, pubsub
from myapp.kit.cache import Cache
from myapp.kit.pubsub import PubSub
from tests.kit.test_cache import HERE, World, numbers, world
from tests.kit.test_pubsub import following

__all__ = ["numbers", "world"]


async def test_the_least_used_makes_room(numbers: Cache[int], world: World) -> None:
    async with cache.running(None):
        for number in (1, 2, 3, 1, 4):
            await numbers.get(HERE, number, compute=world.look)
        world.asked.clear()
        for number in (1, 3, 4, 2):
            await numbers.get(HERE, number, compute=lambda number=number: world.look(str(number)))
        assert world.asked == {"2": 1}
        [stats] = [each for each in cache.stats() if each.name == numbers.name]
        assert (stats.entries, stats.hits, stats.misses) == (3, 4, 5)
        assert 0 < (stats.bytes or 0) < 100


async def test_what_is_too_large_is_not_kept(world: World) -> None:
    texts = Cache(str(uuid4()), str)

    async def long() -> str:
        return "x" * (1 << 20) + str(await world.look())

    async with cache.running(None):
        await texts.get(HERE, compute=long)
        await texts.get(HERE, compute=long)
    assert world.asked.total() == 2


async def test_it_is_forgotten_in_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = Cache(str(uuid4()), int, ttl=60)
    async with cache.running(None):
        await numbers.get(HERE, compute=world.look)
        later = time.time() + 61
        monkeypatch.setattr("cashews.backends.memory.time.time", lambda: later)
        await numbers.get(HERE, compute=world.look)
    assert world.asked.total() == 2


async def test_what_nobody_asks_for_any_more_is_swept_away(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    short, long = Cache(str(uuid4()), int, ttl=60), Cache(str(uuid4()), int, ttl=3600)
    async with cache.running(None):
        for numbers in (short, long):
            await numbers.get(HERE, compute=world.look)
        await cache.sweep()
        assert (short.stats.entries, long.stats.entries) == (1, 1)
        later = time.time() + 61
        monkeypatch.setattr("cashews.backends.memory.time.time", lambda: later)
        await cache.sweep()
        assert (short.stats.entries, long.stats.entries) == (0, 1)
    await cache.sweep()  # where there is none, there is nothing to do


async def test_what_is_found_out_anew_in_time_is_never_waited_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = Cache(str(uuid4()), int, ttl=60)
    async with cache.running(None):
        assert await numbers.get(HERE, compute=world.look) == world.number
        for minutes in (50, 100):
            later = time.time() + minutes
            with monkeypatch.context() as clock:
                clock.setattr("cashews.backends.memory.time.time", lambda: later)  # noqa: B023
                world.number += 1
                await numbers.refresh(HERE, compute=world.look)
                world.asked.clear()
                assert await numbers.get(HERE, compute=world.look) == world.number
                assert world.asked.total() == 0
    await numbers.refresh(HERE, compute=world.look)
    assert world.asked.total() == 0, "without a cache nobody would hear of it"


async def test_what_has_changed_while_it_was_found_out_anew_is_not_kept(world: World) -> None:
    numbers = Cache(str(uuid4()), int)

    async def overtaken() -> int:
        found = await world.look()
        world.number += 1
        await cache.forget(HERE, "posts")
        return found

    async with cache.running(None):
        await numbers.refresh(HERE, compute=overtaken, tags=["posts"])
        assert await numbers.get(HERE, compute=world.look, tags=["posts"]) == world.number


async def test_another_process_is_told_and_who_missed_something_forgets_all(
    hub: PubSub, numbers: Cache[int], world: World
) -> None:
    lines: list[str] = []
    hub.send = lines.append
    async with cache.running(None):
        await cache.forget(HERE, "posts")
        [line] = lines
        other = PubSub()
        pubsub.use(other)
    async with cache.running(None):
        for tell in (lambda: other.receive(following(other), line), other.resync):
            await numbers.get(HERE, compute=world.look, tags=["posts"])
            world.number += 1
            tell()
            assert await numbers.get(HERE, compute=world.look, tags=["posts"]) == world.number

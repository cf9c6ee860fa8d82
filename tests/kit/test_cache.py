"""What a cache gives is right, found out once, and never another organisation's; in this process and in Redis."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import cast
from uuid import UUID, uuid4

import pytest
from pydantic import TypeAdapter

from myapp.kit import cache
from myapp.kit.cache import Cache, OwnStore, SharedStore, Store
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope
from tests.kit.between import redis_server

__all__ = ["redis_server"]

HERE, THERE = uuid4(), uuid4()
SYSTEM = Scope.system("a test")


@dataclass
class World:
    """What is found out: a number that changes."""

    number: int = 0
    asked: Counter[str] = field(default_factory=Counter[str])

    async def look(self, who: str = "") -> int:
        self.asked[who] += 1
        await asyncio.sleep(0)
        return self.number


@pytest.fixture(params=["own", "shared"])
async def store(request: pytest.FixtureRequest) -> AsyncGenerator[Store]:
    url = request.getfixturevalue("redis_server").url if request.param == "shared" else None
    async with cache.running(url):
        current = cache.current()
        assert isinstance(current, SharedStore if url else OwnStore)
        yield current


@pytest.fixture
def numbers() -> Cache[int]:
    return Cache(str(uuid4()), int, size=3)


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.usefixtures("store")
async def test_it_is_found_out_once(numbers: Cache[int], world: World) -> None:
    world.number = 7
    assert [await numbers.get(HERE, compute=world.look) for _ in range(5)] == [7] * 5
    assert world.asked.total() == 1
    assert (numbers.hits, numbers.misses) == (4, 1)


@pytest.mark.usefixtures("store")
async def test_also_when_many_ask_at_the_same_time(numbers: Cache[int], world: World) -> None:
    await asyncio.gather(*(numbers.get(HERE, compute=world.look) for _ in range(50)))
    assert world.asked.total() == 1


@pytest.mark.usefixtures("store")
async def test_an_organisation_is_never_given_what_is_anothers(numbers: Cache[int], world: World) -> None:
    async def of(org_id: UUID | None, *rest: str | int | None) -> int:
        world.number += 1
        return await numbers.get(org_id, *rest, compute=world.look, tags=["posts"])

    keys: list[tuple[UUID | None, *tuple[str | int | None, ...]]] = [
        (HERE,), (THERE,), (None,), (HERE, "1"), (HERE, 1), (HERE, None), (HERE, "a", "b"), (HERE, "ab"),
    ]  # fmt: skip
    assert [await of(*key) for key in keys] == list(range(1, len(keys) + 1))


@pytest.mark.usefixtures("store")
async def test_nor_does_it_say_anything_about_it(numbers: Cache[int], world: World) -> None:
    await numbers.get(HERE, compute=world.look, tags=["posts"])
    await cache.forget(THERE, "posts")
    await cache.forget(None, "posts")
    await numbers.get(HERE, compute=world.look, tags=["posts"])
    assert world.asked.total() == 1


@pytest.mark.usefixtures("store", "db")
async def test_what_has_changed_is_found_out_anew_after_the_commit(numbers: Cache[int], world: World) -> None:
    async def ask() -> int:
        return await numbers.get(HERE, compute=world.look, tags=["posts", "people"])

    await ask()
    world.number = 1
    async with transaction(SYSTEM):
        cache.invalidate(HERE, "posts")
    assert await ask() == 1


@pytest.mark.usefixtures("store", "db")
async def test_not_after_a_rollback(numbers: Cache[int], world: World) -> None:
    await numbers.get(HERE, compute=world.look, tags=["posts"])
    with pytest.raises(ZeroDivisionError):
        async with transaction(SYSTEM):
            cache.invalidate(HERE, "posts")
            raise ZeroDivisionError
    await numbers.get(HERE, compute=world.look, tags=["posts"])
    assert world.asked.total() == 1


@pytest.mark.usefixtures("store", "db")
async def test_a_transaction_passes_it_by(numbers: Cache[int], world: World) -> None:
    """It sees what nobody else does yet, and neither takes nor leaves anything."""
    await numbers.get(HERE, compute=world.look)
    async with transaction(SYSTEM):
        world.number = 1
        assert await numbers.get(HERE, compute=world.look) == 1
    assert await numbers.get(HERE, compute=world.look) == 0


@pytest.mark.usefixtures("store")
async def test_what_was_found_out_before_a_change_is_given_to_nobody_who_asks_after_it(numbers: Cache[int]) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> int:
        begun.set()
        await go_on.wait()
        return 0

    async def quick() -> int:
        return 1

    before = asyncio.create_task(numbers.get(HERE, compute=slow, tags=["posts"]))
    await begun.wait()
    await cache.forget(HERE, "posts")
    assert await numbers.get(HERE, compute=quick, tags=["posts"]) == 1
    go_on.set()
    assert await before == 0
    assert await numbers.get(HERE, compute=quick, tags=["posts"]) == 1


@pytest.mark.usefixtures("store")
async def test_an_error_is_raised_to_all_and_kept_for_nobody(numbers: Cache[int], world: World) -> None:
    async def fail() -> int:
        await asyncio.sleep(0)
        raise ZeroDivisionError

    asked = [numbers.get(HERE, compute=fail) for _ in range(3)]
    errors = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(error) for error in errors] == [ZeroDivisionError] * 3
    assert await numbers.get(HERE, compute=world.look) == 0


@pytest.mark.usefixtures("store")
async def test_who_is_cancelled_leaves_the_others_waiting(numbers: Cache[int]) -> None:
    begun, go_on, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def slow() -> int:
        begun.set()
        try:
            await go_on.wait()
        finally:
            ended.set()
        return 7

    first, second = (asyncio.create_task(numbers.get(HERE, compute=slow)) for _ in range(2))
    await begun.wait()
    for _ in range(3):
        await asyncio.sleep(0)
    first.cancel()
    go_on.set()
    assert await second == 7

    for each in (begun, go_on, ended):
        each.clear()
    alone = asyncio.create_task(numbers.get(THERE, compute=slow))
    await begun.wait()
    alone.cancel()
    await asyncio.wait_for(ended.wait(), 5)


@pytest.mark.usefixtures("store")
async def test_what_code_of_another_shape_has_stored_is_a_miss(numbers: Cache[int], world: World) -> None:
    async def name() -> UUID:
        return HERE

    await numbers.get(HERE, compute=world.look)
    newer = cast("Cache[UUID]", numbers)
    newer._adapter = TypeAdapter(UUID)
    assert await newer.get(HERE, compute=name) == HERE


@pytest.mark.usefixtures("store")
async def test_a_request_asks_once_until_it_changes_something(numbers: Cache[int], world: World) -> None:
    with cache.remember():
        await numbers.get(HERE, compute=world.look, tags=["posts"])
        async with asyncio.TaskGroup() as elsewhere:  # which has no part in this request
            elsewhere.create_task(forget_elsewhere())
        world.number = 1
        assert await numbers.get(HERE, compute=world.look, tags=["posts"]) == 0
        await cache.forget(HERE, "people")
        assert await numbers.get(HERE, compute=world.look, tags=["posts"]) == 1
    assert await numbers.get(HERE, compute=world.look, tags=["posts"]) == 1


async def forget_elsewhere() -> None:
    with cache.remember():
        await cache.forget(HERE, "posts")


async def test_without_a_cache_everything_is_found_out(numbers: Cache[int], world: World) -> None:
    for _ in range(3):
        await numbers.get(HERE, compute=world.look)
    assert world.asked.total() == 3


def test_two_caches_have_two_names(numbers: Cache[int]) -> None:
    with pytest.raises(ValueError, match="two caches"):
        Cache(numbers.name, int)


def test_what_can_be_changed_is_refused() -> None:
    with pytest.raises(TypeError, match="tuple"):
        Cache("lists", list[int])
    assert all(each.name != "lists" for each in cache.stats())


@pytest.mark.usefixtures("real_db")
async def test_nobody_reads_the_old_value_after_the_commit_whatever_the_order(
    store: Store, numbers: Cache[int], world: World
) -> None:
    """Readers ask all the time while somebody writes: after each commit the writer's own value is what is found."""
    done = asyncio.Event()

    async def read() -> None:
        while not done.is_set():
            await numbers.get(HERE, compute=world.look, tags=["posts"])
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as readers:
        for _ in range(5):
            readers.create_task(read())
        for number in range(1, 30):
            async with transaction(SYSTEM):
                world.number = number
                cache.invalidate(HERE, "posts")
            assert await numbers.get(HERE, compute=world.look, tags=["posts"]) == number
        done.set()

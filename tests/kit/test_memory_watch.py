"""Memory that grows is said once for each 100 MB, with what grew."""

from __future__ import annotations

import asyncio
import gc
import tracemalloc
from collections.abc import Callable, Iterator
from typing import ClassVar

import pytest

from myapp.kit import alerts, memory_watch
from myapp.kit.memory_watch import MB, SHOWN, MemoryWatch

START = 200 * MB


class Others(list[None]):
    """What no other test makes or lets go of meanwhile."""


class Leak:
    """What there are too many of."""

    def __init__(self) -> None:
        self.others = Others([None] * 50)


class Memory:
    """How much a process says it has."""

    def __init__(self) -> None:
        self.used = START

    def __call__(self) -> int:
        return self.used


@pytest.fixture(scope="module", autouse=True)
def _what_is_there() -> None:
    """Thousands of tests may have run before: what they left is not counted at every look."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _modules(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """To go through what all modules keep takes half a second: where it is not about that, they keep nothing."""
    if "where" not in request.fixturenames:
        monkeypatch.setattr(memory_watch, "_collecting", lambda _lasting: iter(()))


@pytest.fixture
def memory() -> Memory:
    return Memory()


async def test_what_grew_is_named(memory: Memory, caplog: pytest.LogCaptureFixture) -> None:
    watch = MemoryWatch(memory)
    await watch.look()
    leaks = [Leak() for _ in range(20_000)]
    memory.used += 101 * MB

    growers = await watch.look()

    counts = {grower.name.rpartition(".")[2]: grower.count for grower in growers}
    assert counts["Leak"] == counts["Others"] == len(leaks)
    assert len(growers) <= SHOWN
    assert "memory is 101 MB over what it was" in caplog.text


class Held:
    """Something that the product keeps."""

    def __init__(self, what: object) -> None:
        self.what = what


@pytest.mark.parametrize(
    ("name", "make", "count", "size"),
    [
        ("bytes", lambda: [b"%d" % n * 10_000 for n in range(10, 100)], 90, 90 * 20_000),
        ("str", lambda: [f"{n} texts" * 1000 for n in range(100, 200)], 100, 100 * 9_000),
        ("float", lambda: [n / 7 for n in range(1, 50_000)], 49_999, 49_999 * 24),
        ("dict", lambda: {f"key {n}": f"value {n}" for n in range(100_000)}, 1, 100_000 * 24),
        ("list", lambda: [None] * 500_000, 1, 500_000 * 8),
        ("tuple", lambda: {"of": tuple(range(300_000, 600_000))}, 1, 300_000 * 8),
    ],
)
async def test_what_the_garbage_collector_does_not_know_is_named_too_and_one_that_is_huge(
    memory: Memory, name: str, make: Callable[[], object], count: int, size: int
) -> None:
    watch = MemoryWatch(memory)
    await watch.look()
    held = Held(make())
    memory.used += 100 * MB

    found = {grower.name: grower for grower in await watch.look()}[name]

    assert held.what
    assert abs(found.count - count) < 2000, "others of it come and go meanwhile"
    assert size * 0.9 < found.size < size * 3


class Shelf:
    """Keeps what everybody wants."""

    of_all: ClassVar[dict[str, object]] = {"": ()}

    def __init__(self) -> None:
        self.own: dict[str, object] = {"": ()}


TEXTS: dict[str, object] = {}
SHELF = Shelf()


KEPT: dict[str, Callable[[], dict[str, object]]] = {
    "a module": lambda: TEXTS,
    "a class": lambda: Shelf.of_all,
    "an object of a module": lambda: SHELF.own,
}


@pytest.mark.parametrize("where", KEPT)
async def test_what_modules_keep_is_seen_to_grow_though_the_collector_leaves_it_out(memory: Memory, where: str) -> None:
    watch = MemoryWatch(memory)
    await watch.look()
    KEPT[where]().update((f"key {n}", f"{n} texts" * 1000) for n in range(100, 200))
    memory.used += 100 * MB

    grown = {grower.name: grower for grower in await watch.look()}

    assert not any(each is KEPT[where]() for each in gc.get_objects())
    KEPT[where]().clear()
    assert grown["str"].size > 100 * 8_000


async def test_what_has_several_owners_is_counted_once(memory: Memory) -> None:
    watch = MemoryWatch(memory)
    await watch.look()
    shared = [b"%d" % n * 10_000 for n in range(10, 100)]
    held = [Held(list(shared)) for _ in range(20)]
    memory.used += 100 * MB

    found = {grower.name: grower for grower in await watch.look()}["bytes"]

    assert held
    assert abs(found.count - len(shared)) < 500


async def test_others_have_their_turn_while_it_looks(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_watch, "SLICE", 0.0)
    held, turns = [Held([n]) for n in range(5_000)], 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    beside = asyncio.create_task(others())
    await MemoryWatch(memory).look()
    beside.cancel()

    assert turns > len(held) // 1000


async def test_each_further_step_is_said_once(memory: Memory, caplog: pytest.LogCaptureFixture) -> None:
    watch = MemoryWatch(memory)
    said: list[int] = []
    for megabytes in (0, 99, 100, 150, 199, 200, 205, 50, 120, 410, 420):
        memory.used = START + megabytes * MB
        caplog.clear()
        await watch.look()
        if any(record.name.endswith("memory_watch") for record in caplog.records):
            said.append(megabytes)

    assert said == [100, 200, 120, 410]


async def test_those_who_run_the_site_are_told(memory: Memory) -> None:
    told: asyncio.Queue[alerts.Alert] = asyncio.Queue()
    async with alerts.running(told.put):
        watch = MemoryWatch(memory)
        await watch.look()
        memory.used += 130 * MB
        await watch.look()
        alert = await asyncio.wait_for(told.get(), 5)

    assert (alert.kind, alert.what) == ("memory", "A process has 130 MB more than it began with.")
    assert "grower 1" in alert.details


@pytest.fixture
def tracing() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


async def test_where_it_is_traced_the_line_is_named(memory: Memory, tracing: None) -> None:
    watch = MemoryWatch(memory)
    await watch.look()
    kept = [bytes(100_000) for _ in range(100)]
    memory.used += 100 * MB

    first, *_ = await watch.look()

    assert "test_memory_watch.py" in first.name
    assert first.size >= sum(map(len, kept))


async def test_a_real_process_is_measured() -> None:
    watch = MemoryWatch()
    await watch.look()

    assert watch.baseline is not None
    assert watch.baseline > 10 * MB

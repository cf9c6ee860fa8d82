"""Everything comes from the source to the writer, not faster than it is written, also when stages fail on the way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import suppress
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myapp.kit.pipeline import Pipeline
from myapp.kit.supervisor import GaveUp, NoSuchChild, supervised


class Written:
    """A writer that keeps what it was given, by batch."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []

    async def __call__(self, results: Sequence[int]) -> None:
        await asyncio.sleep(0)
        self.batches.append(list(results))

    @property
    def values(self) -> list[int]:
        return [value for batch in self.batches for value in batch]


async def doubled(value: int) -> int:
    await asyncio.sleep(0)
    return value * 2


@given(
    st.lists(st.integers()),
    st.integers(1, 5),
    st.integers(1, 7),
    st.integers(1, 9),
)
async def test_everything_is_written_once(values: list[int], processors: int, batch: int, buffer: int) -> None:
    written = Written()
    await Pipeline(lambda: values, doubled, written, processors=processors, batch=batch, buffer=buffer).run()
    assert sorted(written.values) == sorted(value * 2 for value in values)
    assert all(0 < len(each) <= batch for each in written.batches)


async def test_what_has_no_result_is_not_written() -> None:
    async def even(value: int) -> int | None:
        return None if value % 2 else value

    written = Written()
    await Pipeline(lambda: range(6), even, written).run()
    assert sorted(written.values) == [0, 2, 4]


async def test_a_writer_who_waits_makes_the_source_wait() -> None:
    given_out = 0
    full, go_on = asyncio.Event(), asyncio.Event()

    async def source() -> AsyncGenerator[int]:
        nonlocal given_out
        for value in range(50):
            given_out += 1
            yield value

    written = Written()

    async def write(results: Sequence[int]) -> None:
        full.set()
        await go_on.wait()
        await written(results)

    async with asyncio.TaskGroup() as group:
        group.create_task(Pipeline(source, doubled, write, processors=2, buffer=3).run())
        await full.wait()
        for _ in range(100):
            await asyncio.sleep(0)
        assert given_out <= 3 + 3 + 1  # both buffers, and one at the door
        go_on.set()
    assert len(written.values) == 50


@pytest.mark.parametrize("stage", ["source", "process", "write"])
async def test_an_error_anywhere_ends_all_of_it(stage: str) -> None:
    def fails(name: str) -> None:
        if name == stage:
            raise ZeroDivisionError(name)

    def source() -> Generator[int]:
        for value in count():
            if value > 20:
                fails("source")
            yield value

    async def process(value: int) -> int:
        if value > 10:
            fails("process")
        return value

    async def write(results: Sequence[int]) -> None:
        if max(results) > 5:
            fails("write")

    before = asyncio.all_tasks()
    with pytest.raises(ZeroDivisionError, match=stage):
        await Pipeline(source, process, write, buffer=2).run()
    assert asyncio.all_tasks() <= before


async def test_whoever_is_cancelled_cancels_all_of_it() -> None:
    begun = asyncio.Event()

    async def write(results: Sequence[int]) -> None:
        begun.set()
        await asyncio.Event().wait()

    before = asyncio.all_tasks()
    running = asyncio.create_task(Pipeline(count, doubled, write).run())
    await begun.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert asyncio.all_tasks() <= before


@given(
    st.integers(0, 30),
    st.lists(st.tuples(st.sampled_from(["source", "processors", "writer"]), st.integers(0, 12)), max_size=8),
    st.integers(1, 4),
)
async def test_stages_that_are_started_anew_lose_nothing(total: int, kills: list[tuple[str, int]], most: int) -> None:
    """Beneath a supervisor: whatever is killed when, at the end everything is written, and only what the writer did
    not end is written again.
    """
    written, given_out = Written(), 0

    async def source() -> AsyncGenerator[int]:
        nonlocal given_out
        while given_out < total:
            await asyncio.sleep(0)
            yield given_out
            given_out += 1

    pipeline = Pipeline(source, doubled, written, processors=most, batch=most, buffer=most)
    async with supervised("rows", pipeline.children(), strategy="rest_for_one", max_restarts=100) as rows:
        for name, turns in kills:
            for _ in range(turns):
                await asyncio.sleep(0)
            with suppress(NoSuchChild):  # it has come to its end
                rows.kill(name)
        async with asyncio.timeout(10):
            await pipeline.finished()
    assert sorted(written.values) == [value * 2 for value in range(total)]


async def test_a_stage_that_crashes_goes_on_where_it_was(caplog: pytest.LogCaptureFixture) -> None:
    written, failures = Written(), iter([ZeroDivisionError("once"), ZeroDivisionError("twice")])

    async def process(value: int) -> int:
        if value == 5 and (failure := next(failures, None)):
            raise failure
        return value

    pipeline = Pipeline(lambda: range(10), process, written)
    async with supervised("rows", pipeline.children(), strategy="rest_for_one"), asyncio.timeout(10):
        await pipeline.finished()
    assert sorted(written.values) == list(range(10))


async def test_one_that_always_crashes_is_given_up() -> None:
    async def process(value: int) -> int:
        raise ZeroDivisionError(value)

    async with supervised("rows", Pipeline(count, process, Written()).children(), strategy="rest_for_one") as rows:
        with pytest.raises(GaveUp):
            await asyncio.wait_for(asyncio.shield(rows.ended), 10)


def test_a_buffer_without_room_is_refused() -> None:
    with pytest.raises(ValueError, match="room"):
        Pipeline(count, doubled, Written(), buffer=0)

"""Many inputs at once: every result, in order, never too many, and nothing left over however it ends."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncGenerator, AsyncIterable, Generator, Iterable
from contextlib import aclosing
from dataclasses import dataclass, field
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myapp.kit.async_stream import TimedOut, WorkTimedOut, async_stream, await_many, await_one


@dataclass
class Work:
    """Ends after so many turns of the loop as its input says; counts what runs and what was cancelled."""

    turns: list[int]
    running: int = 0
    most: int = 0
    ended: list[int] = field(default_factory=list[int])
    cancelled: list[int] = field(default_factory=list[int])

    async def __call__(self, index: int) -> int:
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            for _ in range(self.turns[index]):
                await asyncio.sleep(0)
        except asyncio.CancelledError:
            self.cancelled.append(index)
            raise
        finally:
            self.running -= 1
        self.ended.append(index)
        return index


async def lazily(values: Iterable[int]) -> AsyncGenerator[int]:
    for value in values:
        await asyncio.sleep(0)
        yield value


def either(values: Iterable[int], *, lazy: bool) -> Iterable[int] | AsyncIterable[int]:
    return lazily(values) if lazy else values


async def forever(_: int) -> None:
    await asyncio.Event().wait()


turns = st.lists(st.integers(0, 6), max_size=30)
limits = st.integers(1, 8)


@given(turns, limits, st.booleans())
async def test_results_come_in_order_and_no_more_run_than_may(turns: list[int], limit: int, lazy: bool) -> None:
    work = Work(turns)
    results = [each async for each in async_stream(either(range(len(turns)), lazy=lazy), work, limit=limit)]
    assert results == list(range(len(turns)))
    assert work.most <= limit


@given(turns, limits, st.booleans())
async def test_without_order_each_result_comes_once_as_it_is_done(turns: list[int], limit: int, lazy: bool) -> None:
    work = Work(turns)
    source = either(range(len(turns)), lazy=lazy)
    results = [each async for each in async_stream(source, work, limit=limit, ordered=False)]
    assert results == work.ended
    assert sorted(results) == list(range(len(turns)))
    assert work.most <= limit


@given(turns, limits, st.booleans(), st.integers(0, 30))
async def test_whoever_leaves_leaves_nothing_behind(turns: list[int], limit: int, ordered: bool, takes: int) -> None:
    before, work = asyncio.all_tasks(), Work(turns)
    async with aclosing(async_stream(range(len(turns)), work, limit=limit, ordered=ordered)) as results:
        if takes:
            async for _ in results:
                takes -= 1
                if not takes:
                    break
    assert work.running == 0
    assert {task for task in asyncio.all_tasks() if not task.done()} <= before


@given(turns, limits, st.integers(0, 40))
async def test_of_what_was_taken_no_more_waits_than_may_run(turns: list[int], limit: int, pause: int) -> None:
    taken, handed_on = 0, 0

    def counted() -> Generator[int]:
        nonlocal taken
        for index in range(len(turns)):
            taken += 1
            assert taken - handed_on <= limit
            yield index

    async for _ in async_stream(counted(), Work(turns), limit=limit):
        handed_on += 1
        for _ in range(pause):
            await asyncio.sleep(0)
    assert handed_on == len(turns)


async def test_both_run_at_the_same_time() -> None:
    meeting = asyncio.Barrier(3)

    async def meet(index: int) -> int:
        await meeting.wait()
        return index

    assert [each async for each in async_stream(range(6), meet, limit=3)] == list(range(6))


async def test_a_slow_source_holds_up_no_result() -> None:
    handed_on = asyncio.Event()

    async def source() -> AsyncGenerator[int]:
        yield 1
        await handed_on.wait()
        yield 2

    async for _ in async_stream(source(), Work([0] * 3)):
        handed_on.set()


async def test_a_break_cancels_what_runs_and_closes_an_endless_source() -> None:
    begun, cancelled, closed = asyncio.Event(), asyncio.Event(), asyncio.Event()

    def endless() -> Generator[int]:
        try:
            yield from count()
        finally:
            closed.set()

    async def work(index: int) -> None:
        if index == 0:
            await begun.wait()
            return
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    async for _ in async_stream(endless(), work):
        break
    async with asyncio.timeout(5):
        await cancelled.wait()
        await closed.wait()


async def test_a_reader_who_is_cancelled_cancels_the_work() -> None:
    begun, work = asyncio.Event(), Work([0, 10**9, 10**9])

    async def read() -> None:
        async for _ in async_stream(range(3), work):
            begun.set()

    reader = asyncio.create_task(read())
    await begun.wait()
    reader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader
    assert sorted(work.cancelled) == [1, 2]


@pytest.mark.parametrize("ordered", [True, False])
async def test_an_error_ends_the_stream_after_the_results_before_it(ordered: bool) -> None:
    before = asyncio.all_tasks()

    async def work(index: int) -> int:
        if index == 1:
            raise ZeroDivisionError
        if index > 1:
            await asyncio.Event().wait()
        return index

    results: list[int] = []
    with pytest.raises(ZeroDivisionError):
        async for each in async_stream(range(9), work, limit=4, ordered=ordered):
            results.append(each)  # noqa: PERF401 - it fails in the middle
    assert results == [0]
    assert asyncio.all_tasks() <= before


@pytest.mark.parametrize("lazy", [True, False])
async def test_an_error_of_the_source_comes_after_the_results_before_it(lazy: bool) -> None:
    def source() -> Generator[int]:
        yield from range(3)
        raise ZeroDivisionError

    results: list[int] = []
    with pytest.raises(ZeroDivisionError):
        async for each in async_stream(either(source(), lazy=lazy), Work([5, 3, 1])):
            results.append(each)  # noqa: PERF401
    assert results == [0, 1, 2]


async def test_what_takes_too_long_is_named() -> None:
    with pytest.raises(WorkTimedOut) as late:
        async for _ in async_stream([7], forever, timeout=0.001):
            pass
    assert late.value.input == 7
    assert "0.001 s" in str(late.value)


async def test_or_marked_while_the_rest_goes_on() -> None:
    async def work(index: int) -> int:
        if index % 2:
            await asyncio.Event().wait()
        return index

    results = [each async for each in async_stream(range(4), work, timeout=0.01, on_timeout="mark")]
    assert results == [0, TimedOut(1), 2, TimedOut(3)]


async def test_a_time_out_of_the_work_itself_is_an_error_like_others() -> None:
    async def work(_: int) -> None:
        raise TimeoutError("mine")

    with pytest.raises(TimeoutError, match="mine"):
        async for _ in async_stream([1], work, on_timeout="mark"):
            pass


async def test_nothing_at_once_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing"):
        await anext(async_stream([1], forever, limit=0))


async def test_await_one_cancels_what_takes_too_long() -> None:
    task = asyncio.create_task(forever(0))
    with pytest.raises(TimeoutError):
        await await_one(task, timeout=0.001)
    assert task.cancelled()
    assert await await_one(asyncio.sleep(0, "done")) == "done"


def test_work_is_waited_for_five_seconds_unless_it_is_said_otherwise() -> None:
    for function in (await_one, await_many, async_stream):
        assert inspect.signature(function).parameters["timeout"].default == 5.0


async def test_await_many_gives_all_in_order() -> None:
    assert await await_many(asyncio.sleep(0.001 * (3 - each), each) for each in range(3)) == [0, 1, 2]
    assert await await_many([]) == []


async def test_await_many_cancels_the_rest_after_an_error() -> None:
    async def fail() -> None:
        raise ZeroDivisionError

    rest = asyncio.create_task(forever(0))
    with pytest.raises(ZeroDivisionError):
        await await_many([rest, fail()])
    assert rest.cancelled()


async def test_await_many_cancels_all_that_take_too_long() -> None:
    tasks = [asyncio.create_task(forever(each)) for each in range(3)]
    with pytest.raises(TimeoutError):
        await await_many(tasks, timeout=0.001)
    assert all(task.cancelled() for task in tasks)

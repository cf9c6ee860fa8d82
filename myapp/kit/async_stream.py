"""Do one thing for many inputs at once, but never for more than so many.

    async for size in async_stream(urls, size_of, limit=8, timeout=30):
        total += size                           # in the order of the urls, each as soon as it is its turn

    async with aclosing(async_stream(urls, size_of, on_timeout="mark", ordered=False)) as sizes:
        async for size in sizes:
            if isinstance(size, TimedOut):
                log.warning("%s took too long", size.input)

What always holds: an input is taken from its source only when there is room for it, so the source may be endless; of
what was taken and not yet handed on there are never more than `limit`; the first error ends the stream; and whatever
way the stream ends (its end, an error, a time-out, a cancelled reader, a `break`), the work that still runs is
cancelled. After a `break` that happens a moment later; `aclosing` waits for it.

Elixir's `Task.async_stream/3`, `Task.await/2` and `Task.await_many/2`.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Generator,
    Iterable,
    Iterator,
)
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Literal, overload

PATIENCE = 5.0
"""Seconds that work is waited for, unless it is said otherwise."""


@dataclass(frozen=True, slots=True)
class TimedOut[A]:
    """Stands in a stream for the result of an input whose work took too long."""

    input: A


class WorkTimedOut(TimeoutError):
    """The work for `input` took too long."""

    def __init__(self, seconds: float | None, input: object) -> None:  # noqa: A002 - as in TimedOut
        super().__init__(f"no result after {seconds:g} s for {input!r}" if seconds is not None else f"{input!r}")
        self.input = input


@overload
def async_stream[A, B](
    source: Iterable[A] | AsyncIterable[A],
    work: Callable[[A], Awaitable[B]],
    *,
    limit: int = ...,
    timeout: float | None = ...,
    on_timeout: Literal["raise"] = ...,
    ordered: bool = ...,
) -> AsyncGenerator[B]: ...
@overload
def async_stream[A, B](
    source: Iterable[A] | AsyncIterable[A],
    work: Callable[[A], Awaitable[B]],
    *,
    limit: int = ...,
    timeout: float | None = ...,
    on_timeout: Literal["mark"],
    ordered: bool = ...,
) -> AsyncGenerator[B | TimedOut[A]]: ...
async def async_stream[A, B](
    source: Iterable[A] | AsyncIterable[A],
    work: Callable[[A], Awaitable[B]],
    *,
    limit: int = 10,
    timeout: float | None = PATIENCE,  # noqa: ASYNC109 - for each input, not for the whole
    on_timeout: Literal["raise", "mark"] = "raise",
    ordered: bool = True,
) -> AsyncGenerator[B | TimedOut[A]]:
    """What `work` returns for each input, `limit` of them at a time, each within `timeout` seconds (None: for ever).

    Too late an input raises WorkTimedOut, or with "mark" comes as `TimedOut(input)`. `ordered=False` hands on what
    is done first. An error of the work or of the source is raised here, after the results before it. Each piece of
    work is a task of its own, which starts its own transaction.
    """
    if limit < 1:
        raise ValueError("a stream that may do nothing at once does nothing")

    async def one(value: A) -> B | TimedOut[A]:
        bound = asyncio.timeout(timeout)
        try:
            async with bound:
                return await work(value)
        except TimeoutError:
            if not bound.expired():
                raise  # the work's own
            if on_timeout == "mark":
                return TimedOut(value)
            raise WorkTimedOut(timeout, value) from None

    async with aclosing(_Running(source, one, limit, ordered=ordered)) as running:
        while (task := await running.next()) is not None:
            yield task.result()


async def await_one[T](awaitable: Awaitable[T], *, timeout: float | None = PATIENCE) -> T:  # noqa: ASYNC109
    """Its result within `timeout` seconds; else it is cancelled and TimeoutError raised."""
    async with asyncio.timeout(timeout):
        return await awaitable


async def await_many[T](awaitables: Iterable[Awaitable[T]], *, timeout: float | None = PATIENCE) -> list[T]:  # noqa: ASYNC109
    """All results in order within `timeout` seconds. The first error, or TimeoutError, cancels the rest."""
    tasks = [asyncio.ensure_future(each) for each in awaitables]
    try:
        async with asyncio.timeout(timeout):
            return await asyncio.gather(*tasks)
    finally:
        await _end(tasks)


class _Running[A, B]:
    """The work that runs, and the source it comes from."""

    def __init__(
        self,
        source: Iterable[A] | AsyncIterable[A],
        work: Callable[[A], Coroutine[Any, Any, B]],
        limit: int,
        *,
        ordered: bool,
    ) -> None:
        self._source = aiter(source) if isinstance(source, AsyncIterable) else iter(source)
        self._is_open = True
        self._work = work
        self._limit = limit
        self._ordered = ordered
        self._tasks: dict[asyncio.Task[B], None] = {}  # in the order of their inputs
        self._done: deque[asyncio.Task[B]] = deque()  # in the order of their ends
        self._pulling: asyncio.Task[A] | None = None
        self._error: Exception | None = None
        self._news = asyncio.Event()

    async def next(self) -> asyncio.Task[B] | None:
        """The next piece of work that has ended, or None when all have. Raises what the source raised."""
        while True:
            self._news.clear()
            self._fill()
            if (task := self._take()) is not None:
                return task
            if not self._tasks and self._pulling is None:
                break
            await self._news.wait()
        if self._error is not None:
            raise self._error
        return None

    async def aclose(self) -> None:
        """Cancel what runs, wait for its end, and close the source."""
        await _end([*self._tasks, *([self._pulling] if self._pulling else [])])
        source: Any = self._source
        if isinstance(source, AsyncGenerator):
            await source.aclose()
        elif isinstance(source, Generator):
            source.close()

    def _fill(self) -> None:
        """Start work as long as there is room and the source has something at hand."""
        while self._is_open and len(self._tasks) < self._limit:
            try:
                if isinstance(self._source, Iterator):
                    self._start(next(self._source))
                elif self._pulling is None:
                    self._pulling = asyncio.create_task(_next_of(self._source))
                    self._pulling.add_done_callback(self._tell)
                elif self._pulling.done():
                    pulled, self._pulling = self._pulling, None
                    self._start(pulled.result())
                else:
                    return
            except (StopIteration, StopAsyncIteration):
                self._is_open = False
            except Exception as error:  # noqa: BLE001 - raised when the results before it are handed on
                self._is_open, self._error = False, error

    def _start(self, value: A) -> None:
        task = asyncio.create_task(self._work(value))
        self._tasks[task] = None
        if not self._ordered:
            task.add_done_callback(self._done.append)
        task.add_done_callback(self._tell)

    def _tell(self, _: object) -> None:
        self._news.set()

    def _take(self) -> asyncio.Task[B] | None:
        task = next(iter(self._tasks if self._ordered else self._done), None)
        if task is None or not task.done():
            return None
        if not self._ordered:
            self._done.popleft()
        del self._tasks[task]
        return task


async def _next_of[A](source: AsyncIterator[A]) -> A:
    return await anext(source)


async def _end(tasks: Iterable[asyncio.Future[Any]]) -> None:
    """Cancel them and wait until they are gone; what they raise then is of no interest any more."""
    left = list(tasks)
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)

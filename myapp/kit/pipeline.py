"""From a source through processors to a writer, no faster than the slowest of them.

    pipeline = Pipeline(rows, prepare, write, processors=4, batch=500)
    await pipeline.run()

    nested("rows", Pipeline(rows, prepare, write).children(), strategy="rest_for_one")    # beneath a supervisor

What always holds: between two stages wait no more than `buffer` things, so a slow writer makes the source wait; a stage
lets go of a thing only when the next one has it, and the writer when it is written. So a stage that fails and is
started anew loses nothing and goes on where it was. `process` and `write` are called again for what they did not end:
who writes twice must not mind. The writer gets the results as they are done, not in the order of their inputs.

`run()` is all or nothing instead: the first error cancels the other stages and is raised. What GenStage and Broadway
are for in Elixir.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, cast

from myapp.kit.supervisor import ChildSpec

type Stage = Callable[[], Coroutine[Any, Any, None]]


class Pipeline[A, B]:
    """`source()` gives what is to be done, `process` makes one result of each, `write` takes up to `batch` of them.

    `process` may return None for what has no result. A source that is started anew gives what it has not given yet:
    the row after the last, the next message.
    """

    def __init__(
        self,
        source: Callable[[], Iterable[A] | AsyncIterable[A]],
        process: Callable[[A], Awaitable[B | None]],
        write: Callable[[Sequence[B]], Awaitable[None]],
        *,
        processors: int = 4,
        batch: int = 1,
        buffer: int = 100,
    ) -> None:
        self._source = source
        self._process = process
        self._write = write
        self._processors = processors
        self._batch = batch
        self._inputs: _Buffer[A] = _Buffer(buffer)
        self._results: _Buffer[B] = _Buffer(max(buffer, batch))
        self._is_finished = asyncio.Event()

    @property
    def _stages(self) -> list[tuple[str, Stage]]:
        """In the order in which one relies on the other; each returns when there is nothing left to do."""
        return [("source", self._read), ("processors", self._work), ("writer", self._deliver)]

    def children(self) -> list[ChildSpec]:
        """The stages, for a supervisor that is `rest_for_one`: who crashes goes on where it was, as do those after it.

        Each ends by itself when there is nothing left to do.
        """
        return [ChildSpec(name, partial(_child, name, stage), restart="transient") for name, stage in self._stages]

    async def finished(self) -> None:
        """Wait until the source has ended and everything is written."""
        await self._is_finished.wait()

    async def run(self) -> None:
        """Until the source has ended and everything is written. The first error ends it, and is raised by itself."""
        try:
            async with asyncio.TaskGroup() as group:
                for name, stage in self._stages:
                    group.create_task(stage(), name=name)
        except BaseExceptionGroup as errors:
            raise _first(errors) from None

    async def _read(self) -> None:
        source = self._source()
        if isinstance(source, AsyncIterable):
            async for value in source:
                await self._inputs.put(value)
        else:
            for value in source:
                await self._inputs.put(value)
        self._inputs.close()

    async def _work(self) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for number in range(self._processors):
                    group.create_task(self._work_on(), name=f"processor {number}")
        except BaseExceptionGroup as errors:
            raise _first(errors) from None
        self._results.close()

    async def _work_on(self) -> None:
        while True:
            async with self._inputs.claim(1) as values:
                if not values:
                    return
                result = await self._process(values[0])
                if result is not None:
                    await self._results.put(result)

    async def _deliver(self) -> None:
        while True:
            async with self._results.claim(self._batch) as results:
                if not results:
                    self._is_finished.set()
                    return
                await self._write(results)


class _Buffer[T]:
    """A bounded queue whose things stay in it until whoever claimed them is done with them.

    What changes it does so without waiting, so that nobody can be cancelled in the middle of it.
    """

    def __init__(self, size: int) -> None:
        if size < 1:
            raise ValueError("nothing ever comes through a buffer that has room for nothing")
        self._size = size
        self._waiting: deque[T] = deque()
        self._claimed = 0
        self._is_closed = False
        self._changed = asyncio.Event()

    def __len__(self) -> int:
        return len(self._waiting) + self._claimed

    async def put(self, value: T) -> None:
        """Wait until there is room for it."""
        while len(self) >= self._size:
            await self._changed.wait()
        self._waiting.append(value)
        self._tell()

    def close(self) -> None:
        """Nothing more is put."""
        self._is_closed = True
        self._tell()

    @asynccontextmanager
    async def claim(self, most: int) -> AsyncGenerator[list[T]]:
        """The first ones, up to so many, as soon as there are any; none when there never will be any more.

        An error within the block puts them back where they were.
        """
        while not self._waiting and not (self._is_closed and not self._claimed):
            await self._changed.wait()
        values = [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]
        self._claimed += len(values)
        try:
            yield values
        except BaseException:
            self._waiting.extendleft(reversed(values))
            raise
        finally:
            self._claimed -= len(values)
            self._tell()

    def _tell(self) -> None:
        """Wake everybody who waits for a change."""
        self._changed.set()
        self._changed = asyncio.Event()


@asynccontextmanager
async def _child(name: str, stage: Stage) -> AsyncGenerator[asyncio.Task[None]]:
    """The stage runs until the block ends, or by itself to its own end, which the supervisor is told by the task."""
    task = asyncio.create_task(stage(), name=name)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _first(error: BaseException) -> BaseException:
    """What went wrong first, out of the groups around it."""
    if isinstance(error, BaseExceptionGroup):
        return _first(cast("BaseExceptionGroup[BaseException]", error).exceptions[0])
    return error

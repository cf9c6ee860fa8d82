"""What supervision costs, against the same tasks without it: the start, the stop and the memory of a child and of an
actor, a call, and the tree of a worker against its children one after the other.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import statistics
import tempfile
import time
import tracemalloc
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

import uvloop

from bench.report import Report
from myapp import application, database
from myapp.config import Settings
from myapp.kit.supervisor import ChildSpec, Reply, Server, supervised
from tests.serving import clear_away

MANY = 2000
ROUNDS = 5
CALLS = 20_000

type Group = Callable[[int], AbstractAsyncContextManager[object]]


def run(report: Report) -> None:
    """Report `supervisor.*` and `actor.*` of one child, and `tree.start` and `tree.stop` of all that a worker runs."""
    for name, ours, bare in (("supervisor", _children, _tasks), ("actor", _actors, _queues)):
        (start, stop), (bare_start, bare_stop) = (uvloop.run(_timed(each, MANY)) for each in (ours, bare))
        against = "a bare task" if name == "supervisor" else "a task with a queue"
        report.figure(f"{name}.start", start / MANY * 1e6, "µs", against=against, peer=bare_start / MANY * 1e6)
        report.figure(f"{name}.stop", stop / MANY * 1e6, "µs", against=against, peer=bare_stop / MANY * 1e6)
        held, bare_held = (uvloop.run(_held(each, MANY)) for each in (ours, bare))
        report.figure(f"{name}.memory", held / 1024, "KiB", against=against, peer=bare_held / 1024)
    calls, bare_calls = uvloop.run(_calls()), uvloop.run(_bare_calls())
    report.figure("actor.calls", calls, "calls/s", against="a task with a queue of futures", peer=bare_calls)
    _tree(report)


@asynccontextmanager
async def _idle() -> AsyncGenerator[None]:
    yield


@asynccontextmanager
async def _children(count: int) -> AsyncGenerator[None]:
    async with supervised("bench", [ChildSpec(str(number), _idle) for number in range(count)]):
        yield


@asynccontextmanager
async def _tasks(count: int) -> AsyncGenerator[None]:
    """Each enters the same, and says so, as one may rely on the one before."""
    tasks: list[tuple[asyncio.Task[None], asyncio.Event]] = []

    async def live(up: asyncio.Future[None], over: asyncio.Event) -> None:
        async with _idle():
            up.set_result(None)
            await over.wait()

    for _ in range(count):
        up: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        over = asyncio.Event()
        tasks.append((asyncio.create_task(live(up, over)), over))
        await up
    yield
    for task, over in reversed(tasks):
        over.set()
        await task


class _Echo(Server[int]):
    async def init(self) -> int:
        return 0

    async def handle_call(self, request: object, state: int) -> Reply[int]:
        return Reply(request, state + 1)


@asynccontextmanager
async def _actors(count: int) -> AsyncGenerator[None]:
    async with AsyncExitStack() as stack:
        for _ in range(count):
            await stack.enter_async_context(_Echo.running())
        yield


@asynccontextmanager
async def _queues(count: int) -> AsyncGenerator[None]:
    tasks = [asyncio.create_task(_answer(asyncio.Queue())) for _ in range(count)]
    await asyncio.sleep(0)
    yield
    for task in reversed(tasks):
        task.cancel()
    await asyncio.wait(tasks)


async def _answer(questions: asyncio.Queue[tuple[object, asyncio.Future[object]]]) -> None:
    state = 0
    while True:
        request, answer = await questions.get()
        state += 1
        answer.set_result(request)


async def _timed(group: Group, count: int) -> tuple[float, float]:
    """Seconds that the start and the stop of so many take."""
    rounds: list[tuple[float, float]] = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        async with group(count):
            up = time.perf_counter()
        rounds.append((up - began, time.perf_counter() - up))
    up, down = (statistics.median(times) for times in zip(*rounds, strict=True))
    return up, down


async def _held(group: Group, count: int) -> float:
    """Bytes of Python's that each holds."""
    async with group(10):
        pass
    gc.collect()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    async with group(count):
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return (after - before) / count


async def _calls() -> float:
    async with _Echo.running() as echo:
        return await _rate(lambda: echo.call("hello"))


async def _bare_calls() -> float:
    questions: asyncio.Queue[tuple[object, asyncio.Future[object]]] = asyncio.Queue()
    task = asyncio.create_task(_answer(questions))
    loop = asyncio.get_running_loop()

    async def call() -> object:
        answer = loop.create_future()
        questions.put_nowait(("hello", answer))
        return await answer

    rate = await _rate(call)
    task.cancel()
    return rate


async def _rate(call: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    for _ in range(CALLS):
        await call()
    return CALLS / (time.perf_counter() - began)


def _tree(report: Report) -> None:
    logging.disable(logging.WARNING)
    folder = Path(tempfile.mkdtemp())
    os.environ |= {"MYAPP_ENV": "test", "MYAPP_DATA_DIR": str(folder)}
    settings = Settings()  # pyright: ignore[reportCallIssue] - all of it has defaults
    try:
        url = database.prepare(settings)
        tree = partial(_supervised, settings, url)
        parts = partial(_one_after_the_other, settings, url)
        (up, down), (bare_up, bare_down) = (uvloop.run(_timed(each, 0)) for each in (tree, parts))
    finally:
        database.release(settings)
        clear_away(folder)
        logging.disable(logging.NOTSET)
    report.figure("tree.start", up * 1000, "ms", against="its children without supervisors", peer=bare_up * 1000)
    report.figure("tree.stop", down * 1000, "ms", against="its children without supervisors", peer=bare_down * 1000)


def _supervised(settings: Settings, url: str, _count: int) -> AbstractAsyncContextManager[object]:
    return supervised("bench", application.children("worker", settings, url))


@asynccontextmanager
async def _one_after_the_other(settings: Settings, url: str, _count: int) -> AsyncGenerator[None]:
    async with AsyncExitStack() as stack:
        for spec in _leaves(application.children("worker", settings, url)):
            await stack.enter_async_context(spec.start())
        yield


def _leaves(children: list[ChildSpec]) -> Iterator[ChildSpec]:
    for child in children:
        if child.id == "live":
            yield from child.start.args[1]  # type: ignore[attr-defined]
        else:
            yield child

"""What nobody executes an event for is asked every few seconds: `telemetry_poller`.

    Periodic("poll telemetry", Poller([process_figures(), pool_figures]).poll, every=10)

A measurement is a function that executes events. One that raises is logged, and is not asked again until the
application is started anew: what failed once would fail six times a minute.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager

import psutil

from myapp.kit.telemetry._core import execute

type Measurement = Callable[[], Awaitable[None] | None]

log = logging.getLogger(__name__)

LAG_EVERY = 0.5  # seconds


class Poller:
    """Asks them all, one after the other."""

    def __init__(self, measurements: Iterable[Measurement]) -> None:
        self.measurements = list(measurements)

    async def poll(self) -> None:
        """Once; to be called again and again."""
        for measurement in tuple(self.measurements):
            try:
                result = measurement()
                if result is not None:
                    await result
            except Exception:
                log.exception("the measurement %r failed and is left out from now on", measurement)
                self.measurements.remove(measurement)


@asynccontextmanager
async def polling(measurements: Iterable[Measurement], *, every: float = 10.0) -> AsyncGenerator[None]:
    """Ask these every so many seconds until the end of the block, apart from the scheduler."""
    poller = Poller(measurements)

    async def keep_asking() -> None:
        while True:
            await poller.poll()
            await asyncio.sleep(every)

    asking = asyncio.create_task(keep_asking(), name="telemetry poll")
    try:
        yield
    finally:
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)


def process_figures() -> Measurement:
    """What measures this process: `process.memory`, `process.cpu` and `process.work`."""
    process = psutil.Process()
    process.cpu_percent()  # the first answer is always zero

    def measure() -> None:
        with process.oneshot():
            memory, share, threads = process.memory_info().rss, process.cpu_percent() / 100, process.num_threads()
        execute("process.memory", {"resident": memory})
        execute("process.cpu", {"share": share})
        execute("process.work", {"threads": threads, "files": _open_files(), "tasks": len(asyncio.all_tasks())})

    return measure


def _open_files() -> int:
    """How many files and sockets are open; 0 where the system does not say."""
    try:
        return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - no object for each
    except OSError:
        return 0


@asynccontextmanager
async def watching_the_loop(every: float = LAG_EVERY) -> AsyncGenerator[None]:
    """Execute `process.loop` with the `lag` of what was due, in seconds, until the end of the block."""
    loop = asyncio.get_running_loop()
    planned: list[asyncio.TimerHandle] = []

    def plan() -> None:
        due = loop.time() + every
        planned[:] = [loop.call_at(due, look, due)]

    def look(due: float) -> None:
        execute("process.loop", {"lag": max(0.0, loop.time() - due)})
        plan()

    plan()
    try:
        yield
    finally:
        planned[0].cancel()

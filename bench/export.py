"""What an export costs: 10,000 of the posts of a site of 100,000, and what it does to those who read meanwhile.

It is made in the process that measures, so the lateness is what a web process would make people wait.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing

import psutil

from bench.corpus import site
from bench.reader import reader_of, reading
from bench.report import Report, percentile
from myapp.blog.exports.archive import pieces_of
from myapp.kit.scope import Scope

POSTS = 10_000
TICK = 0.005
MB = 1 << 20


def run(report: Report) -> None:
    """Report `export.markdown`, `export.memory`, `export.lag_p99`."""
    with site() as url:
        asyncio.run(_measure(report, url))


async def _measure(report: Report, url: str) -> None:
    async with reading(url):
        scope = Scope.system("measures", (await reader_of("bench")).org_id)
        lags, sizes = list[float](), list[int]()
        watching = asyncio.create_task(_watch(lags, sizes))
        await asyncio.sleep(10 * TICK)
        before, start, done = sizes[-1], time.perf_counter(), 0
        async with aclosing(pieces_of(scope)) as pieces:
            async for piece in pieces:
                done += piece.posts
                if done >= POSTS:
                    break
        took = time.perf_counter() - start
        watching.cancel()
    memory = (max(sizes) - before) / MB
    report.bounded("export.markdown", took, "s", bound=60, by="what an import of as many posts may take")
    report.bounded("export.memory", memory, "MiB", bound=100)
    report.figure("export.lag_p99", percentile(lags, 99) * 1000, "ms")


async def _watch(lags: list[float], sizes: list[int]) -> None:
    """How late this task is woken again and again, and how much the process holds then."""
    process = psutil.Process()
    while True:
        start = time.perf_counter()
        await asyncio.sleep(TICK)
        lags.append(time.perf_counter() - start - TICK)
        sizes.append(process.memory_info().rss)

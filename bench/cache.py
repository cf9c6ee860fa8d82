"""What the cache saves at 100,000 posts: the numbers of an organisation from it, against finding them out anew."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from bench.corpus import site
from bench.reader import reader_of, reading
from bench.report import Report, percentile
from myapp import blog
from myapp.kit import cache

ROUNDS = 50


def run(report: Report) -> None:
    """Report the numbers' p95 by `cache.<what>.p95`, each against the same without a cache."""
    with site() as url:
        asyncio.run(_measure(report, url))


async def _measure(report: Report, url: str) -> None:
    async with reading(url):
        scope = await reader_of("bench")
        ids = [card.id for card in (await blog.list_posts(scope, limit=1)).entries]
        reads: dict[str, Callable[[], Awaitable[object]]] = {
            "tags": lambda: blog.list_tags(scope),
            "authors": lambda: blog.list_author_stats(scope),
            "rank": lambda: blog.rank_posts(scope, ids),
        }
        for name, read in reads.items():
            cold = await _p95(read)
            async with cache.running(None):
                warm = await _p95(read)
            report.figure(f"cache.{name}.p95", warm, "ms", against="without a cache", peer=cold)


async def _p95(read: Callable[[], Awaitable[object]]) -> float:
    await read()
    times: list[float] = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        await read()
        times.append((time.perf_counter() - start) * 1000)
    return percentile(times, 95)

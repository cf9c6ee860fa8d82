"""What a search costs at 100,000 posts, common words included, through the front door: `blog.search_posts`.

The peer is the search one would write first: rank everything that matches, show the best twenty. It is measured on the
common words only, where it matters. `python -m bench.search QUERY` shows the plan of one search.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import sys
import time
from collections.abc import Awaitable, Callable

import sqlalchemy as sa

from bench.corpus import site, vocabulary
from bench.reader import SYSTEM, plans, reader_of, reading
from bench.report import Report, percentile
from myapp import blog
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope

ROUNDS = 5


def queries() -> dict[str, list[str]]:
    """Kinds of searches; the words of a kind have about the same number of posts."""
    words, rng = vocabulary(), random.Random(3)
    common, usual, rare = words[:20], words[50:1000], words[5000:25000]
    pairs = [(rng.choice(common), rng.choice(usual)) for _ in range(20)]
    return {
        "common": common,
        "usual": rng.sample(usual, 40),
        "rare": rng.sample(rare, 40),
        "prefix": [word[:3] for word in rng.sample(usual, 30)] + [word[:2] for word in common[:10]],
        "words": [f"{one} {other}" for one, other in pairs],
        "phrase": [f'"{one} {other}"' for one, other in pairs] + [f'"{common[0]} {common[3]}"'],
        "without": [f"{other} -{one}" for one, other in pairs],
    }


def run(report: Report) -> None:
    """Report `search.<kind>.p95` for each kind of search, `search.p95` over all, and the peer's."""
    with site() as url:
        asyncio.run(_measure(report, url))


async def _measure(report: Report, url: str) -> None:
    async with reading(url):
        member = await reader_of("bench")
        visitor = Scope.anonymous(member.org_id)
        everything: list[float] = []
        for kind, texts in queries().items():
            times = await _times(texts, lambda text: blog.search_posts(member, text))
            times += await _times(texts, lambda text: blog.search_posts(visitor, text))
            everything += times
            if kind == "common":
                naive = percentile(await _times(texts[:5], lambda text: _rank_every_match(member, text)), 95)
                report.figure(f"search.{kind}.p95", percentile(times, 95), "ms", against="rank all", peer=naive)
            else:
                report.figure(f"search.{kind}.p95", percentile(times, 95), "ms")
        report.bounded("search.p95", percentile(everything, 95), "ms", bound=50)


async def _times(texts: list[str], search_for: Callable[[str], Awaitable[object]]) -> list[float]:
    """Milliseconds of each search: the median of some rounds, after one that only warms up."""
    times: dict[str, list[float]] = {text: [] for text in texts}
    for number in range(ROUNDS + 1):
        for text in texts:
            start = time.perf_counter()
            await search_for(text)
            if number:
                times[text].append((time.perf_counter() - start) * 1000)
    return [statistics.median(each) for each in times.values()]


async def _rank_every_match(scope: Scope, text: str) -> None:
    statement = sa.text("""
        SELECT id, ts_rank(search, query) AS rank FROM posts, websearch_to_tsquery('english', :text) AS query
        WHERE org_id = :org AND status = 'published' AND search @@ query ORDER BY rank DESC LIMIT 20
    """)
    async with transaction(SYSTEM) as session:
        await (await session.connection()).execute(statement, {"text": text, "org": scope.org_id})


async def _explain(url: str, text: str) -> None:
    """Print what PostgreSQL does for one search."""
    async with reading(url) as engine:
        member = await reader_of("bench")
        print("\n".join(await plans(engine, blog.search_posts(member, text))))


if __name__ == "__main__":
    with site() as address:
        asyncio.run(_explain(address, " ".join(sys.argv[1:])))

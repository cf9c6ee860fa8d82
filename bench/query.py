"""What the lists cost at 100,000 posts and messages, through the front door: every filter, order and way of paging.

Each read is measured alone, and all of them in turn under load. `query.p95` is what R8 bounds: 50 reads arrive in a
second at random moments (Poisson), whether or not those before are done, and each is timed from its arrival on.
`query.per_second` is what 8 readers get who ask again as soon as they are answered: all that the machine can do.

`python -m bench.query NAME` shows the plans of one of them.
"""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import date
from itertools import cycle, islice

from bench.corpus import site, vocabulary
from bench.reader import plans, reader_of, reading
from bench.report import Report, percentile
from myapp import blog, chat
from myapp.blog import PostCard, PostFilters, PostStatus
from myapp.kit.pagination import KeysetPage
from myapp.kit.scope import Scope

type Read = Callable[[], Awaitable[object]]

ROUNDS = 5
READS = 1000
RATE = 50  # reads that arrive in a second
READERS = 8


def lists(scope: Scope, deep: KeysetPage[PostCard]) -> dict[str, Read]:
    """What a list page may be asked for."""
    words = vocabulary()
    month = PostFilters(since=date(2018, 1, 1), until=date(2018, 1, 31))
    return {
        "newest": lambda: blog.list_posts(scope),
        "oldest": lambda: blog.list_posts(scope, sort="oldest"),
        "most_read": lambda: blog.list_posts(scope, sort="views"),
        "everywhere": lambda: blog.list_posts(Scope.anonymous()),
        "deep": lambda: blog.list_posts(scope, after=deep.after),
        "page_1": lambda: blog.list_posts(scope, page=1),
        "page_4000": lambda: blog.list_posts(scope, page=4000),
        "drafts": lambda: blog.list_posts(scope, PostFilters(status=PostStatus.DRAFT)),
        "every_status": lambda: blog.list_posts(scope, PostFilters(status=None)),
        "tag": lambda: blog.list_posts(scope, PostFilters(tags=("tag-0",))),
        "rare_tag": lambda: blog.list_posts(scope, PostFilters(tags=("tag-55",))),
        "two_tags": lambda: blog.list_posts(scope, PostFilters(tags=("tag-3", "tag-20"))),
        "author": lambda: blog.list_posts(scope, PostFilters(author="user150")),
        "month": lambda: blog.list_posts(scope, month),
        "metadata": lambda: blog.list_posts(scope, PostFilters(meta_key="series", meta_value="s7")),
        "common_word": lambda: blog.list_posts(scope, PostFilters(text=words[3])),
        "word": lambda: blog.list_posts(scope, PostFilters(text=words[300])),
        "phrase": lambda: blog.list_posts(scope, PostFilters(text=f'"{words[30]} {words[300]}"')),
        "word_and_tag": lambda: blog.list_posts(scope, PostFilters(text=words[300], tags=("tag-3",))),
    }


def others(scope: Scope, page: KeysetPage[PostCard]) -> dict[str, Read]:
    """What else a page of the blog reads."""
    ids, first = [card.id for card in page.entries], page.entries[0]
    return {
        "post": lambda: blog.get_post(scope, first.slug),
        "comments": lambda: blog.list_comments(scope, first.id),
        "top_comments": lambda: blog.top_comments(scope, ids),
        "ranks": lambda: blog.rank_posts(scope, ids),
        "count": lambda: blog.count_posts(scope),
        "authors": lambda: blog.list_author_stats(scope),
        "tag_suggestions": lambda: blog.suggest_tags(scope, "tag 1"),
        "tags": lambda: blog.list_tags(scope),
        "post_everywhere": lambda: blog.get_post_by_id(Scope.anonymous(), first.id),
        "most_read_everywhere": lambda: blog.list_posts(Scope.anonymous(), sort="views"),
        "rooms": lambda: chat.list_rooms(scope),
    }


def run(report: Report) -> None:
    """Report `query.<read>.p95` for each read alone, and `query.p95` over all of them under load."""
    with site() as url:
        asyncio.run(_measure(report, url))


async def _measure(report: Report, url: str) -> None:
    async with reading(url):
        reads = await _reads()
        for name, read in reads.items():
            times = [await _time(read) for _ in range(ROUNDS + 1)][1:]
            report.figure(f"query.{name}.p95", percentile(times, 95), "ms")
        all_reads = list(reads.values())
        report.bounded("query.p95", percentile(await _arriving(all_reads), 95), "ms", bound=100)
        report.figure("query.per_second", await _saturated(all_reads), "1/s")


async def _reads() -> dict[str, Read]:
    scope = await reader_of("bench")
    first = await blog.list_posts(scope)
    deep = first
    for _ in range(30):
        deep = await blog.list_posts(scope, after=deep.after, limit=100)
    return lists(scope, deep) | others(scope, first)


async def _time(read: Read, start: float | None = None) -> float:
    start = start or time.perf_counter()
    await read()
    return (time.perf_counter() - start) * 1000


async def _arriving(reads: list[Read]) -> list[float]:
    """Milliseconds from the arrival of each of many reads to its answer."""
    chance, due, waiting = random.Random(1), time.perf_counter(), list[asyncio.Task[float]]()
    for read in islice(cycle(reads), READS):
        due += chance.expovariate(RATE)
        await asyncio.sleep(due - time.perf_counter())
        waiting.append(asyncio.create_task(_time(read, due)))
    return await asyncio.gather(*waiting)


async def _saturated(reads: list[Read]) -> float:
    """Reads a second when several readers never pause."""
    waiting = islice(cycle(reads), READS)

    async def keep_reading() -> None:
        for read in waiting:
            await read()

    start = time.perf_counter()
    await asyncio.gather(*(keep_reading() for _ in range(READERS)))
    return READS / (time.perf_counter() - start)


async def _explain(url: str, name: str) -> None:
    """Print what PostgreSQL does for one read."""
    async with reading(url) as engine:
        read = (await _reads())[name]
        print("\n".join(await plans(engine, read())))


if __name__ == "__main__":
    with site() as address:
        asyncio.run(_explain(address, sys.argv[1]))

"""What is dear to find out and the same for many is found out once, and again when it has changed.

    TAGS = Cache("tag counts", tuple[TagCount, ...], ttl=300)

    async def list_tags(scope):
        await _may_look(scope)                        # rights are never cached
        return list(await TAGS.get(scope.org_id, compute=lambda: _count(scope.org_id), tags=["posts"]))

    async with transaction(scope):
        ...
        invalidate(post.org_id, "posts")              # after the commit, in every process

What always holds: the organisation is part of every key and of every tag, and whatever else the value depends on is
the caller's to put beside it. Values are immutable for those who get them and JSON in the cache, where what code of
another shape has stored is a miss. What was found out before a change is never given to somebody who asks after it,
even if it took longer to find out than the change to be made. In one process the same thing is found out once at a
time. Within `transaction()` the cache is passed by: it may see what nobody else does yet.

The cache is in this process, where the others tell it what has changed (PubSub), or in Redis for all of them. A Redis
that does not answer is a miss. Without a cache started (`application.py` does) everything is computed.
"""

from myapp.kit.cache._caches import Cache, CacheStats, stats
from myapp.kit.cache._current import current, forget, invalidate, running, sweep, use
from myapp.kit.cache._memo import remember, remember_until_the_task_ends
from myapp.kit.cache._own import OwnStore
from myapp.kit.cache._shared import SharedStore
from myapp.kit.cache._store import Found, Store

__all__ = [
    "Cache",
    "CacheStats",
    "Found",
    "OwnStore",
    "SharedStore",
    "Store",
    "current",
    "forget",
    "invalidate",
    "remember",
    "remember_until_the_task_ends",
    "running",
    "stats",
    "sweep",
    "use",
]

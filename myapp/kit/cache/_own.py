"""The cache in this process: the least recently used values leave first, and PubSub says what others have changed."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from cashews.backends.memory import Memory

from myapp.kit import pubsub
from myapp.kit.cache._store import Found, Shelf, Stock, packed, unpacked
from myapp.kit.pubsub import Resync

TOPIC = "cache"
MOST_TAGS = 100_000


@pubsub.event("cache.changed")
@dataclass(frozen=True)
class Changed:
    """What these tags stand for has changed."""

    tags: tuple[str, ...]


class OwnStore:
    """Values of each cache in a memory of its own, and the version of every tag that has ever changed."""

    def __init__(self) -> None:
        self._memories: dict[str, Memory] = {}
        self._versions: dict[str, int] = {}
        self._era = 0

    @asynccontextmanager
    async def listening(self) -> AsyncGenerator[None]:
        """Hear of changes until the end of the block."""
        subscription = pubsub.subscribe(TOPIC, self._hear)
        try:
            yield
        finally:
            subscription.cancel()

    async def find(self, shelf: Shelf, key: str, tags: Sequence[str]) -> Found:
        versions = ".".join(map(str, (self._era, *(self._versions.get(tag, 0) for tag in tags))))
        return Found(versions, unpacked(await self._memory(shelf).get(key), versions))

    async def keep(self, shelf: Shelf, key: str, versions: str, value: bytes) -> None:
        await self._memory(shelf).set(key, packed(versions, value), shelf.ttl)

    def invalidate(self, tags: Sequence[str]) -> None:
        pubsub.broadcast(TOPIC, Changed(tuple(tags)))

    async def forget(self, tags: Sequence[str]) -> None:
        pubsub.broadcast(TOPIC, Changed(tuple(tags)))

    async def sweep(self) -> None:
        for memory in list(self._memories.values()):
            for key in list(memory.store):
                await memory.get(key)  # which lets go of it if its time is over

    def stock(self, shelf: Shelf) -> Stock | None:
        stored = self._memory(shelf).store
        return Stock(len(stored), sum(len(value) for _, value in stored.values()))

    def _memory(self, shelf: Shelf) -> Memory:
        memory = self._memories.get(shelf.name)
        if memory is None:  # it is never started: what is too old leaves with the sweep, or when it is asked for
            memory = self._memories[shelf.name] = Memory(size=shelf.size, check_interval=0)
        return memory

    def _hear(self, _topic: str, event: object) -> None:
        match event:
            case Changed(tags):
                for tag in tags:
                    self._versions[tag] = self._versions.get(tag, 0) + 1
            case Resync():
                self._forget_all()
            case _:
                pass
        if len(self._versions) > MOST_TAGS:
            self._forget_all()

    def _forget_all(self) -> None:
        """Something was missed, or there are too many versions to remember."""
        self._era += 1
        self._versions.clear()
        self._memories.clear()

"""One named cache: the key, the JSON, one computation at a time, and the count of hits."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, get_origin
from uuid import UUID
from weakref import WeakValueDictionary

from pydantic import TypeAdapter, ValidationError

from myapp.kit import repo, telemetry
from myapp.kit.cache import _current, _memo
from myapp.kit.cache._flight import Flight
from myapp.kit.cache._store import Found, Shelf, Store

log = logging.getLogger(__name__)

HOUR = 3600.0
MOST_BYTES = 1 << 20  # of one value; what is larger is found out every time

type Part = str | int | bool | UUID | None


@dataclass(frozen=True, slots=True)
class CacheStats:
    """How a cache of this process does. Entries and bytes are None where Redis holds them, for all processes."""

    name: str
    hits: int
    misses: int
    entries: int | None
    bytes: int | None
    size: int
    ttl: float

    @property
    def hit_rate(self) -> float:
        """A share from 0 to 1 of what was asked."""
        return self.hits / max(1, self.hits + self.misses)


class Cache[T]:
    """Values of type `of`, `size` of them at most, each for `ttl` seconds."""

    def __init__(self, name: str, of: type[T], *, ttl: float = HOUR, size: int = 1000) -> None:
        if name in _caches:
            raise ValueError(f"two caches are called {name!r}")
        if (get_origin(of) or of) in {list, dict, set, bytearray}:
            raise TypeError(f"what {name!r} gives is given to many: let it be a tuple or a frozen dataclass")
        self.name = name
        self.hits = self.misses = 0
        self._shelf = Shelf(name, size, ttl)
        self._of = of
        self._adapter: TypeAdapter[T] | None = None
        self._flights: dict[tuple[str, str], Flight[T]] = {}
        _caches[name] = self

    async def get(
        self, org_id: UUID | None, *rest: Part, compute: Callable[[], Awaitable[T]], tags: Iterable[str] = ()
    ) -> T:
        """What `compute` once returned for this organisation and the rest of the key; `tags` say what it follows from.

        It is computed in a task of its own, for all who ask meanwhile: it must not depend on anything but the key.
        """
        store = _current.current()
        if store is None or repo.in_transaction():
            return await compute()
        key, memo = _key(org_id, *rest), _memo.current()
        if memo is not None and (self.name, key) in memo:
            self._count(hit=True)
            return memo[self.name, key]
        value = await self._get(store, key, compute, [_current.tag_of(org_id, tag) for tag in tags])
        if memo is not None:
            memo[self.name, key] = value
        return value

    async def refresh(
        self, org_id: UUID | None, *rest: Part, compute: Callable[[], Awaitable[T]], tags: Iterable[str] = ()
    ) -> None:
        """Find it out anew and keep it for its whole time, before anybody has to wait because that is over."""
        store = _current.current()
        if store is not None and not repo.in_transaction():
            key = _key(org_id, *rest)
            found = await store.find(self._shelf, key, [_current.tag_of(org_id, tag) for tag in tags])
            await self._found_out(store, key, compute, found.versions)

    def _count(self, *, hit: bool) -> None:
        if hit:
            self.hits += 1
        else:
            self.misses += 1
        telemetry.execute("cache.read", {"count": 1}, {"cache": self.name, "outcome": "hit" if hit else "miss"})

    @property
    def stats(self) -> CacheStats:
        """How it does."""
        store = _current.current()
        stock = store.stock(self._shelf) if store is not None else None
        entries, size_in_bytes = (stock.entries, stock.bytes) if stock else (None, None)
        return CacheStats(self.name, self.hits, self.misses, entries, size_in_bytes, self._shelf.size, self._shelf.ttl)

    @property
    def _json(self) -> TypeAdapter[T]:
        """Made on first use, when all names in the annotations exist."""
        if self._adapter is None:
            self._adapter = TypeAdapter(self._of)
        return self._adapter

    async def _get(self, store: Store, key: str, compute: Callable[[], Awaitable[T]], tags: list[str]) -> T:
        found = await store.find(self._shelf, key, tags)
        if (stored := self._decoded(found)) is not None:
            self._count(hit=True)
            return stored.value
        self._count(hit=False)
        if found.versions is None:
            return await compute()
        at = (key, found.versions)  # who asks after a change does not join those who asked before it
        flight = self._flights.get(at)
        if flight is None or flight.is_given_up:
            flight = self._flights[at] = Flight(self._fill(store, key, compute, tags))
            flight.task.add_done_callback(lambda _: self._flights.get(at) is flight and self._flights.pop(at))
        return await flight.join()

    async def _fill(self, store: Store, key: str, compute: Callable[[], Awaitable[T]], tags: list[str]) -> T:
        found = await store.find(self._shelf, key, tags)  # it may have come while it was looked for
        if (stored := self._decoded(found)) is not None:
            return stored.value
        return await self._found_out(store, key, compute, found.versions)

    async def _found_out(self, store: Store, key: str, compute: Callable[[], Awaitable[T]], versions: str | None) -> T:
        """The value, stored under the versions that its tags had before."""
        value = await compute()
        encoded = self._json.dump_json(value)
        if versions is not None and len(encoded) <= MOST_BYTES:
            await store.keep(self._shelf, key, versions, encoded)
        return value

    def _decoded(self, found: Found) -> _Value[T] | None:
        if found.value is None:
            return None
        try:
            return _Value(self._json.validate_json(found.value))
        except ValidationError:
            log.info("what %s holds was stored by other code", self.name)
            return None


@dataclass(frozen=True, slots=True)
class _Value[T]:
    """It may be None, too."""

    value: T


def stats() -> list[CacheStats]:
    """All caches of this process, by name."""
    return sorted((cache.stats for cache in _caches.values()), key=lambda each: each.name)


def _key(*parts: Part) -> str:
    """Whatever is in the parts, two different keys are never the same, and nobody who looks into Redis reads them."""
    return blake2b(repr([(type(part).__name__, str(part)) for part in parts]).encode(), digest_size=16).hexdigest()


_caches: WeakValueDictionary[str, Cache[Any]] = WeakValueDictionary()

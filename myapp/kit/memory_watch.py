"""Memory that grows: said in the log and to those who run the site, with what grew most.

    Child("memory watch", MemoryWatch().running)

The first look is what later ones are compared with, so it is taken when the process has come to itself. Over 100 MB
above it the ten kinds of objects that became most are named: by where they were made, where somebody has turned
`tracemalloc` on (`PYTHONTRACEMALLOC=1`, which slows everything down), else by what they are, which costs nothing until
it is needed. Each further 100 MB are said once, and so is a fall and a rise anew.

Erlang's `memsup` and `recon:proc_count` in one.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
import tracemalloc
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import psutil

from myapp.kit.alerts import raise_alert
from myapp.kit.supervisor import beside

log = logging.getLogger(__name__)

MB = 1 << 20
STEP = 100 * MB
EVERY = 60.0  # seconds
SHOWN = 10


@dataclass(frozen=True, slots=True)
class Grower:
    """Something of which there is more than there was: so many more objects or, where it is traced, of such a size."""

    name: str
    count: int
    size: int

    def __str__(self) -> str:
        return f"{self.name}: {self.count:+,} ({self.size / MB:+.1f} MB)"


class MemoryWatch:
    """Looks at this process."""

    def __init__(self, used: Callable[[], int] | None = None, *, step: int = STEP) -> None:
        self._used = used or _resident
        self._step = step
        self._said = 0
        self.baseline: int | None = None
        self._kinds = Counter[str]()
        self._snapshot: tracemalloc.Snapshot | None = None

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Look once in `EVERY` seconds until the end of the block."""
        async with beside(self._watch()):
            yield

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            await self.look()

    async def look(self) -> list[Grower]:
        """Compare with the first look; what grew, where that is to be said now."""
        used = self._used()
        if self.baseline is None:
            self.baseline = used
            await asyncio.to_thread(self._remember)
            return []
        steps = max(0, used - self.baseline) // self._step
        is_more, self._said = steps > self._said, steps
        if not is_more:
            return []
        growers = await asyncio.to_thread(self.growers)
        grown = (used - self.baseline) / MB
        log.warning(
            "memory is %.0f MB over what it was; most grew: %s",
            grown,
            "; ".join(map(str, growers)),
            extra={"memory_mb": round(used / MB), "baseline_mb": round(self.baseline / MB)},
        )
        listed = {f"grower {number}": grower for number, grower in enumerate(growers, 1)}
        raise_alert("memory", f"A process has {grown:.0f} MB more than it began with.", **listed)
        return growers

    def growers(self) -> list[Grower]:
        """What there is most more of, the largest first."""
        if self._snapshot is not None and tracemalloc.is_tracing():
            return _traced(self._snapshot)
        kinds, sizes = Counter[str](), Counter[str]()
        for thing in gc.get_objects():
            kind = _kind(thing)
            kinds[kind] += 1
            sizes[kind] += sys.getsizeof(thing, 0)
        more = {kind: count - self._kinds[kind] for kind, count in kinds.items() if count > self._kinds[kind]}
        found = [Grower(kind, count, sizes[kind] * count // kinds[kind]) for kind, count in more.items()]
        return sorted(found, key=lambda grower: grower.size, reverse=True)[:SHOWN]

    def _remember(self) -> None:
        if tracemalloc.is_tracing():
            self._snapshot = tracemalloc.take_snapshot()
        else:
            self._kinds = Counter(map(_kind, gc.get_objects()))


def _traced(before: tracemalloc.Snapshot) -> list[Grower]:
    found = tracemalloc.take_snapshot().compare_to(before, "lineno")
    grown = sorted(found, key=lambda each: each.size_diff, reverse=True)[:SHOWN]
    return [Grower(str(each.traceback), each.count_diff, each.size_diff) for each in grown if each.size_diff > 0]


def _kind(thing: object) -> str:
    kind = type(thing)
    return f"{kind.__module__}.{kind.__qualname__}" if kind.__module__ != "builtins" else kind.__qualname__


def _resident() -> int:
    return psutil.Process().memory_info().rss

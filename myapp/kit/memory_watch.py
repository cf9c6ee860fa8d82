"""Memory that grows: said in the log and to those who run the site, with what grew most.

    Periodic("watch memory", MemoryWatch().look, every=60, settle=60)

The first look is what later ones are compared with, so it is taken when the process has come to itself. Over 100 MB
above it the ten kinds of objects that take most more than they did are named: by where they were made, where somebody
has turned `tracemalloc` on (`PYTHONTRACEMALLOC=1`, which slows everything down), else by what they are, which costs
nothing until it is needed. Each further 100 MB are said once, and so is a fall and a rise anew.

What is counted is what the garbage collector knows, what modules keep that it was told to leave out
(`lifetime.settle`), and what all these refer to that it does not know: texts, bytes, numbers, and containers of nothing
else. It is gone through in the event loop, a few milliseconds at a time: what is let go of meanwhile ends where it
would have.

Erlang's `memsup` and `recon:proc_count` in one.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
import tracemalloc
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Generator
from dataclasses import dataclass
from time import perf_counter
from types import FunctionType, ModuleType

import psutil

from myapp.kit.alerts import raise_alert

log = logging.getLogger(__name__)

MB = 1 << 20
STEP = 100 * MB
SHOWN = 10
SLICE = 0.002  # seconds of the event loop at a time, with as many for others in between
_AT_ONCE = 200  # objects between two looks at the clock
_OWNED_ONCE = 4  # references to what has one owner, while it is looked at: in the list, by its name, as an argument
_CODE = frozenset({ModuleType, FunctionType})
_CONTAINERS = frozenset({dict, list, set, deque, OrderedDict, defaultdict, Counter})
_ATOMS = frozenset({str, bytes, bytearray, int, float, bool, complex, type(None)})


@dataclass(frozen=True, slots=True)
class Grower:
    """Something that takes more memory than it did: so many more objects (or fewer, larger ones), of such a size."""

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
        self._kinds: dict[str, Kind] = {}
        self._snapshot: tracemalloc.Snapshot | None = None

    async def look(self) -> list[Grower]:
        """Compare with the first look; what grew, where that is to be said now."""
        used = self._used()
        if self.baseline is None:
            self.baseline = used
            await self._remember()
            return []
        steps = max(0, used - self.baseline) // self._step
        is_more, self._said = steps > self._said, steps
        if not is_more:
            return []
        growers = await self.growers()
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

    async def growers(self) -> list[Grower]:
        """What takes most more memory than it did, the largest first."""
        if self._snapshot is not None and tracemalloc.is_tracing():
            return await asyncio.to_thread(_traced, self._snapshot)
        found = [
            Grower(name, kind.count - before.count, kind.size - before.size)
            for name, kind in (await kinds()).items()
            if kind.size > (before := self._kinds.get(name, Kind())).size
        ]
        return sorted(found, key=lambda grower: grower.size, reverse=True)[:SHOWN]

    async def _remember(self) -> None:
        if tracemalloc.is_tracing():
            self._snapshot = await asyncio.to_thread(tracemalloc.take_snapshot)
        else:
            self._kinds = await kinds()


@dataclass(slots=True)
class Kind:
    """How many objects there are of a type, and how many bytes they take together, without what they refer to."""

    count: int = 0
    size: int = 0


async def kinds() -> dict[str, Kind]:
    """What there is, by the names of the types: an estimate, as others go on meanwhile."""
    found: dict[type, Kind] = {}
    until = perf_counter() + SLICE
    for _ in _counting(found):
        if perf_counter() > until:
            await asyncio.sleep(SLICE)
            until = perf_counter() + SLICE
    named: dict[str, Kind] = {}
    for kind, each in found.items():
        whole = named.setdefault(_name(kind), Kind())
        whole.count += each.count
        whole.size += each.size
    return named


def _counting(found: dict[type, Kind]) -> Generator[None]:
    """Add up everything, with a pause now and then. Whatever has one owner is met once; of the others ids are kept."""
    known = gc.get_objects()
    lasting: dict[int, object] = {}
    yield from _collecting(lasting)
    shared: set[int] = set()
    number = 0
    while known or lasting:
        thing = known.pop() if known else lasting.popitem()[1]
        lasting.pop(id(thing), None)
        inner = [thing]
        _add(found, thing)
        while inner:
            for thing in gc.get_referents(inner.pop()):
                number += 1
                if number % _AT_ONCE == 0:
                    yield
                if gc.is_tracked(thing):
                    continue
                if sys.getrefcount(thing) > _OWNED_ONCE:
                    if id(thing) in shared:
                        continue
                    shared.add(id(thing))
                _add(found, thing)
                if type(thing) not in _ATOMS:
                    inner.append(thing)


def _collecting(lasting: dict[int, object]) -> Generator[None]:
    """Find, by id, what modules name, and the containers that are reached from it by containers alone."""
    for module in list(sys.modules.values()):
        names = getattr(module, "__dict__", None)
        inner = [names, *(each for each in gc.get_referents(names) if type(each) not in _CODE)]
        while inner:
            thing = inner.pop()
            if id(thing) not in lasting and gc.is_tracked(thing):
                lasting[id(thing)] = thing
                inner += [each for each in gc.get_referents(thing) if type(each) in _CONTAINERS]
        yield


def _add(found: dict[type, Kind], thing: object) -> None:
    kind = found.get(type(thing))
    if kind is None:
        kind = found[type(thing)] = Kind()
    kind.count += 1
    kind.size += sys.getsizeof(thing, 0)


def _traced(before: tracemalloc.Snapshot) -> list[Grower]:
    found = tracemalloc.take_snapshot().compare_to(before, "lineno")
    grown = sorted(found, key=lambda each: each.size_diff, reverse=True)[:SHOWN]
    return [Grower(str(each.traceback), each.count_diff, each.size_diff) for each in grown if each.size_diff > 0]


def _name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}" if kind.__module__ != "builtins" else kind.__qualname__


def _resident() -> int:
    return psutil.Process().memory_info().rss

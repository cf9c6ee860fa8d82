"""The last hour in slices of 10 s, for operators' pages: what LiveDashboard's `metrics_history` keeps.

What always holds: an hour of a series is at most 360 points of at most 64 bytes and seven sketches, of at most a
thousand series; of a slice in which nothing happened nothing is kept. Slices end at whole multiples of 10 s since 1970.
What has percentiles is kept over all its series as well, in half minutes (`_whole.py`).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from typing import cast

from myapp.kit.telemetry._cells import Last, Spread
from myapp.kit.telemetry._classes import Classes, Counts
from myapp.kit.telemetry._core import attached
from myapp.kit.telemetry._metrics import Metric
from myapp.kit.telemetry._ring import HOUR, Ring, Row, Series
from myapp.kit.telemetry._store import Key, Store
from myapp.kit.telemetry._whole import Moment, Whole

log = logging.getLogger(__name__)

TICK = 10.0  # seconds
_HOLDS = 2.5 * TICK  # how long a last value holds: what is polled every 10 s may come a moment late


class History:
    """What the slices of a store have been."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._rings: dict[str, dict[Key, Ring]] = {name: {} for name in store.tracks}
        self._wholes = {name: Whole() for name, track in store.tracks.items() if track.kind is Spread}
        self._classes = {name: Classes(track.metric) for name, track in store.tracks.items() if track.metric.classes}

    def tick(self, at: float) -> None:
        """A slice has ended at `at`."""
        for track, cells in self.store.cut():
            rings = self._rings[track.metric.name]
            for key, cell in cells.items():
                ring = rings.get(key)
                if ring is None:
                    ring = rings[key] = Ring(type(cell))
                ring.append(at, cell)
            whole = self._wholes.get(track.metric.name)
            if whole is not None:
                whole.add(at, cast("Collection[Spread]", cells.values()))
            classes = self._classes.get(track.metric.name)
            if classes is not None:
                classes.add(at, cast("Mapping[Key, Spread]", cells))
        for kept in (*self._wholes.values(), *self._classes.values()):
            kept.forget(at - HOUR)
        for name, rings in self._rings.items():
            self._tidy(name, rings, at)

    def _tidy(self, name: str, rings: dict[Key, Ring], at: float) -> None:
        track = self.store.tracks[name]
        for key, ring in list(rings.items()):
            if track.kind is Last and ring.heard_at < at < ring.heard_at + _HOLDS:
                ring.repeat(at)
            ring.forget(at - HOUR)
            if not ring:
                del rings[key]
                track.idle.add(key)

    def series(self, name: str) -> list[Series]:
        labels = self.store.tracks[name].labels
        return [Series(labels(key), ring.points()) for key, ring in self._rings[name].items()]

    def table(self, name: str) -> list[Row]:
        labels = self.store.tracks[name].labels
        return [ring.row(labels(key)) for key, ring in self._rings[name].items()]

    def moments(self, name: str) -> list[Moment]:
        return self._wholes[name].moments()

    def counts(self, name: str) -> list[Counts]:
        return self._classes[name].counts()

    def spreads(self, name: str) -> list[tuple[dict[str, str], Spread]]:
        labels = self.store.tracks[name].labels
        return [(labels(key), ring.spread()) for key, ring in self._rings[name].items()] if name in self._wholes else []


_history: History | None = None


@asynccontextmanager
async def running(
    metrics: Collection[Metric], on_tick: Callable[[float], None] | None = None, *, every: float = TICK
) -> AsyncGenerator[Store]:
    """Measure until the end of the block, in slices of `every` seconds; `on_tick` is called with the end of each."""
    global _history  # noqa: PLW0603 - the one place a process keeps its figures
    store = Store(metrics)
    history = History(store)
    with attached("metrics", store.events, store.handle):
        _history = history
        ticking = asyncio.create_task(_keep_ticking(history, on_tick, every), name="telemetry slices")
        try:
            yield store
        finally:
            _history = None
            ticking.cancel()
            await asyncio.gather(ticking, return_exceptions=True)


async def _keep_ticking(history: History, on_tick: Callable[[float], None] | None, every: float) -> None:
    end = time.time() // every * every
    while True:
        end = max(end, (time.time() // every) * every) + every  # the clock may be set back, or have been stopped
        await asyncio.sleep(end - time.time())
        try:
            history.tick(end)
            if on_tick is not None:
                on_tick(end)
        except Exception:
            log.exception("telemetry skips a slice")


def _current() -> History:
    if _history is None:
        raise RuntimeError("telemetry is not started: application.py starts it")
    return _history


def metrics() -> list[Metric]:
    """What is measured in this process, in the order of `myapp/metrics.py`."""
    return [track.metric for track in _current().store.tracks.values()]


def history(name: str) -> list[Series]:
    """The last hour of a metric, in this process: its series, each with its points. Raises KeyError for no metric."""
    return _current().series(name)


def table(name: str) -> list[Row]:
    """The last hour of a metric as a whole, in this process: a row for each series. Raises KeyError for no metric."""
    return _current().table(name)


def moments(name: str) -> list[Moment]:
    """The last hour of a summary or distribution over all its series, in half minutes. Raises KeyError for no such."""
    return _current().moments(name)


def counts(name: str) -> list[Counts]:
    """How many there were of each class of outcome, in half minutes. Raises KeyError for a metric without classes."""
    return _current().counts(name)


def spreads(name: str) -> list[tuple[dict[str, str], Spread]]:
    """The tags of each series of a summary or distribution, and its last hour. Raises KeyError for no metric."""
    return _current().spreads(name)


def store() -> Store:
    """The figures since the start, for reporters that read them when they are asked."""
    return _current().store

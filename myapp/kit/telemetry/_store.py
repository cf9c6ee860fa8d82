"""Where figures add up: each event once, for all reporters that read totals or slices of time.

What always holds: no more than a metric's `limit` of series, and `TOTAL` of all; the figures of what comes beyond are
kept under `other`, so that sums stay right. A metric that fails is logged and left out, and the others go on. An event
is only noted where it happens; it is counted together with its neighbours, which costs a fraction of going through all
of this once for each, and before anybody looks at a figure.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping
from operator import itemgetter
from threading import Lock
from typing import Any, cast

from myapp.kit.telemetry._cells import Cell, maker
from myapp.kit.telemetry._core import Measurements, Metadata
from myapp.kit.telemetry._metrics import Kind, Metric

type Key = tuple[Any, ...]
"""The values of a series' tags."""

log = logging.getLogger(__name__)

TOTAL = 1000
OTHER = "other"
BATCH = 256
"""Events that are counted together; the last of them may wait until somebody looks, at the end of the slice."""


class Track:
    """One metric's series: of the slice of time that has not ended, and all before."""

    def __init__(self, metric: Metric, may_grow: Callable[[], bool]) -> None:
        self.metric = metric
        self.new_cell = maker(metric)
        self.kind = type(self.new_cell())
        self.slice: dict[Key, Cell] = {}
        self.before: dict[Key, Cell] = {}
        self.idle: set[Key] = set()
        """Those of which nothing was heard for so long that others may have their place."""
        self._may_grow = may_grow
        self._other: Key = (OTHER,) * len(metric.tags)
        self._key_of = _key_of(metric)
        if isinstance(metric.measurement, str) and metric.factor == 1.0 and metric.kind is not Kind.COUNTER:
            self._measurement = metric.measurement
            if metric.keep is None and metric.tag_values is None:
                self.record = self._record_plainly

    def record(self, measurements: Measurements, metadata: Metadata) -> None:
        """Take what one event brings."""
        metric = self.metric
        if metric.keep is not None and not metric.keep(metadata):
            return
        value = metric.value_of(measurements, metadata)
        if value is not None:
            self._add(value, metadata if metric.tag_values is None else metric.tag_values(metadata))

    def _record_plainly(self, measurements: Measurements, metadata: Metadata) -> None:
        """The same for most metrics, with fewer questions: this is what an event costs."""
        value = measurements.get(self._measurement)
        if value is not None:
            cell = self.slice.get(self._key_of(metadata))
            if cell is None:
                self._add(value, metadata)
            else:
                cell.add(value)

    def _add(self, value: float, metadata: Metadata) -> None:
        key = self._key_of(metadata)
        cell = self.slice.get(key)
        if cell is None:
            key = self._admitted(key)
            cell = self.slice.setdefault(key, self.new_cell())
        cell.add(value)

    def _admitted(self, key: Key) -> Key:
        """The key itself, if it has a place or can be given one."""
        self.idle.discard(key)
        if key in self.before or key in self.slice:
            return key
        if self.size >= self.metric.limit or not self._may_grow():
            if not self.idle:
                return self._other
            del self.before[self.idle.pop()]
        return key

    @property
    def size(self) -> int:
        """How many series there are."""
        return len(self.before) + sum(key not in self.before for key in self.slice)

    def cut(self) -> dict[Key, Cell]:
        """End the slice, begin another, and give the one that has ended."""
        ended, self.slice = self.slice, {}
        for key, cell in ended.items():
            before = self.before.get(key)
            if before is None:
                self.before[key] = cell.copy()
            else:
                before.absorb(cell)
        return ended

    def whole(self) -> dict[Key, Cell]:
        """All series since the start."""
        whole = {key: cell.copy() for key, cell in self.before.items()}
        for key, cell in self.slice.items():
            if key in whole:
                whole[key].absorb(cell)
            else:
                whole[key] = cell.copy()
        return whole

    def labels(self, key: Key) -> dict[str, str]:
        """The series' tags by name, as text."""
        return dict(zip(self.metric.tags, map(str, key), strict=True))


class Store:
    """All tracks, by the events they listen to. Events may come from any thread."""

    def __init__(self, metrics: Collection[Metric], total: int = TOTAL) -> None:
        """Raises ValueError for two metrics of one name."""
        self._total = total
        self._lock = Lock()
        self._noted: deque[tuple[str, Measurements, Metadata]] = deque()
        self._tracks: dict[str, Track] = {}
        self._by_event: dict[str, tuple[Track, ...]] = {}
        for metric in metrics:
            if metric.name in self._tracks:
                raise ValueError(f"two metrics are called {metric.name!r}")
            track = self._tracks[metric.name] = Track(metric, self._may_grow)
            self._by_event[metric.event] = (*self._by_event.get(metric.event, ()), track)

    @property
    def events(self) -> tuple[str, ...]:
        """What it is to be attached to."""
        return tuple(self._by_event)

    @property
    def tracks(self) -> Mapping[str, Track]:
        """By the metrics' names, with all that has happened."""
        self._count()
        return self._tracks

    def handle(self, event: str, measurements: Measurements, metadata: Metadata) -> None:
        """Take an event; this is what is attached."""
        noted = self._noted
        noted.append((event, measurements, metadata))
        if len(noted) >= BATCH:
            self._count()

    def _count(self) -> None:
        """Count what was noted."""
        noted = self._noted
        with self._lock:
            for _ in range(len(noted)):  # what comes meanwhile, from other threads, is counted the next time
                event, measurements, metadata = noted.popleft()
                for track in self._by_event[event]:
                    try:
                        track.record(measurements, metadata)
                    except Exception:
                        log.exception("the metric %s failed and is left out from now on", track.metric.name)
                        self._by_event[event] = tuple(each for each in self._by_event[event] if each is not track)

    def cut(self) -> Iterator[tuple[Track, dict[Key, Cell]]]:
        """End the slice of each track; give those in which something has happened."""
        for track in self.tracks.values():
            with self._lock:
                ended = track.cut() if track.slice else None
            if ended:
                yield track, ended

    def wholes(self) -> Iterator[tuple[Track, dict[Key, Cell]]]:
        """Each track with all of its series since the start."""
        for track in self.tracks.values():
            with self._lock:
                whole = track.whole()
            yield track, whole

    def _may_grow(self) -> bool:
        return sum(track.size for track in self._tracks.values()) < self._total


def _key_of(metric: Metric) -> Callable[[Metadata], Key]:
    tags = metric.tags
    if not tags:
        return lambda _: ()
    if len(tags) == 1:
        [tag] = tags
        return lambda metadata: (metadata.get(tag, ""),)
    quick = cast("Callable[[Metadata], Key]", itemgetter(*tags))

    def key(metadata: Metadata) -> Key:
        try:
            return quick(metadata)
        except KeyError:
            return tuple(metadata.get(tag, "") for tag in tags)

    return key

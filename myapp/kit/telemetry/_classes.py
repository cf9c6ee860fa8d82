"""The last hour of a metric by what came of it, in few classes: how many answers of each hundred of status codes."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

from myapp.kit.telemetry._cells import Spread
from myapp.kit.telemetry._metrics import Metric
from myapp.kit.telemetry._whole import slot_of

type Counts = tuple[float, Mapping[str, int]]
"""The end of a half minute, in seconds since 1970, and how many there were of each class in it."""


class Classes:
    """The half minutes in which something happened, the oldest first: counts of the classes that the metric names."""

    def __init__(self, metric: Metric) -> None:
        self._metric = metric
        self._place = metric.tags.index(metric.outcome)
        self._slots: deque[tuple[float, dict[str, int]]] = deque()

    def add(self, at: float, cells: Mapping[tuple[Any, ...], Spread]) -> None:
        """A slice has ended in which the series have come to these."""
        if not cells:
            return
        end = slot_of(at)
        if not self._slots or self._slots[-1][0] != end:
            self._slots.append((end, {}))
        counts = self._slots[-1][1]
        for key, cell in cells.items():
            found = self._metric.class_of(str(key[self._place]))
            if found in self._metric.classes:
                counts[found] = counts.get(found, 0) + cell.count

    def forget(self, before: float) -> None:
        """Every half minute that ended then or earlier."""
        while self._slots and self._slots[0][0] <= before:
            self._slots.popleft()

    def counts(self) -> list[Counts]:
        """Those that ended, and the one under way."""
        return [(at, dict(counts)) for at, counts in self._slots]

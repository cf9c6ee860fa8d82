"""The last hour of one series, in little space."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields

from myapp.kit.telemetry._cells import Cell, Last, Spread, Total
from myapp.kit.telemetry._sketch import Sketch, merge, percentiles

HOUR = 3600.0
_GROUP = 600.0  # seconds of a sketch
_PERCENTS = (50, 95, 99)


@dataclass(frozen=True, slots=True)
class Point:
    """A slice of a series. `at` is its end, in seconds since 1970.

    `value`: how many, of a counter; their sum, of a sum; the last, of a last value; the mean, of the rest. The other
    fields are those of a summary or distribution, in the metric's unit, and 0 of what is none.
    """

    at: float
    value: float
    count: float = 0.0
    low: float = 0.0
    high: float = 0.0
    p50: float = 0.0
    p95: float = 0.0
    p99: float = 0.0


@dataclass(frozen=True, slots=True)
class Series:
    """One series' points of the last hour, oldest first. There is none where nothing happened."""

    tags: Mapping[str, str]
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One series' last hour as a whole. Percentiles are right to 5 %.

    `value`: how many, of a counter; their sum, of a sum; the last, of a last value; the mean, of the rest.
    """

    tags: Mapping[str, str]
    value: float
    count: int = 0
    low: float = 0.0
    high: float = 0.0
    p50: float = 0.0
    p95: float = 0.0
    p99: float = 0.0


class Ring:
    """Points as numbers in a row, as objects would take four times as much; and the sketches of each ten minutes."""

    __slots__ = ("_groups", "_kind", "_numbers", "_width", "heard_at")

    def __init__(self, kind: type[Cell]) -> None:
        self._kind = kind
        self._width = len(fields(Point)) if kind is Spread else 2
        self._numbers = array("d")
        self._groups: dict[int, Sketch] = {}
        self.heard_at = 0.0
        """When something happened last, which for a last value may be before its last point."""

    def __bool__(self) -> bool:
        return bool(self._numbers)

    def append(self, at: float, cell: Cell) -> None:
        """A slice in which something has happened."""
        self.heard_at = at
        match cell:
            case Spread():
                spread = percentiles(cell.sketch, *_PERCENTS, low=cell.low, high=cell.high)
                numbers = (at, cell.total / cell.count, cell.count, cell.low, cell.high, *spread)
                merge(self._groups.setdefault(int((at - 1) // _GROUP), {}), cell.sketch)
            case Total():
                numbers = (at, cell.total)
            case Last():
                numbers = (at, cell.value)
            case _:
                raise TypeError(f"{cell} is no cell")
        self._numbers.extend(numbers)

    def repeat(self, at: float) -> None:
        """A slice in which nothing was heard: the last value holds."""
        self._numbers.extend((at, self._numbers[-1]))

    def forget(self, before: float) -> None:
        """Every slice that ended then or earlier."""
        old = 0
        while old < len(self._numbers) and self._numbers[old] <= before:
            old += self._width
        del self._numbers[:old]
        for group in [group for group in self._groups if (group + 1) * _GROUP <= before]:
            del self._groups[group]

    def points(self) -> tuple[Point, ...]:
        return tuple(self._points())

    def _points(self) -> Iterator[Point]:
        for start in range(0, len(self._numbers), self._width):
            yield Point(*self._numbers[start : start + self._width])

    def row(self, tags: Mapping[str, str]) -> Row:
        """The hour as a whole."""
        points = self.points()
        if self._kind is Last:
            return Row(tags, points[-1].value)
        if self._kind is Total:
            return Row(tags, sum(point.value for point in points))
        spread = self.spread()
        return Row(tags, spread.mean, spread.count, spread.low, spread.high, *spread.percentiles(*_PERCENTS))

    def spread(self) -> Spread:
        """The hour as a whole, of a summary or distribution."""
        points, whole = self.points(), Spread()
        whole.count = int(sum(point.count for point in points))
        whole.total = sum(point.value * point.count for point in points)
        whole.low, whole.high = min(point.low for point in points), max(point.high for point in points)
        for sketch in self._groups.values():
            merge(whole.sketch, sketch)
        return whole

"""What one series of a metric has come to, in a slice of time or since the start."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from math import ceil, inf, log
from typing import Any, Protocol, Self

from myapp.kit.telemetry._metrics import Kind, Metric
from myapp.kit.telemetry._sketch import HIGHEST, LOWEST, PER_FACTOR, Sketch, bucket_of, merge, percentiles


class Cell(Protocol):
    """Takes values, and what another cell of its kind has taken later."""

    def add(self, value: float) -> None: ...
    def absorb(self, later: Any) -> None: ...
    def copy(self) -> Self: ...


class Total:
    """Of a counter or a sum."""

    __slots__ = ("total",)

    def __init__(self) -> None:
        self.total = 0.0

    def add(self, value: float) -> None:
        self.total += value

    def absorb(self, later: Total) -> None:
        self.total += later.total

    def copy(self) -> Total:
        copy = Total()
        copy.total = self.total
        return copy


class Last:
    """Of a last value."""

    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value = 0.0

    def add(self, value: float) -> None:
        self.value = value

    def absorb(self, later: Last) -> None:
        self.value = later.value

    def copy(self) -> Last:
        copy = Last()
        copy.value = self.value
        return copy


class Spread:
    """Of a summary or, with bounds, a distribution: `up_to[n]` values fell between the bound before and the n-th."""

    __slots__ = ("bounds", "count", "high", "low", "sketch", "total", "up_to")

    def __init__(self, bounds: tuple[float, ...] = ()) -> None:
        self.count = 0
        self.total = 0.0
        self.low, self.high = inf, -inf
        self.sketch: Sketch = {}
        self.bounds = bounds
        self.up_to = [0] * (len(bounds) + 1) if bounds else []

    def add(self, value: float) -> None:
        self.count += 1
        self.total += value
        if value < self.low:  # noqa: PLR1730 - a call would cost more than the rest of it
            self.low = value
        if value > self.high:  # noqa: PLR1730
            self.high = value
        bucket = ceil(log(value) * PER_FACTOR) if LOWEST < value < HIGHEST else bucket_of(value)
        sketch = self.sketch
        sketch[bucket] = sketch.get(bucket, 0) + 1
        if self.bounds:
            self.up_to[bisect_left(self.bounds, value)] += 1

    def absorb(self, later: Spread) -> None:
        self.absorb_values(later)
        self.up_to = [mine + its for mine, its in zip(self.up_to, later.up_to, strict=True)]

    def absorb_values(self, other: Spread) -> None:
        """The same without bounds, so that it may be another series, or of another process."""
        self.count += other.count
        self.total += other.total
        self.low, self.high = min(self.low, other.low), max(self.high, other.high)
        merge(self.sketch, other.sketch)

    def copy(self) -> Spread:
        copy = Spread(self.bounds)
        copy.absorb(self)
        return copy

    @classmethod
    def of(cls, count: int, total: float, low: float, high: float, sketch: Sketch) -> Spread:
        """One that has taken these values."""
        made = cls()
        made.count, made.total, made.low, made.high, made.sketch = count, total, low, high, sketch
        return made

    @property
    def mean(self) -> float:
        return self.total / self.count if self.count else 0.0

    def percentiles(self, *percents: float) -> list[float]:
        """The values that so many per cent do not exceed, right to 5 %; zeros of nothing."""
        return percentiles(self.sketch, *percents, low=self.low, high=self.high)


def maker(metric: Metric) -> Callable[[], Cell]:
    """What makes the cells of a metric."""
    match metric.kind:
        case Kind.COUNTER | Kind.SUM:
            return Total
        case Kind.LAST_VALUE:
            return Last
        case Kind.SUMMARY | Kind.DISTRIBUTION:
            return lambda: Spread(metric.buckets)

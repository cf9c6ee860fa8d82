"""The last hour in figures: what telemetry keeps of this process, as charts are drawn of it.

A chart is a metric over all its series: how many a second, what was last, or the mean and the most of a slice. A tagged
metric has a row for each of its series, too, with the percentiles of the hour, which those of slices do not add up to.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from myapp.kit import telemetry
from myapp.kit.errors import NotFound
from myapp.kit.scope import Scope
from myapp.kit.telemetry import Kind, Metric, Point, Row
from myapp.ops import policy

HOUR = 3600
STEP = 30  # seconds of a point of a chart: three slices
MOST = 100  # series of a metric
_SHOWN_AS = {"byte": ("MB", 1e-6), "second": ("ms", 1e3), "ratio": ("%", 100.0)}
_SPREADS = {Kind.SUMMARY, Kind.DISTRIBUTION}
_COUNTS = {Kind.COUNTER, Kind.SUM}


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """A moment, in seconds since 1970: the value, and for what has a spread the most; None where nothing happened."""

    at: int
    value: float | None
    most: float | None = None


@dataclass(frozen=True, slots=True)
class ChartRow:
    """One series over the hour, in the metric's own unit: seconds, bytes. Percentiles are 0 of what has no spread."""

    id: str
    count: int
    value: float
    p50: float
    p95: float
    p99: float
    most: float


@dataclass(frozen=True, slots=True)
class Chart:
    """A metric over the last hour. `unit` is that of the points, `measures` that of the rows."""

    name: str
    description: str
    unit: str
    measures: str
    kind: str
    points: tuple[ChartPoint, ...]
    rows: tuple[ChartRow, ...]


async def list_metric_groups(scope: Scope) -> list[str]:
    """The first words of the metrics' names, in the order of the list. Raises Forbidden, Unauthenticated."""
    policy.authorise(scope, "see_operations")
    return list(dict.fromkeys(_group(metric) for metric in telemetry.metrics()))


async def list_charts(scope: Scope, group: str) -> list[Chart]:
    """The charts of a group. Raises NotFound where there is no such group, Forbidden, Unauthenticated."""
    policy.authorise(scope, "see_operations")
    end = math.ceil(time.time() / STEP) * STEP
    charts = [_chart(metric, end) for metric in telemetry.metrics() if _group(metric) == group]
    if not charts:
        raise NotFound
    return charts


def latest(name: str) -> float | None:
    """What a metric was last, over its series; None where that is not known, or nothing is measured here."""
    try:
        found = [series.points[-1].value for series in telemetry.history(name) if series.points]
    except (KeyError, RuntimeError):
        return None
    return sum(found) if found else None


def _group(metric: Metric) -> str:
    return metric.name.partition(".")[0]


def _chart(metric: Metric, end: int) -> Chart:
    unit, factor = _SHOWN_AS.get(metric.unit, (metric.unit, 1.0))
    if metric.kind in _COUNTS:
        unit, factor = f"{unit}/s" if unit else "/s", factor / STEP
    points = [point for series in telemetry.history(metric.name) for point in series.points]
    rows = telemetry.table(metric.name) if metric.tags else []
    return Chart(
        name=metric.name,
        description=metric.description,
        unit=unit,
        measures=metric.unit,
        kind="spread" if metric.kind in _SPREADS else "count" if metric.kind in _COUNTS else "last",
        points=tuple(_drawn(metric.kind, points, end, factor)),
        rows=tuple(_row(row) for row in sorted(rows, key=_weight, reverse=True)[:MOST]),
    )


def _drawn(kind: Kind, points: Iterable[Point], end: int, factor: float) -> Iterator[ChartPoint]:
    slots: dict[int, list[Point]] = {}
    for point in points:
        slots.setdefault(math.ceil(point.at / STEP) * STEP, []).append(point)
    for at in range(end - HOUR + STEP, end + 1, STEP):
        value, most = _figure(kind, slots.get(at, []))
        yield ChartPoint(at, _rounded(value, factor), _rounded(most, factor))


def _figure(kind: Kind, points: list[Point]) -> tuple[float | None, float | None]:
    """What the points of one moment come to, and the most of them."""
    if kind in _COUNTS:
        return sum(point.value for point in points), None
    if not points:
        return None, None
    if kind in _SPREADS:
        count = sum(point.count for point in points)
        mean = sum(point.value * point.count for point in points) / count if count else 0.0
        return mean, max(point.high for point in points)
    newest = max(point.at for point in points)
    return sum(point.value for point in points if point.at == newest), None


def _rounded(value: float | None, factor: float) -> float | None:
    return None if value is None else float(f"{value * factor:.4g}")


def _weight(row: Row) -> float:
    return row.value * max(row.count, 1)


def _row(row: Row) -> ChartRow:
    name = " ".join(each for each in row.tags.values() if each) or "–"
    return ChartRow(name, row.count or int(row.value), row.value, row.p50, row.p95, row.p99, row.high)

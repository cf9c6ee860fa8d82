"""The last hour in charts: what telemetry keeps of this process, and of the others when they are asked.

A chart is a metric over all its series: how many a minute, what was last, or the percentiles of each half minute. A
tagged metric has a row for each of its series, too, with the percentiles of the hour; what came of it (a status, an
outcome) is no series of its own there, but a count of what failed.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil

from myapp.kit import telemetry
from myapp.kit.errors import NotFound
from myapp.kit.scope import Scope
from myapp.kit.telemetry import SLOT, Metric, Spread
from myapp.ops import policy
from myapp.ops.exchange import gather
from myapp.ops.figures import COUNTS, SPREADS, Figures, Tags, Value, group_of, own_group, together

HOUR = 3600
STEP = int(SLOT)
PERCENTS = (50, 95, 99)
_SHOWN_AS = {"byte": ("MB", 1e-6), "second": ("ms", 1e3), "ratio": ("%", 100.0)}


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """A moment, in seconds since 1970; None where nothing happened. Of what has a spread, `value` is the mean."""

    at: int
    value: float | None
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None
    most: float | None = None


@dataclass(frozen=True, slots=True)
class ChartRow:
    """One series over the hour, in the metric's own unit: seconds, bytes. Percentiles are 0 of what has no spread.

    `failures` are those of its count that failed; None where that is not known.
    """

    id: str
    count: int
    failures: int | None
    value: float
    p50: float
    p95: float
    p99: float
    most: float


@dataclass(frozen=True, slots=True)
class Chart:
    """A metric over the last hour. `unit` is that of the points, `measures` that of the rows.

    `kind` is "spread", "count" or "last"; "most" is a last value of several processes that do not add up.
    """

    name: str
    description: str
    unit: str
    measures: str
    kind: str
    has_failures: bool
    points: tuple[ChartPoint, ...]
    rows: tuple[ChartRow, ...]


@dataclass(frozen=True, slots=True)
class Charts:
    """A group of metrics in the processes that answered: all together, or `process` alone, which may be gone."""

    group: str
    process: str
    processes: tuple[str, ...]
    is_gone: bool
    charts: tuple[Chart, ...]


async def list_metric_groups(scope: Scope) -> list[str]:
    """The first words of the metrics' names, in the order of the list. Raises Forbidden, Unauthenticated."""
    policy.authorise(scope, "see_operations")
    return list(dict.fromkeys(group_of(metric) for metric in telemetry.metrics()))


async def get_charts(scope: Scope, group: str, process: str = "") -> Charts:
    """The charts of a group, of all processes together or of one of them, which are asked: half a second at most.

    Raises NotFound where there is no such group, Forbidden, Unauthenticated.
    """
    policy.authorise(scope, "see_operations")
    metrics = _metrics_of(group)
    answers = await gather(group)
    chosen = [answer for name, answer in answers.items() if process in ("", name)]
    charts: list[Chart] = []
    for metric in metrics if chosen else ():
        figures = together(metric, [answer[metric.name] for answer in chosen if metric.name in answer])
        charts.append(_chart(metric, figures, is_alone=len(chosen) == 1))
    return Charts(group, process, tuple(answers), not chosen, tuple(charts))


async def list_charts(scope: Scope, group: str) -> list[Chart]:
    """The charts of a group in this process alone. Raises NotFound, Forbidden, Unauthenticated."""
    policy.authorise(scope, "see_operations")
    figures = own_group(group)
    return [_chart(metric, figures[metric.name], is_alone=True) for metric in _metrics_of(group)]


def latest(name: str) -> float | None:
    """What a metric was last, over its series; None where that is not known, or nothing is measured here."""
    try:
        found = [series.points[-1].value for series in telemetry.history(name) if series.points]
    except (KeyError, RuntimeError):
        return None
    return sum(found) if found else None


def _metrics_of(group: str) -> list[Metric]:
    metrics = [metric for metric in telemetry.metrics() if group_of(metric) == group]
    if not metrics:
        raise NotFound
    return metrics


def _chart(metric: Metric, figures: Figures, *, is_alone: bool) -> Chart:
    unit, factor = _SHOWN_AS.get(metric.unit, (metric.unit, 1.0))
    kind = "spread" if metric.kind in SPREADS else "count" if metric.kind in COUNTS else "last"
    if kind == "count":
        unit, factor = f"{unit}/min", factor * 60 / STEP
    if kind == "last" and not (metric.adds or is_alone):
        kind = "most"
    return Chart(
        name=metric.name,
        description=metric.description,
        unit=unit,
        measures=metric.unit,
        kind=kind,
        has_failures=bool(metric.outcome),
        points=tuple(_drawn(kind, figures.moments, factor)),
        rows=tuple(_rows(metric, figures.rows)) if metric.tags else (),
    )


def _drawn(kind: str, moments: Mapping[int, Value], factor: float) -> Iterator[ChartPoint]:
    end = ceil(time.time() / STEP) * STEP
    for at in range(end - HOUR + STEP, end + 1, STEP):
        value = moments.get(at)
        if isinstance(value, Spread):
            shown = [_rounded(number * factor) for number in (value.mean, *value.percentiles(*PERCENTS), value.high)]
            yield ChartPoint(at, *shown)
        elif value is None:
            yield ChartPoint(at, 0.0 if kind == "count" else None)
        else:
            yield ChartPoint(at, _rounded(value * factor))


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")


def _rows(metric: Metric, rows: Mapping[Tags, Value]) -> Iterator[ChartRow]:
    """Those of one series but for what came of it are one; the heaviest first."""
    place = metric.tags.index(metric.outcome) if metric.outcome else None
    whole: dict[Tags, Value] = {}
    failures: dict[Tags, int] = {}
    for tags, value in rows.items():
        kept = tags if place is None else tags[:place] + tags[place + 1 :]
        if isinstance(value, Spread):
            there = whole.setdefault(kept, Spread())
            if isinstance(there, Spread):
                there.absorb_values(value)
            if place is not None and metric.is_failure(tags[place]):
                failures[kept] = failures.get(kept, 0) + value.count
        else:
            whole[kept] = value
    for tags, value in whole.items():
        yield _row(tags, value, None if place is None else failures.get(tags, 0))


def _row(tags: Tags, value: Value, failures: int | None) -> ChartRow:
    name = " ".join(each for each in tags if each) or "–"
    if isinstance(value, Spread):
        p50, p95, p99 = value.percentiles(*PERCENTS)
        return ChartRow(name, value.count, failures, value.mean, p50, p95, p99, value.high)
    return ChartRow(name, int(value), None, value, 0.0, 0.0, 0.0, value)

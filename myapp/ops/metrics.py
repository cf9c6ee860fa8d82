"""The last hour in charts: what telemetry keeps of this process, and of the others when they are asked.

A chart is a metric over all its series: how many a minute, what was last, or the percentiles of each half minute. A
tagged metric has a row for each of its series, too, with the percentiles of the hour; what came of it (a status, an
outcome) is no series of its own there, but a count of what failed, or of each class. These have a chart of their own.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import ceil

from myapp.kit import telemetry
from myapp.kit.errors import NotFound
from myapp.kit.scope import Scope
from myapp.kit.telemetry import SLOT, Metric, Spread
from myapp.ops import policy
from myapp.ops.exchange import gather
from myapp.ops.figures import COUNTS, SPREADS, Figures, Tags, Value, group_of, together

HOUR = 3600
STEP = int(SLOT)
PERCENTS = (50, 95, 99)
_SHOWN_AS = {"byte": ("MB", 1e-6), "second": ("ms", 1e3), "ratio": ("%", 100.0)}


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """A moment, in seconds since 1970; None where nothing happened. Of what has a spread, `value` is the mean.

    `classes` is, in a chart of classes, how many a minute there were of each that there was in the hour; `value` is
    their sum.
    """

    at: int
    value: float | None
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None
    most: float | None = None
    classes: Mapping[str, float] = field(default_factory=dict[str, float])


@dataclass(frozen=True, slots=True)
class ChartRow:
    """One series over the hour, in the metric's own unit: seconds, bytes. Percentiles are 0 of what has no spread.

    `failures` are those of its count that failed; None where that is not known. `classes` is how many of its count are
    of each class, without those that none is of.
    """

    id: str
    count: int
    failures: int | None
    value: float
    p50: float
    p95: float
    p99: float
    most: float
    classes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Chart:
    """A metric over the last hour. `unit` is that of the points, `measures` that of the rows.

    `kind` is "spread", "count" or "last"; "most" is a last value of several processes that do not add up; "classes" is
    how many there were of each of the `classes` of what came of it.
    """

    name: str
    description: str
    unit: str
    measures: str
    kind: str
    has_failures: bool
    classes: tuple[str, ...]
    points: tuple[ChartPoint, ...]
    rows: tuple[ChartRow, ...]


@dataclass(frozen=True, slots=True)
class Charts:
    """A group of metrics in the processes that answered: all together, or `process` alone, which may be gone.

    `silent` did not answer in time.
    """

    group: str
    process: str
    processes: tuple[str, ...]
    silent: tuple[str, ...]
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
    answers, silent = await gather(group)
    chosen = [answer for name, answer in answers.items() if process in ("", name)]
    charts: list[Chart] = []
    for metric in metrics if chosen else ():
        figures = together(metric, [answer[metric.name] for answer in chosen if metric.name in answer])
        charts += _charts(metric, figures, is_alone=len(chosen) == 1)
    return Charts(group, process, tuple(answers), silent, not chosen, tuple(charts))


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


def _charts(metric: Metric, figures: Figures, *, is_alone: bool) -> Iterator[Chart]:
    yield _chart(metric, figures, is_alone=is_alone)
    if metric.classes:
        yield _chart_of_classes(metric, figures)


def _chart_of_classes(metric: Metric, figures: Figures) -> Chart:
    return Chart(
        name=f"{metric.name} {metric.outcome}",
        description=metric.description,
        unit="/min",
        measures="",
        kind="classes",
        has_failures=False,
        classes=metric.classes,
        points=tuple(_drawn_by_class(metric, figures.classes)),
        rows=(),
    )


def _drawn_by_class(metric: Metric, classes: Mapping[str, Mapping[int, float]]) -> Iterator[ChartPoint]:
    for at in _moments():
        counts = {name: classes[name].get(at, 0.0) * 60 / STEP for name in metric.classes if classes.get(name)}
        yield ChartPoint(at, sum(counts.values()), classes=counts)


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
        classes=metric.classes,
        points=tuple(_drawn(kind, figures.moments, factor)),
        rows=tuple(_rows(metric, figures.rows)) if metric.tags else (),
    )


def _drawn(kind: str, moments: Mapping[int, Value], factor: float) -> Iterator[ChartPoint]:
    for at in _moments():
        value = moments.get(at)
        if isinstance(value, Spread):
            numbers = (value.mean, *value.percentiles(*PERCENTS), value.high)
            mean, p50, p95, p99, most = (_rounded(number * factor) for number in numbers)
            yield ChartPoint(at, mean, p50, p95, p99, most)
        elif value is None:
            yield ChartPoint(at, 0.0 if kind == "count" else None)
        else:
            yield ChartPoint(at, _rounded(value * factor))


def _moments() -> range:
    """The ends of the hour's half minutes."""
    end = ceil(time.time() / STEP) * STEP
    return range(end - HOUR + STEP, end + 1, STEP)


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")


def _rows(metric: Metric, rows: Mapping[Tags, Value]) -> Iterator[ChartRow]:
    """Those of one series but for what came of it are one; the heaviest first."""
    place = metric.tags.index(metric.outcome) if metric.outcome else None
    whole: dict[Tags, Value] = {}
    failures, classes = Counter[Tags](), dict[Tags, Counter[str]]()
    for tags, value in rows.items():
        kept = tags if place is None else tags[:place] + tags[place + 1 :]
        if isinstance(value, Spread):
            there = whole.setdefault(kept, Spread())
            if isinstance(there, Spread):
                there.absorb_values(value)
            if place is not None:
                failures[kept] += value.count * metric.is_failure(tags[place])
                classes.setdefault(kept, Counter())[metric.class_of(tags[place])] += value.count
        else:
            whole[kept] = value
    for tags, value in whole.items():
        of_each = {name: count for name, count in classes.get(tags, Counter[str]()).items() if name in metric.classes}
        yield _row(tags, value, None if place is None else failures[tags], of_each)


def _row(tags: Tags, value: Value, failures: int | None, classes: Mapping[str, int]) -> ChartRow:
    name = " ".join(each for each in tags if each) or "–"
    if isinstance(value, Spread):
        p50, p95, p99 = value.percentiles(*PERCENTS)
        return ChartRow(name, value.count, failures, value.mean, p50, p95, p99, value.high, classes)
    return ChartRow(name, int(value), None, value, 0.0, 0.0, 0.0, value, {})

"""The last hour of a metric in figures: what this process has measured, and what several have come to together.

They add up, and travel, as what has percentiles keeps its counts by size: percentiles do not add up.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from myapp.kit import telemetry
from myapp.kit.telemetry import SLOT, Kind, Metric, Spread
from myapp.ops import travelling

SERIES = 100  # of a metric

SPREADS = {Kind.SUMMARY, Kind.DISTRIBUTION}
COUNTS = {Kind.COUNTER, Kind.SUM}

type Value = float | Spread
type Tags = tuple[str, ...]


@dataclass(slots=True)
class Figures:
    """A metric's last hour, in one process or in several together.

    `moments` are half minutes by their ends, over all series; `rows` the hour as a whole by the values of the tags;
    `classes` how many there were of each class of outcome, by half minutes.
    """

    moments: dict[int, Value] = field(default_factory=dict[int, Value])
    rows: dict[Tags, Value] = field(default_factory=dict[Tags, Value])
    classes: dict[str, dict[int, float]] = field(default_factory=dict[str, dict[int, float]])


type Group = Mapping[str, Figures]
"""By the names of the metrics."""


def group_of(metric: Metric) -> str:
    """The first word of its name."""
    return metric.name.partition(".")[0]


def own(metric: Metric) -> Figures:
    """What this process has measured."""
    if metric.kind in SPREADS:
        rows = {tuple(tags.values()): spread for tags, spread in telemetry.spreads(metric.name)}
        moments: dict[int, Value] = {int(at): spread for at, spread in telemetry.moments(metric.name)}
        return Figures(moments, _largest(rows), _classes(metric) if metric.classes else {})
    slots: dict[int, dict[float, float]] = {}
    for series in telemetry.history(metric.name):
        for point in series.points:
            slot = slots.setdefault(int(math.ceil(point.at / SLOT) * SLOT), {})
            slot[point.at] = slot.get(point.at, 0.0) + point.value
    come_to = sum if metric.kind in COUNTS else _newest
    rows = {tuple(row.tags.values()): row.value for row in telemetry.table(metric.name)}
    return Figures({at: come_to(slot.values()) for at, slot in slots.items()}, _largest(rows))


def _classes(metric: Metric) -> dict[str, dict[int, float]]:
    counts = telemetry.counts(metric.name)
    return {name: {int(at): float(each[name]) for at, each in counts if name in each} for name in metric.classes}


def own_group(group: str) -> dict[str, Figures]:
    """What this process has measured of a group; nothing where there is no such."""
    return {metric.name: own(metric) for metric in telemetry.metrics() if group_of(metric) == group}


def together(metric: Metric, several: Iterable[Figures]) -> Figures:
    """Those of several processes as one: added up, or where they do not add up the most."""
    whole = Figures()
    for each in several:
        _add(metric, whole.moments, each.moments)
        _add(metric, whole.rows, each.rows)
        for name, counts in each.classes.items():
            mine = whole.classes.setdefault(name, {})
            for at, count in counts.items():
                mine[at] = mine.get(at, 0.0) + count
    return whole


def _add[K](metric: Metric, mine: dict[K, Value], its: Mapping[K, Value]) -> None:
    for key, value in its.items():
        there = mine.get(key)
        if isinstance(value, Spread):
            there = mine.setdefault(key, Spread())
            if isinstance(there, Spread):
                there.absorb_values(value)
        elif isinstance(there, float):
            mine[key] = there + value if metric.kind in COUNTS or metric.adds else max(there, value)
        else:
            mine[key] = value


def _newest(values: Iterable[float]) -> float:
    return list(values)[-1]


def _largest(rows: Mapping[Tags, Value]) -> dict[Tags, Value]:
    def weight(row: tuple[Tags, Value]) -> float:
        return row[1].total if isinstance(row[1], Spread) else row[1]

    return dict(sorted(rows.items(), key=weight, reverse=True)[:SERIES])


def pack(group: Group) -> str:
    """As it travels."""
    return travelling.pack({name: list(_parts(each)) for name, each in group.items()})


def unpack(packed: str) -> Group:
    """What travelled. Raises ValueError for what is none."""
    try:
        plain: dict[str, Any] = travelling.unpack(packed)
        return {
            name: Figures(
                {int(at): _value(value) for at, value in moments},
                {tuple(tags): _value(value) for tags, value in rows},
                {each: {int(at): float(count) for at, count in counts} for each, counts in more},
            )
            for name, (moments, rows, *more) in plain.items()
        }
    except TypeError as error:
        raise ValueError("these are no figures") from error


def _parts(figures: Figures) -> Iterator[list[object]]:
    for part in (figures.moments, figures.rows):
        yield [[key, _plain(value)] for key, value in part.items()]
    for name, counts in figures.classes.items():
        yield [name, list(counts.items())]


def _plain(value: Value) -> object:
    if isinstance(value, Spread):
        return [value.count, value.total, value.low, value.high, list(value.sketch.items())]
    return value


def _value(plain: Any) -> Value:
    if isinstance(plain, list):
        count, total, low, high, sketch = cast("list[Any]", plain)
        return Spread.of(count, total, low, high, dict(sketch))
    return float(plain)

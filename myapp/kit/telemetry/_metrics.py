"""What is to be known about events: `Telemetry.Metrics`. A definition alone does nothing; reporters read it.

    counter("blog.post.created.count")                                   how often
    sum_("channels.broadcast.recipients")                                all of a measurement
    last_value("process.memory.resident", unit="byte")                   what it was last
    summary("repo.query.duration", unit="second", tags=("table",))       count, total, least, most, percentiles
    distribution("checkout.stop.duration", unit="second", buckets=(0.1, 0.5, 1, 5))        and how many up to each

A name is the event's and the measurement's, as in Elixir.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypedDict, Unpack

from myapp.kit.telemetry._core import Measurements, Metadata

type TagValues = Callable[[Metadata], Metadata]
type Predicate = Callable[[Metadata], bool]
type Value = Callable[[Measurements, Metadata], float | None]

SERIES = 100
_FACTORS = {
    ("second", "millisecond"): 1e3,
    ("millisecond", "second"): 1e-3,
    ("second", "microsecond"): 1e6,
    ("byte", "kilobyte"): 1e-3,
    ("byte", "megabyte"): 1e-6,
}


class Kind(StrEnum):
    """How a metric makes one figure of many."""

    COUNTER = "counter"
    SUM = "sum"
    LAST_VALUE = "last_value"
    SUMMARY = "summary"
    DISTRIBUTION = "distribution"


@dataclass(frozen=True, slots=True)
class Metric:
    """A definition; made by the functions below, which say what may stand where."""

    kind: Kind
    name: str
    event: str
    measurement: str | Value
    tags: tuple[str, ...]
    unit: str
    factor: float
    description: str
    tag_values: TagValues | None
    keep: Predicate | None
    buckets: tuple[float, ...]
    limit: int
    adds: bool
    outcome: str
    is_failure: Callable[[str], bool]
    classes: tuple[str, ...]
    class_of: Callable[[str], str]

    def value_of(self, measurements: Measurements, metadata: Metadata) -> float | None:
        """The figure an event brings, in the metric's unit; None when it brings none."""
        if self.kind is Kind.COUNTER:
            return 1.0
        if isinstance(self.measurement, str):
            value = measurements.get(self.measurement)
        else:
            value = self.measurement(measurements, metadata)
        return None if value is None else value * self.factor


class Options(TypedDict, total=False):
    """What a definition may say beside its name."""

    event: str
    measurement: str | Value
    """Where the metric's name does not say it; or a function of measurements and metadata, which may give None."""
    tags: tuple[str, ...]
    """The names of the metadata that tell its series apart; what an event lacks is the empty text."""
    tag_values: TagValues
    """A function from the event's metadata to that with the tags."""
    unit: str | tuple[str, str]
    """The unit, or the measurement's and the metric's where it is to be converted."""
    description: str
    keep: Predicate
    drop: Predicate
    """Functions of the metadata: which events count, or which do not."""
    limit: int
    """How many series there may be; what comes beyond counts under `other`."""
    adds: bool
    """Of a last value: whether those of several processes add up, which they do unless it is said."""
    outcome: str
    """The tag that says what came of it: who reads a table wants a row for all outcomes, and how many failed."""
    is_failure: Callable[[str], bool]
    """Which values of that tag are failures."""
    classes: tuple[str, ...]
    """Of a summary or distribution: few classes of that tag's values; how many there are of each is kept."""
    class_of: Callable[[str], str]
    """The class of such a value, which is its own where nothing else is said."""


def counter(name: str, **options: Unpack[Options]) -> Metric:
    """How often the event was executed."""
    return _metric(Kind.COUNTER, name, **options)


def sum_(name: str, **options: Unpack[Options]) -> Metric:
    """What the measurements come to, one on top of the other."""
    return _metric(Kind.SUM, name, **options)


def last_value(name: str, **options: Unpack[Options]) -> Metric:
    """What was measured last."""
    return _metric(Kind.LAST_VALUE, name, **options)


def summary(name: str, **options: Unpack[Options]) -> Metric:
    """Count, total, least, most and percentiles."""
    return _metric(Kind.SUMMARY, name, **options)


def distribution(name: str, *, buckets: tuple[float, ...], **options: Unpack[Options]) -> Metric:
    """A summary that also counts what is up to each of `buckets`, which are bounds in the metric's unit."""
    if not buckets or list(buckets) != sorted(set(buckets)):
        raise ValueError(f"{name}: buckets are bounds, each above the one before")
    return _metric(Kind.DISTRIBUTION, name, buckets=buckets, **options)


def _metric(kind: Kind, name: str, buckets: tuple[float, ...] = (), **options: Unpack[Options]) -> Metric:
    beginning, dot, end = name.rpartition(".")
    if not (beginning and dot and end):
        raise ValueError(f"{name!r} names no event and measurement")
    keep, drop, unit = options.get("keep"), options.get("drop"), options.get("unit", "")
    if options.get("outcome", "") not in ("", *options.get("tags", ())):
        raise ValueError(f"{name}: the outcome is one of the tags")
    if options.get("classes") and not (options.get("outcome") and kind in {Kind.SUMMARY, Kind.DISTRIBUTION}):
        raise ValueError(f"{name}: classes are those of the outcome of what has a spread")
    if keep is not None and drop is not None:
        raise ValueError(f"{name}: either keep or drop")
    return Metric(
        kind=kind,
        name=name,
        event=options.get("event", beginning),
        measurement=options.get("measurement", end),
        tags=options.get("tags", ()),
        unit=unit if isinstance(unit, str) else unit[1],
        factor=_factor(name, unit),
        description=options.get("description", ""),
        tag_values=options.get("tag_values"),
        keep=keep if drop is None else _not(drop),
        buckets=buckets,
        limit=options.get("limit", SERIES),
        adds=options.get("adds", True),
        outcome=options.get("outcome", ""),
        is_failure=options.get("is_failure", _is_failed),
        classes=options.get("classes", ()),
        class_of=options.get("class_of", str),
    )


def _factor(name: str, unit: str | tuple[str, str]) -> float:
    if isinstance(unit, str) or unit[0] == unit[1]:
        return 1.0
    if unit not in _FACTORS:
        raise ValueError(f"{name}: nothing is known of how to make {unit[1]} of {unit[0]}")
    return _FACTORS[unit]


def _is_failed(outcome: str) -> bool:
    return outcome == "failed"


def _not(predicate: Predicate) -> Predicate:
    return lambda metadata: not predicate(metadata)

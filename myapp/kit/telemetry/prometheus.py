"""What Prometheus reads: all figures since the start, in its text format. `Telemetry.Metrics.Prometheus`.

    text, content_type = exposition(telemetry.store(), request.headers.get("accept", ""))

A counter or a sum is a counter, a last value a gauge, a summary a summary without quantiles (a server cannot put those
of several processes together), a distribution a histogram. Names follow
https://prometheus.io/docs/practices/naming/: `http.request.stop.duration` in seconds is
`myapp_http_request_duration_seconds`. Beside them stand `process_…` and `python_…` as every Python program has them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import override

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    SummaryMetricFamily,
)
from prometheus_client.core import (
    Metric as Family,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from myapp.kit.telemetry._cells import Cell, Last, Spread, Total
from myapp.kit.telemetry._metrics import Kind, Metric
from myapp.kit.telemetry._store import Key, Store

_UNITS = {"second": "seconds", "millisecond": "milliseconds", "byte": "bytes"}
_SAID_BY_THE_KIND = {"stop", "count"}


def exposition(store: Store, accept: str = "") -> tuple[bytes, str]:
    """The text, and its content type: Prometheus's own, or OpenMetrics for who accepts that."""
    registry = CollectorRegistry()
    registry.register(_Figures(store))
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    encode, content_type = choose_encoder(accept)
    return encode(registry), content_type


def name_of(metric: Metric) -> str:
    """What a metric is called there, without the endings that its kind gives it.

    >>> from myapp.kit.telemetry import counter, summary
    >>> name_of(summary("http.request.stop.duration", unit="second")), name_of(counter("blog.post.created.count"))
    ('myapp_http_request_duration_seconds', 'myapp_blog_post_created')
    """
    parts = [part for part in metric.name.split(".") if part not in _SAID_BY_THE_KIND]
    unit = _UNITS.get(metric.unit, metric.unit)
    if unit and parts[-1] != unit:
        parts.append(unit)
    return "_".join(["myapp", *parts])


class _Figures(Collector):
    """Our metrics, as they are when they are asked for."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @override
    def collect(self) -> Iterator[Family]:
        for track, series in self._store.wholes():
            if series:
                family = _family(track.metric)
                for key, cell in series.items():
                    _add(family, key, cell)
                yield family


def _family(metric: Metric) -> Family:
    name, help_, labels = name_of(metric), metric.description or metric.name, metric.tags
    match metric.kind:
        case Kind.COUNTER | Kind.SUM:
            return CounterMetricFamily(name, help_, labels=labels)
        case Kind.LAST_VALUE:
            return GaugeMetricFamily(name, help_, labels=labels)
        case Kind.SUMMARY:
            return SummaryMetricFamily(name, help_, labels=labels)
        case Kind.DISTRIBUTION:
            return HistogramMetricFamily(name, help_, labels=labels)


def _add(family: Family, key: Key, cell: Cell) -> None:
    labels = [str(value) for value in key]
    match family, cell:
        case CounterMetricFamily(), Total(total=total):
            family.add_metric(labels, total)
        case GaugeMetricFamily(), Last(value=value):
            family.add_metric(labels, value)
        case SummaryMetricFamily(), Spread():
            family.add_metric(labels, cell.count, cell.total)
        case HistogramMetricFamily(), Spread():
            family.add_metric(labels, _buckets(cell), cell.total)
        case _:
            raise TypeError(f"{family} takes no {cell}")


def _buckets(cell: Spread) -> list[tuple[str, float]]:
    """How many were up to each bound, all of those below it included."""
    counts: list[tuple[str, float]] = []
    so_far = 0
    for bound, here in zip((*map(str, cell.bounds), "+Inf"), cell.up_to, strict=True):
        so_far += here
        counts.append((bound, so_far))
    return counts

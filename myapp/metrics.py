"""Everything that is measured: one list for Prometheus, StatsD, the console and the operators' charts.

What always holds: a tag's values come from a set that the code spells out (routes, handlers, tables, kinds), never from
what people send; a duration is in seconds and a size in bytes. An event that no metric names costs next to nothing, so
what may be wanted is executed, and what is wanted stands here. `MyAppWeb.Telemetry.metrics/0` of a Phoenix application.
"""

from __future__ import annotations

from itertools import chain

from myapp.kit.telemetry import Metadata, Metric, counter, distribution, last_value, summary

QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
"""Bounds in seconds of what somebody waits for."""


def metrics() -> list[Metric]:
    """All of them, in the order in which operators read them."""
    return list(chain(_process(), _database()))


def _process() -> list[Metric]:
    """What the process holds and how it keeps up."""
    return [
        last_value("process.memory.resident", unit="byte", description="Memory that the process holds"),
        last_value("process.cpu.share", unit="ratio", description="Share of one core since it was asked last"),
        summary("process.loop.lag", unit="second", description="How late the event loop does what is due"),
        last_value("process.work.tasks", description="Tasks of the event loop"),
        last_value("process.work.threads", description="Threads"),
        last_value("process.work.files", description="Open files and sockets"),
    ]


def _database() -> list[Metric]:
    """What is asked of PostgreSQL."""
    return [
        distribution(
            "repo.query.duration",
            unit="second",
            tags=("table", "command"),
            buckets=QUICK,
            description="Queries, as long as the caller waited",
        ),
        counter("repo.query.failures", tags=("table", "command"), keep=_failed, description="Queries that failed"),
        summary("repo.pool.wait", unit="second", description="Waiting for a connection of the pool"),
        last_value("repo.pool.size", description="Connections that the pool may have"),
        last_value("repo.pool.open", description="Connections that are open"),
        last_value("repo.pool.in_use", description="Connections that are taken"),
    ]


def _failed(metadata: Metadata) -> bool:
    return metadata["outcome"] == "failed"

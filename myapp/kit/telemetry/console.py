"""Writes what is measured to the log, for a developer who wants to see it: `Telemetry.Metrics.ConsoleReporter`.

async with console.running(metrics()): ...      # DEBUG … http.request.stop duration=0.0123 route=/posts status=200
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager

from myapp.kit.telemetry._core import Measurements, Metadata, attached
from myapp.kit.telemetry._metrics import Metric

log = logging.getLogger(__name__)

_QUIET = {"process", "repo.pool"}
"""What is asked every few seconds would hide what happens."""


@asynccontextmanager
async def running(metrics: Collection[Metric]) -> AsyncGenerator[None]:
    """Log, at `debug`, until the end of the block."""
    tags: dict[str, dict[str, None]] = {}
    for metric in metrics:
        if metric.event not in _QUIET and metric.event.partition(".")[0] not in _QUIET:
            tags.setdefault(metric.event, {}).update(dict.fromkeys(metric.tags))

    def write(event: str, measurements: Measurements, metadata: Metadata) -> None:
        figures = [f"{name}={value:.6g}" for name, value in measurements.items()]
        kinds = [f"{tag}={metadata[tag]}" for tag in tags[event] if tag in metadata]
        log.debug("%s", " ".join([event, *figures, *kinds]))

    with attached("console", tags, write):
        yield

"""How the periodic jobs of this process have run lately, for operators: heard from telemetry, kept in bounded space.

    for job, runs in run_log.runs().items():
        print(job, runs[0].began_at, runs[0].seconds, runs[0].error or "ok")

A job that another process leads has no runs here; `ops.list_periodic_runs` asks them all.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from myapp.kit import telemetry
from myapp.kit.clock import now
from myapp.kit.telemetry import Measurements, Metadata

KEPT = 20
"""Runs of each job."""


@dataclass(frozen=True, slots=True)
class Run:
    """One that has ended. `error` is the kind of what it failed with, or nothing; the log has the rest."""

    began_at: datetime
    seconds: float
    error: str


_runs: dict[str, deque[Run]] = {}


@asynccontextmanager
async def running() -> AsyncGenerator[None]:
    """Keep what is heard until the end of the block."""
    with telemetry.attached("run log", ["scheduler.run.stop", "scheduler.run.exception"], _hear):
        try:
            yield
        finally:
            _runs.clear()


def runs() -> dict[str, list[Run]]:
    """By the jobs' names, the last run first."""
    return {name: list(reversed(kept)) for name, kept in sorted(_runs.items())}


def _hear(_event: str, measurements: Measurements, metadata: Metadata) -> None:
    seconds = measurements["duration"]
    run = Run(now() - timedelta(seconds=seconds), seconds, metadata.get("error", ""))
    _runs.setdefault(metadata["job"], deque(maxlen=KEPT)).append(run)

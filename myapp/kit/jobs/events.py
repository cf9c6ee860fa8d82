"""What is told about jobs."""

from __future__ import annotations

from dataclasses import dataclass

from myapp.kit.pubsub import event

TOPIC = "jobs"
"""Something happened to some jobs, at most once a second from each process."""
CONTROLS = "jobs:controls"
"""A worker was switched on or off, or a queue's rate was changed."""


def topic_job(job_id: int) -> str:
    """How far one job is."""
    return f"job:{job_id}"


@event("jobs.changed")
@dataclass(frozen=True, slots=True)
class JobsChanged:
    """Jobs began or ended: who shows them reads again."""


@event("jobs.controls_changed")
@dataclass(frozen=True, slots=True)
class ControlsChanged:
    """Read switches and rates again."""


@event("jobs.progressed")
@dataclass(frozen=True, slots=True)
class JobProgressed:
    """A job is so far."""

    job_id: int
    worker: str
    done: int
    total: int

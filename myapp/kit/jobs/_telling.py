"""What happens to jobs, for the log and for who looks at them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Generator
from contextlib import contextmanager
from time import monotonic
from typing import Any
from uuid import uuid4

from myapp.kit import telemetry
from myapp.kit.alerts import raise_alert
from myapp.kit.jobs import _library
from myapp.kit.jobs.events import TOPIC, JobsChanged
from myapp.kit.pubsub import broadcast

TELL_EVERY = 1.0

log = logging.getLogger(__name__)


@contextmanager
def telling() -> Generator[None]:
    """Until the end of the block, failures are logged, and changes told at most once a second."""
    name, teller = f"myapp-{uuid4().hex}", _Teller()
    _library.telemetry.attach(name, ["oban.job.start", "oban.job.stop", "oban.job.exception"], teller.hear)
    try:
        yield
    finally:
        _library.telemetry.detach(name)
        teller.stop()


class _Teller:
    def __init__(self) -> None:
        self._told = -TELL_EVERY
        self._later: asyncio.TimerHandle | None = None

    def hear(self, name: str, meta: dict[str, Any]) -> None:
        if name == "oban.job.exception":
            self._log(meta)
        if name != "oban.job.start":
            self._measure(meta)
        if self._later is None:
            wait = max(0.0, self._told + TELL_EVERY - monotonic())
            self._later = asyncio.get_running_loop().call_later(wait, self._tell)

    def stop(self) -> None:
        if self._later is not None:
            self._later.cancel()

    def _tell(self) -> None:
        self._later, self._told = None, monotonic()
        broadcast(TOPIC, JobsChanged())

    @staticmethod
    def _measure(meta: dict[str, Any]) -> None:
        job, took = meta["job"], {"duration": meta["duration"] / 1e9, "wait": max(0.0, meta["queue_time"] / 1e9)}
        worker = job.worker.rpartition(".")[2]
        telemetry.execute("jobs.run", took, {"queue": job.queue, "worker": worker, "outcome": meta["state"]})

    @staticmethod
    def _log(meta: dict[str, Any]) -> None:
        job, is_over = meta["job"], meta["state"] == "discarded"
        log.log(
            logging.ERROR if is_over else logging.WARNING,
            "job %s (%s) %s, attempt %s of %s: %s: %s",
            job.id,
            job.worker,
            "is given up" if is_over else "failed and is tried again",
            job.attempt,
            job.max_attempts,
            meta["error_type"],
            meta["error_message"],
        )
        if is_over:
            what = f"A job of {job.worker} is given up after {job.attempt} attempts."
            raise_alert("failed_job", what, job=job.id, error=meta["error_type"])

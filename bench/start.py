"""How long a person waits for a start that has nothing new to do, and for the stop."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.report import Report
from myapp.config import ROOT
from tests.serving import Served, clear_away

ROUNDS = 5


def run(report: Report) -> None:
    """Report `start.warm`, from the command to the first page, and `stop`, from SIGTERM to the end of PostgreSQL."""
    subprocess.run([sys.executable, "-m", "myapp", "build"], cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
    folder = Path(tempfile.mkdtemp())
    try:
        _round(folder)  # the first start makes the database and loads the demonstration
        rounds = [_round(folder) for _ in range(ROUNDS)]
    finally:
        clear_away(folder)
    up, down = (statistics.median(times) for times in zip(*rounds, strict=True))
    report.bounded("start.warm", up, "s", bound=15)
    report.figure("stop", down, "s")


def _round(folder: Path) -> tuple[float, float]:
    began = time.perf_counter()
    server = Served(folder)
    try:
        server.answers().get("/").raise_for_status()
        up = time.perf_counter()
        server.stop()
        return up - began, time.perf_counter() - up
    finally:
        server.close()

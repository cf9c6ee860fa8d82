"""How long the tests take that need no browser: seconds for a hundred of them."""

from __future__ import annotations

import re
import subprocess
import sys

from bench.report import Report
from myapp.config import ROOT

COMMAND = ("make", "test", "ARGS=--quiet --ignore tests/browser")


def run(report: Report) -> None:
    """Report `tests.per_100`. Ends where a test fails: what it took says nothing then."""
    ran = subprocess.run(COMMAND, cwd=ROOT, capture_output=True, text=True, check=False)
    found = re.search(r"(\d+) passed.* in ([\d.]+)s", ran.stdout)
    if ran.returncode or not found:
        sys.exit(ran.stdout[-2000:] + ran.stderr[-2000:])
    report.bounded("tests.per_100", float(found[2]) / int(found[1]) * 100, "s", bound=5)

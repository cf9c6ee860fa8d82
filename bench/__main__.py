"""Run every family, or those that are named: `python -m bench search import`."""

from __future__ import annotations

import sys
from importlib import import_module
from pkgutil import iter_modules

import bench
from bench.report import Report

PLUMBING = {"__main__", "reader", "report"}


def families() -> list[str]:
    """The names of the modules that measure something."""
    return sorted(m.name for m in iter_modules(bench.__path__) if m.name not in PLUMBING and not m.ispkg)


def main(wanted: list[str]) -> None:
    """Measure the wanted families, all without any. Ends with 1 where a promise was not kept."""
    known = families()
    if unknown := set(wanted) - set(known):
        sys.exit(f"There is no family {', '.join(sorted(unknown))}. There are: {', '.join(known)}.")
    report = Report()
    for name in wanted or known:
        module = import_module(f"bench.{name}")
        if run := getattr(module, "run", None):
            run(report)
    if report.broken:
        sys.exit("\n".join(report.broken))


if __name__ == "__main__":
    main(sys.argv[1:])

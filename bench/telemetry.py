"""What measuring costs: an event by itself, and live events a second with it and without.

Two servers that differ in that alone are asked in turns, on the same core, as cores change their speed by themselves. A
second is one of the server's own processor time, so that what else the machine does counts little; the figure is the
median of what the pairs of turns show.
"""

from __future__ import annotations

import os
import statistics
import timeit

import psutil
import uvloop

from bench.event import ROOT, SECONDS, frame, rate, server
from bench.report import Report
from myapp.kit import telemetry
from myapp.kit.telemetry import Store, distribution

ROUNDS = 12
CALLS = 100_000


def run(report: Report) -> None:
    """Report nanoseconds of an event and a span, heard and unheard, and `telemetry.events_per_second`."""
    _calls(report)
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with server("product") as measured, server("unmeasured") as plain:
        uvloop.run(_rates(report, measured, plain))


def _calls(report: Report) -> None:
    given = {"route": "/o/[org_slug]/posts", "method": "GET", "status": 200}
    metric = distribution("bench.stop.duration", unit="second", tags=tuple(given), buckets=(0.01, 0.1, 1.0))
    store = Store([metric])

    def execute() -> None:
        telemetry.execute("bench.stop", {"duration": 0.0123}, given)

    def span() -> None:
        with telemetry.span("bench", given):
            pass

    calls = {"asked": lambda: telemetry.is_attached("bench.stop"), "event": execute, "span": span}
    for name, call in calls.items():
        report.figure(f"telemetry.{name}.unheard", _nanoseconds(call), "ns")
    with telemetry.attached("bench", store.events, store.handle):
        for name in ("event", "span"):
            report.figure(f"telemetry.{name}.measured", _nanoseconds(calls[name]), "ns")


def _nanoseconds(call: object) -> float:
    """Of one call, without what the loop around it costs: the best of several tries."""

    def best(of: object) -> float:
        return min(timeit.repeat(of, number=CALLS, repeat=5)) / CALLS * 1e9  # type: ignore[arg-type]

    return best(call) - best(lambda: None)


async def _rates(report: Report, measured: int, plain: int) -> None:
    sent = frame(f"{ROOT}.myapp___web___shell____shell_state.dismiss_flash", {"flash_id": 0})
    rates: dict[int, list[float]] = {measured: [], plain: []}
    servers = {port: _server_at(port) for port in rates}
    for turn in range(ROUNDS):
        for port in (measured, plain) if turn % 2 else (plain, measured):
            before = sum(servers[port].cpu_times()[:2])
            done = await rate(port, sent) * SECONDS
            rates[port].append(done / (sum(servers[port].cpu_times()[:2]) - before))
    ratios = [mine / other for mine, other in zip(rates[measured], rates[plain], strict=True)]
    other = statistics.median(rates[plain])
    value = statistics.median(ratios) * other
    report.figure("telemetry.events_per_second", value, "1/s of a core", against="nothing measured", peer=other)


def _server_at(port: int) -> psutil.Process:
    [found] = [each for each in psutil.Process().children() if each.cmdline()[-1] == str(port)]
    return found

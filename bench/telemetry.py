"""What measuring costs: an event by itself, and live events a second with it and without.

One server is asked in turns, with what measures switched on and off, as cores change their speed by themselves. A
second is one of its own processor time, so that what else the machine does counts little; the figure is the median of
what the pairs of turns show.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import time
import timeit
from contextlib import AsyncExitStack

import httpx
import psutil
import uvloop
from websockets.asyncio.client import ClientConnection

from bench.event import ROOT, frame, server, tab, trip
from bench.report import Report
from myapp.kit import telemetry
from myapp.kit.telemetry import Store, distribution

ROUNDS = 20
TABS, SECONDS = 20, 1.0  # at once, a turn
CALLS = 100_000


def run(report: Report) -> None:
    """Report nanoseconds of an event and a span, heard and unheard, and `telemetry.events_per_second`."""
    _calls(report)
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with server("switched") as port:
        uvloop.run(_rates(report, port))


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


async def _rates(report: Report, port: int) -> None:
    sent = frame(f"{ROOT}.myapp___web___shell____shell_state.dismiss_flash", {"flash_id": 0})
    process, rates = _server_at(port), {"off": list[float](), "on": list[float]()}
    async with httpx.AsyncClient() as switch, AsyncExitStack() as stack:
        tabs = [await stack.enter_async_context(tab(port)) for _ in range(TABS)]
        for turn in range(ROUNDS):
            for position in ("off", "on") if turn % 2 else ("on", "off"):  # each comes first as often as the other
                await switch.get(f"http://127.0.0.1:{port}/measuring/{position}")
                before = sum(process.cpu_times()[:2])
                done = await _events(tabs, sent)
                if turn:  # the first warms up
                    rates[position].append(done / (sum(process.cpu_times()[:2]) - before))
    ratios = [mine / other for mine, other in zip(rates["on"], rates["off"], strict=True)]
    other = statistics.median(rates["off"])
    value = statistics.median(ratios) * other
    report.figure("telemetry.events_per_second", value, "1/s of a core", against="nothing measured", peer=other)


async def _events(tabs: list[ClientConnection], sent: str) -> int:
    """How many there were in a turn, each tab sending as soon as it is answered."""
    done, until = 0, time.perf_counter() + SECONDS

    async def keep_sending(wire: ClientConnection) -> None:
        nonlocal done
        while time.perf_counter() < until:
            await trip(wire, sent)
            done += 1

    await asyncio.gather(*map(keep_sending, tabs))
    return done


def _server_at(port: int) -> psutil.Process:
    [found] = [each for each in psutil.Process().children() if each.cmdline()[-1] == str(port)]
    return found

"""What a live event costs: from a frame on the socket to the changed state on the way back.

The server has one core and the client another. The peer is Reflex alone (`servers/bare.py`) with a handler that does
the same; the two are measured in turns, as cores change their speed by themselves.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from uuid import uuid4

import uvloop
import websockets
from websockets.asyncio.client import ClientConnection

from bench.report import Report, percentile

ROUNDS = 5
TRIPS = 1000  # one after the other, a round
TABS, SECONDS = 40, 2.0  # at once, a round
ROOT = "reflex___state____state"
ROUTE = {"pathname": "/", "asPath": "/", "query": {}}


def run(report: Report) -> None:
    """Report `event.rtt_p50`, `event.rtt_p99` and `event.per_second`, each against Reflex alone."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with server("product") as ours, server("bare") as theirs:
        uvloop.run(_measure(report, ours, theirs))


async def _measure(report: Report, ours: int, theirs: int) -> None:
    event = (f"{ROOT}.myapp___web___shell____shell_state.dismiss_flash", {"flash_id": 0})
    bare = (f"{ROOT}.__main______bare_state.drop", {"row": 0})
    trips: dict[int, list[float]] = {ours: [], theirs: []}
    rates: dict[int, list[float]] = {ours: [], theirs: []}
    for _ in range(ROUNDS):
        for port, (name, payload) in ((ours, event), (theirs, bare)):
            sent = frame(name, payload)
            trips[port] += await _trips(port, sent)
            rates[port].append(await _rate(port, sent))
    for percent in (50, 99):
        mine, other = (percentile(trips[port], percent) * 1000 for port in (ours, theirs))
        report.figure(f"event.rtt_p{percent}", mine, "ms", against="bare Reflex", peer=other)
    mine, other = (statistics.median(rates[port]) for port in (ours, theirs))
    report.figure("event.per_second", mine, "1/s", against="bare Reflex", peer=other)


async def _trips(port: int, sent: str) -> list[float]:
    async with tab(port) as wire:
        return [await trip(wire, sent) for _ in range(TRIPS)]


async def trip(wire: ClientConnection, sent: str) -> float:
    """Seconds from an event to its answer."""
    started = time.perf_counter()
    await wire.send(sent)
    while not str(await wire.recv()).startswith("42"):
        await wire.send("3")
    return time.perf_counter() - started


async def _rate(port: int, sent: str) -> float:
    """Events a second of many tabs, each sending as soon as it is answered."""
    done = 0
    async with AsyncExitStack() as stack:
        opening = [stack.enter_async_context(tab(port)) for _ in range(TABS)]
        tabs = await asyncio.gather(*opening)
        until = time.perf_counter() + SECONDS

        async def keep_sending(wire: ClientConnection) -> None:
            nonlocal done
            while time.perf_counter() < until:
                await trip(wire, sent)
                done += 1

        await asyncio.gather(*map(keep_sending, tabs))
    return done / SECONDS


def frame(name: str, payload: dict[str, int]) -> str:
    """An event as a browser sends it."""
    return "42/_event," + json.dumps(["event", {"name": name, "payload": payload, "router_data": ROUTE}])


@asynccontextmanager
async def tab(port: int) -> AsyncGenerator[ClientConnection]:
    """A tab that has loaded its page."""
    address = f"127.0.0.1:{port}"
    url = f"ws://{address}/_event/?EIO=4&transport=websocket&token={uuid4()}"
    async with websockets.connect(url, origin=websockets.Origin(f"http://{address}"), compression=None) as tab:
        await tab.recv()
        hello = {"event": {"name": f"{ROOT}.hydrate_and_load", "payload": {}, "router_data": ROUTE}}
        await tab.send("40/_event," + json.dumps(hello))
        try:
            while True:  # until it has been quiet for a moment
                await asyncio.wait_for(tab.recv(), 0.5)
        except TimeoutError:
            yield tab


@contextmanager
def server(name: str, *, cores: str = "", **variables: str) -> Generator[int]:
    """The port of a server on the first core, or on these, with data of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as data:
        settings = {
            "MYAPP_DATA_DIR": data,
            "MYAPP_ENV": "test",
            "__REFLEX_SKIP_COMPILE": "1",
            "REFLEX_ENV_MODE": "prod",
            "REFLEX_STATE_MANAGER_MODE": "memory",
        }
        core = cores or str(min(os.sched_getaffinity(os.getppid())))
        server = subprocess.Popen(
            ["taskset", "-c", core, sys.executable, "-m", f"bench.servers.{name}", str(port)],
            env=os.environ | settings | variables,
        )
        try:
            _await_port(server, port)
            yield port
        finally:
            server.terminate()
            server.wait(30)


def _await_port(server: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(600):
        if server.poll() is not None:
            raise RuntimeError("a server of the measurement did not start")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("a server of the measurement did not answer within a minute")

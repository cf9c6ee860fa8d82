"""What 200 people who log in at once cost those who are there: how long until all are in, and live events meanwhile.

Server and client share two cores, as on a small machine. Each log-in is a form post with an address and a password of
its own, from a network of its own (as a proxy says it), and is checked and begun as any other. Meanwhile 20 tabs send
an event ten times a second each; the peer is the same before anybody logs in.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Generator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

import httpx
import uvloop
from websockets.asyncio.client import ClientConnection

from bench.event import ROOT, frame, server, tab, trip
from bench.reader import reading
from bench.report import Report, percentile
from myapp.accounts import User
from myapp.accounts.passwords import hash_password
from myapp.kit import databases, embedded_postgres, migrations
from myapp.kit.bulk import insert_all
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope

PEOPLE = 200
TABS, PACE = 20, 0.1
IDLE = 3.0  # seconds that are measured before
PASSWORD = "Correct horse 1"
EVENT = (f"{ROOT}.myapp___web___shell____shell_state.dismiss_flash", {"flash_id": 0})


def run(report: Report) -> None:
    """Report `log_in.seconds` for all of them, and `log_in.event_p95` and `log_in.event_p99` meanwhile."""
    cores = ",".join(map(str, sorted(os.sched_getaffinity(0))[:2]))
    with _site() as url, server("product", cores=cores, DATABASE_URL=url) as port:
        os.sched_setaffinity(0, [int(core) for core in cores.split(",")])
        uvloop.run(_measure(report, port))


@contextmanager
def _site() -> Generator[str]:
    with tempfile.TemporaryDirectory() as folder:
        url = embedded_postgres.ensure(Path(folder), database="log_in")
        try:
            databases.create(url)
            migrations.upgrade(url)
            asyncio.run(_people(url))
            yield url
        finally:
            embedded_postgres.release(Path(folder))


async def _people(url: str) -> None:
    hashed = await hash_password(PASSWORD)
    rows = [
        {
            "email": f"person{each}@example.com",
            "username": f"person{each}",
            "name": f"Person {each}",
            "hashed_password": hashed,
        }
        for each in range(PEOPLE)
    ]
    async with reading(url), transaction(Scope.system("people to log in")):
        await insert_all(User, rows)


async def _measure(report: Report, port: int) -> None:
    async with AsyncExitStack() as stack:
        tabs = await asyncio.gather(*[stack.enter_async_context(tab(port)) for _ in range(TABS)])
        times: list[float] = []
        pinging = [asyncio.create_task(_keep_sending(each, times)) for each in tabs]
        await asyncio.sleep(IDLE)
        idle = list(times)
        times.clear()
        took = await _log_all_in(port)
        busy = list(times)
        for each in pinging:
            each.cancel()
    report.bounded("log_in.seconds", took, "s", bound=10)
    for percent in (95, 99):
        mine, other = (percentile(each, percent) * 1000 for each in (busy, idle))
        report.figure(f"log_in.event_p{percent}", mine, "ms", against="nobody logs in", peer=other)


async def _keep_sending(wire: ClientConnection, times: list[float]) -> None:
    while True:
        times.append(await trip(wire, frame(*EVENT)))
        await asyncio.sleep(PACE)


async def _log_all_in(port: int) -> float:
    origin = f"http://127.0.0.1:{port}"
    limits = httpx.Limits(max_connections=PEOPLE)
    async with httpx.AsyncClient(base_url=origin, limits=limits, timeout=60) as client:
        began = time.perf_counter()
        answers = await asyncio.gather(*[_log_in(client, origin, each) for each in range(PEOPLE)])
        took = time.perf_counter() - began
    if set(answers) != {303}:
        raise RuntimeError(f"not everybody could log in: {sorted(set(answers))}")
    return took


async def _log_in(client: httpx.AsyncClient, origin: str, number: int) -> int:
    token = "0" * 32  # as our pages' script writes it
    headers = {
        "origin": origin,
        "cookie": f"csrf={token}",
        "x-csrf-token": token,
        "x-forwarded-for": f"10.0.{number // 250}.{number % 250}",
    }
    form = {"email": f"person{number}@example.com", "password": PASSWORD}
    return (await client.post("/session", data=form, headers=headers)).status_code

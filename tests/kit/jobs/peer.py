"""Another process for the tests of the queue.

DATABASE_URL run     # runs jobs until a line comes, and says how many
DATABASE_URL share   # takes some, says "taken", and ends them when a line comes; then as "run"
DATABASE_URL hang    # takes a job, says "taken", and never ends it
DATABASE_URL spell   # runs jobs that say themselves when they begin and end
"""

from __future__ import annotations

import asyncio
import sys

from myapp.kit import jobs, names, pubsub, repo
from myapp.kit.names import _registrar
from tests.kit.jobs import workers
from tests.kit.names_processes import LEASE, STEP_DOWN


async def run(url: str) -> None:
    async with jobs.running(url, {"default": 3}):
        print("ready", flush=True)  # noqa: T201 - the test reads it
        await asyncio.to_thread(sys.stdin.readline)
    print(len(workers.DONE), flush=True)  # noqa: T201


async def share(url: str) -> None:
    async with jobs.running(url, {"default": 3}):
        print("ready", flush=True)  # noqa: T201 - the test reads it
        await workers.BEGUN.wait()
        print("taken", flush=True)  # noqa: T201
        await asyncio.to_thread(sys.stdin.readline)
        workers.RELEASE.set()
        await asyncio.to_thread(sys.stdin.readline)
    print(len(workers.DONE), flush=True)  # noqa: T201


async def hang(url: str) -> None:
    async with jobs.running(url, {"default": 3}):
        await workers.BEGUN.wait()
        print("taken", flush=True)  # noqa: T201
        await asyncio.Event().wait()


async def spell(url: str) -> None:
    _registrar.LEASE, _registrar.STEP_DOWN, _registrar.BEAT = LEASE, STEP_DOWN, LEASE / 4
    async with names.running(url), jobs.running(url, {"default": 3}):
        print("ready", flush=True)  # noqa: T201 - the test reads it
        await asyncio.Event().wait()


async def main(url: str, command: str) -> None:
    engine = repo.make_engine(url)
    repo.use(repo.make_sessions(engine))
    async with pubsub.connected(url, None):
        await {"run": run, "share": share, "hang": hang, "spell": spell}[command](url)
    await engine.dispose()

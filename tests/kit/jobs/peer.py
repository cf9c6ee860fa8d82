"""Another process for the tests of the queue.

DATABASE_URL run     # runs jobs until a line comes, and says how many
DATABASE_URL hang    # takes a job, says "taken", and never ends it
"""

from __future__ import annotations

import asyncio
import sys

from myapp.kit import jobs, pubsub, repo
from tests.kit.jobs import workers


async def run(url: str) -> None:
    async with jobs.running(url, {"default": 3}):
        print("ready", flush=True)  # noqa: T201 - the test reads it
        await asyncio.to_thread(sys.stdin.readline)
    print(len(workers.DONE), flush=True)  # noqa: T201


async def hang(url: str) -> None:
    async with jobs.running(url, {"default": 3}):
        await workers.BEGUN.wait()
        print("taken", flush=True)  # noqa: T201
        await asyncio.Event().wait()


async def main(url: str, command: str) -> None:
    engine = repo.make_engine(url)
    repo.use(repo.make_sessions(engine))
    async with pubsub.connected(url, None):
        await (run(url) if command == "run" else hang(url))
    await engine.dispose()

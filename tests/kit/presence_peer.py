"""Another process for the presence tests: tracks whom it is told to, and says so when it sees whom it is asked about.

A line `+ada` tracks, `-ada` untracks, `?ada mei` is answered by `ada mei` once exactly those are seen.
"""

from __future__ import annotations

import asyncio
import sys

from myapp.kit import presence, pubsub, scheduler
from myapp.kit.scheduler import Periodic

TOPIC = "room:1"
QUICK = {"period": 0.01, "heartbeat": 0.2, "patience": 1.0}
SWEEPING = [Periodic("sweep presence", presence.sweep, every=0.2)]


def seen() -> str:
    return " ".join(sorted(presence.list(TOPIC)))


async def until_seen(names: str) -> None:
    while seen() != names:  # noqa: ASYNC110 - what is tested is that it comes by itself
        await asyncio.sleep(0.01)


async def obey() -> None:
    reader, tracked = asyncio.StreamReader(), dict[str, presence.Tracked]()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    print("ready", flush=True)  # noqa: T201 - the test reads it
    while line := await reader.readline():
        match line[:1], line[1:].decode().strip():
            case b"+", name:
                tracked[name] = presence.track(TOPIC, name)
            case b"-", name:
                tracked.pop(name).untrack()
            case _, names:
                await until_seen(names)
                print(names, flush=True)  # noqa: T201


async def main(*urls: str) -> None:
    async with pubsub.connected(*urls), presence.running(**QUICK), scheduler.running(SWEEPING):
        await obey()

"""Another process for the PubSub tests: tells on standard output what it hears, and broadcasts what it is told."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass

from myapp.kit.pubsub import Resync, broadcast, connected, event, mailbox

TOPIC = "room"


@event("test.spoken")
@dataclass(frozen=True)
class Spoken:
    text: str


def text_of(heard: object) -> str:
    match heard:
        case Spoken(text):
            return text
        case Resync():
            return "resync"
        case _:
            return "?"


async def speak() -> None:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        broadcast(TOPIC, Spoken(line.decode().strip()))


async def listen() -> None:
    with mailbox(TOPIC) as box:
        print("ready", flush=True)  # noqa: T201 - the test reads it
        async for heard in box:
            print(text_of(heard), flush=True)  # noqa: T201


async def main(*urls: str) -> None:
    async with connected(*urls):
        listener = asyncio.create_task(listen())
        await speak()
        listener.cancel()

"""Another process of the site, with a log: a line `error no cake` is logged as it says, and answered by `done`."""

from __future__ import annotations

import asyncio
import logging
import sys

from myapp.kit import logs, pubsub
from myapp.kit.logs import _setup
from myapp.kit.logs._handler import Handler, renderer
from myapp.ops.exchange import exchanging, own_name
from myapp.ops.news import telling_news

log = logging.getLogger("myapp.peer")


async def obey() -> None:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    print(own_name(), flush=True)  # noqa: T201 - the test reads it
    while line := await reader.readline():
        level, _, words = line.decode().strip().partition(" ")
        logs.begin("request-7")
        log.log(logging.getLevelNamesMapping()[level.upper()], words)
        print("done", flush=True)  # noqa: T201


async def main(*urls: str) -> None:
    logging.getLogger().addHandler(Handler(_setup.ring, None, renderer("text")))
    log.setLevel(logging.DEBUG)
    async with pubsub.connected(*urls), exchanging(), telling_news():
        await obey()

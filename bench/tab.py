"""What an idle tab holds of the server's memory: signed in, on a page with a stream, with both of its sockets.

One socket is Reflex's, with the tab's state; the other the channels', joined to the stream. Both ask for compression as
browsers do. The server is asked what it holds once it has collected its garbage and given free pages back.
"""

from __future__ import annotations

import asyncio
import json
import os
from contextlib import AsyncExitStack
from urllib.request import urlopen
from uuid import uuid4

import uvloop
import websockets
from websockets.asyncio.client import ClientConnection

from bench.corpus import site
from bench.event import ROOT, ROUTE, server
from bench.reader import reader_of, reading
from bench.report import Report
from tests.factories.accounts import make_session

TABS = 300
FIRST = 20  # tabs that come and go before, for what a server makes once
HELLO = {"event": {"name": f"{ROOT}.hydrate_and_load", "payload": {}, "router_data": ROUTE}}
JOIN = '["1","1","stream:posts","phx_join",{}]'
QUIET = 1.0  # seconds for what a page does after it is loaded


def run(report: Report) -> None:
    """Report `tab.memory`, and the part of it that is Reflex's socket and state."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with site() as url, server("product", DATABASE_URL=url) as port:
        uvloop.run(_measure(report, port, url))


async def _measure(report: Report, port: int, url: str) -> None:
    async with reading(url):
        scope = await reader_of("bench")
        token = await make_session(scope.user_id)
    tabs = _Tabs(port, token)
    async with AsyncExitStack() as stack:
        await tabs.load(stack, FIRST)
        await tabs.join(stack, FIRST)
    empty = await tabs.resident()
    async with AsyncExitStack() as stack:
        await tabs.load(stack, TABS)
        with_state = await tabs.resident()
        await tabs.join(stack, TABS)
        with_both = await tabs.resident()
    report.figure("tab.memory", (with_both - empty) / TABS / 1024, "KiB")
    report.figure("tab.memory.state", (with_state - empty) / TABS / 1024, "KiB")


class _Tabs:
    """The tabs of one person, to a server on this machine."""

    def __init__(self, port: int, token: str) -> None:
        self._address = f"127.0.0.1:{port}"
        self._headers = {"Origin": f"http://{self._address}", "Cookie": f"session={token}"}

    async def load(self, stack: AsyncExitStack, count: int) -> None:
        """Open so many tabs until their page is there."""
        for _ in range(count):
            path = f"/_event/?EIO=4&transport=websocket&token={uuid4()}"
            await self._open(stack, path, "40/_event," + json.dumps(HELLO), '"is_hydrated_rx_state_":true')

    async def join(self, stack: AsyncExitStack, count: int) -> None:
        """Open so many sockets until they have the stream's rows."""
        for _ in range(count):
            await self._open(stack, "/socket/websocket?vsn=2.0.0", JOIN, '"status":"ok"')

    async def _open(self, stack: AsyncExitStack, path: str, first: str, last: str) -> None:
        wire = await stack.enter_async_context(
            websockets.connect(f"ws://{self._address}{path}", additional_headers=self._headers, compression="deflate")
        )
        await wire.send(first)
        async with asyncio.timeout(10):
            while last not in await _hear(wire):
                pass
        stack.callback(asyncio.create_task(_keep_hearing(wire)).cancel)

    async def resident(self) -> int:
        """The bytes the server holds."""
        await asyncio.sleep(QUIET)
        return await asyncio.to_thread(_ask, f"http://{self._address}/resident")


async def _hear(wire: ClientConnection) -> str:
    message = str(await wire.recv())
    if message == "2":  # Engine.IO's ping
        await wire.send("3")
    return message


async def _keep_hearing(wire: ClientConnection) -> None:
    while True:
        await _hear(wire)


def _ask(url: str) -> int:
    with urlopen(url) as answer:
        return json.load(answer)["resident"]

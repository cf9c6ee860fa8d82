"""What channels do a second: deliveries to many sockets, replies, joins; and what a socket weighs.

The server has one core and the client another. The peer is a server that does nothing but write frames
(`servers/bare_channel.py`); the two are measured in turns, as cores change their speed by themselves.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from typing import override
from urllib.request import urlopen

import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from bench.event import server
from bench.report import Report, percentile

ROUNDS = 5
BROADCASTS = 20  # a round
PUSHERS, PUSHES = 200, 50
TRIPS = 2000
JOIN = b'["1","1","bench:all","phx_join",{}]'
PUSH = b'["1","2","bench:all","ping",{"a":1}]'


def run(report: Report) -> None:
    """Report `channel.*`, each against the bare server."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    for sockets in (500, 2000):
        with ExitStack() as stack:
            ours, theirs = (stack.enter_context(server(name)) for name in ("channel", "bare_channel"))
            uvloop.run(_measure(report, ours, theirs, sockets))


def socket_of(port: int) -> tuple[str, dict[str, str]]:
    """Where a server's channels are, and the headers of a page of ours that is signed in."""
    with urlopen(f"http://127.0.0.1:{port}/token") as answer:
        token = json.load(answer).get("token", "")
    headers = {"Origin": f"http://127.0.0.1:{port}", "Cookie": f"session={token}"}
    return f"ws://127.0.0.1:{port}/socket/websocket?vsn=2.0.0", headers


class _Client(WSListener):
    """One socket; `heard` is called for each message."""

    heard: Callable[[], None]

    @override
    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport

    @override
    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.TEXT:
            self.heard()


class _Site:
    """One of the servers, and the sockets that are open to it."""

    def __init__(self, port: int) -> None:
        self._address = f"127.0.0.1:{port}"
        self._clients: list[_Client] = []
        self._url, self._headers = socket_of(port)

    async def ask(self, path: str) -> int:
        """The bytes the server holds."""
        return await asyncio.to_thread(_resident, f"http://{self._address}{path}")

    async def open(self, count: int) -> float:
        """Open and join so many sockets more; how many a second."""
        start = time.perf_counter()
        for _ in range(count // 50):
            await asyncio.gather(*(self._join() for _ in range(50)))
        return count / (time.perf_counter() - start)

    async def _join(self) -> None:
        client = _Client()
        await ws_connect(lambda: client, self._url, extra_headers=self._headers)
        self._clients.append(client)
        async with _hearing([client], 1):
            client.transport.send(WSMsgType.TEXT, JOIN)

    async def deliver(self, count: int) -> float:
        """Deliveries a second of so many broadcasts to all."""
        start = time.perf_counter()
        async with _hearing(self._clients, count * len(self._clients)):
            await self.ask(f"/broadcast?count={count}")
        return count * len(self._clients) / (time.perf_counter() - start)

    async def push(self) -> float:
        """Replies a second to clients that push one after the other."""
        pushers = self._clients[:PUSHERS]
        start = time.perf_counter()
        async with _hearing(pushers, PUSHES * len(pushers)):
            for _ in range(PUSHES):
                for client in pushers:
                    client.transport.send(WSMsgType.TEXT, PUSH)
        return PUSHES * len(pushers) / (time.perf_counter() - start)

    async def trip(self) -> float:
        """Milliseconds from a push to its reply."""
        start = time.perf_counter()
        async with _hearing(self._clients[:1], 1):
            self._clients[0].transport.send(WSMsgType.TEXT, PUSH)
        return (time.perf_counter() - start) * 1000


class _hearing:  # noqa: N801 - it reads as a verb
    """Waits at its end until these clients have heard so many messages altogether."""

    def __init__(self, clients: list[_Client], count: int) -> None:
        self._done = asyncio.get_running_loop().create_future()
        self._left = count
        for client in clients:
            client.heard = self._heard

    def _heard(self) -> None:
        self._left -= 1
        if not self._left:
            self._done.set_result(None)

    async def __aenter__(self) -> None:
        pass

    async def __aexit__(self, *_: object) -> None:
        await asyncio.wait_for(self._done, 60)


def _resident(url: str) -> int:
    with urlopen(url) as answer:
        return json.load(answer)["resident"]


async def _measure(report: Report, ours: int, theirs: int, sockets: int) -> None:
    sites = [_Site(ours), _Site(theirs)]
    memory, joins = list[float](), list[float]()
    for site in sites:
        empty = await site.ask("/")
        joins.append(await site.open(sockets))
        memory.append((await site.ask("/") - empty) / sockets / 1024)
    mine, other = await _rounds(sites, lambda site: site.deliver(BROADCASTS))
    report.figure(f"channel.broadcast.{sockets}", mine, "1/s", against="bare frames", peer=other)
    if sockets == 500:
        mine, other = await _rounds(sites, lambda site: site.push())
        report.figure("channel.push_reply", mine, "1/s", against="bare frames", peer=other)
        trips = [[await site.trip() for _ in range(TRIPS)] for site in sites]
        for percent in (50, 99):
            mine, other = (percentile(each, percent) for each in trips)
            report.figure(f"channel.rtt_p{percent}", mine, "ms", against="bare frames", peer=other)
    else:
        report.figure("channel.memory", memory[0], "KiB", against="bare frames", peer=memory[1])
        report.figure("channel.joins", joins[0], "1/s", against="bare frames", peer=joins[1])


async def _rounds(sites: list[_Site], measure: Callable[[_Site], Awaitable[float]]) -> tuple[float, float]:
    """The medians of both, measured in turns."""
    found: list[list[float]] = [[], []]
    for _ in range(ROUNDS):
        for values, site in zip(found, sites, strict=True):
            values.append(await measure(site))
    mine, other = map(statistics.median, found)
    return mine, other

"""What presence costs on a topic where everybody sees everybody: joins a second, and bytes to tell one of another.

All join at once, on connections that are open, and it takes until each has been told of all. The peer are the same
joins to a topic without presence. 130 bytes are what a person's entry takes as JSON; what comes to one client in all,
divided by the people it is told of, shows how often they are told.
"""

from __future__ import annotations

import asyncio
import os
import statistics
from functools import partial
from typing import override

import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from bench.channel import socket_of
from bench.event import server
from bench.report import Report

MEMBERS = 1000
ROUNDS = 5
PATIENCE = 40  # seconds


def run(report: Report) -> None:
    """Report `presence.joins` and `presence.bytes_per_member`."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with server("channel") as port:
        uvloop.run(_measure(report, port))


class Member(WSListener):
    """One client, and what it was told."""

    def __init__(self, expected: int) -> None:
        self.is_told = asyncio.get_running_loop().create_future()
        self.is_closed = False
        self.bytes = 0
        self._left = expected

    @override
    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport

    @override
    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.TEXT:
            payload = frame.get_payload_as_memoryview().tobytes()
            self.bytes += len(payload)
            self._left -= payload.count(b'"metas"') or payload.count(b'"phx_reply"')
            if self._left <= 0 and not self.is_told.done():
                self.is_told.set_result(None)

    @override
    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self.is_closed = True
        if not self.is_told.done():
            self.is_told.set_result(None)


def _listen(member: Member, *_: object) -> Member:
    return member


async def crowd(port: int, topic: str, count: int, told: int) -> tuple[float, list[Member]]:
    """Seconds until so many who join at once have each been told `told` things; they are disconnected again."""
    members = [Member(told) for _ in range(count)]
    url, headers = socket_of(port)
    for start in range(0, count, 50):
        some = members[start : start + 50]
        await asyncio.gather(*(ws_connect(partial(_listen, each), url, extra_headers=headers) for each in some))
    loop = asyncio.get_running_loop()
    begin = loop.time()
    for each in members:
        each.transport.send(WSMsgType.TEXT, b'["1","1","%b","phx_join",{}]' % topic.encode())
    await asyncio.wait_for(asyncio.gather(*(each.is_told for each in members)), PATIENCE)
    took = loop.time() - begin
    open_ones = [each for each in members if not each.is_closed]
    for each in open_ones:
        each.transport.disconnect()
    return took, open_ones


async def _measure(report: Report, port: int) -> None:
    joins: dict[str, list[float]] = {"lobby": [], "bench": []}
    told, size = MEMBERS + 1, 0.0  # everybody, and the reply
    for number in range(ROUNDS):
        for topic, expected in (("lobby", told), ("bench", 1)):
            took, members = await crowd(port, f"{topic}:{number}", MEMBERS, expected)
            joins[topic].append(MEMBERS / took)
            if topic == "lobby":
                size = statistics.mean(each.bytes for each in members) / MEMBERS
    mine, other = (statistics.median(joins[topic]) for topic in ("lobby", "bench"))
    report.figure("presence.joins", mine, "1/s", against="joins without presence", peer=other)
    report.figure("presence.bytes_per_member", size, "bytes")

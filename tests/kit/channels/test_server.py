"""How the server reads its clients: each in turn, whatever shape their frames have, and none faster than it can do."""

from __future__ import annotations

import asyncio
import json
import socket as sockets
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest

from myapp.kit.channels import Socket
from myapp.kit.channels.connection import Connection
from tests.kit.channels.conftest import OURS, SOON, Serve, Site
from tests.kit.channels.test_slow_clients import LINE, ROOM, UPGRADE, one_who_never_reads, over_another_server

MASK = bytes(4)


def frame(payload: bytes, head: int = 0x81) -> bytes:
    """A frame as a client sends it."""
    size = len(payload)
    length = bytes([0x80 | size]) if size < 126 else bytes([0x80 | 126]) + size.to_bytes(2)
    return bytes([head]) + length + MASK + payload


@asynccontextmanager
async def raw_client(site: Site) -> AsyncGenerator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection whose bytes are the test's to choose."""
    url = urlsplit(site.url)
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    lines = [f"GET {url.path}?user=mei HTTP/1.1", "Host: x", f"Origin: {OURS}", *UPGRADE, "", ""]
    writer.write("\r\n".join(lines).encode())
    assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
    try:
        yield reader, writer
    finally:
        writer.close()


async def heard(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """The first byte and the payload of the server's next frame."""
    async with asyncio.timeout(SOON):
        head, size = await reader.readexactly(2)
        return head, await reader.readexactly(size if size < 126 else int.from_bytes(await reader.readexactly(2)))


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(SOON):
        while not holds():  # noqa: ASYNC110 - the server has no event for it
            await asyncio.sleep(0)


def connections_of(site: Site) -> list[Connection]:
    return [each for person in site.endpoint._people.values() for each in person.connections]


async def test_one_who_floods_does_not_delay_the_answers_of_others(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    flood = [b'["1","%d","room:2","echo","xxxxxxxxxxxxxxxxxxxxxxxx"]' % number for number in range(4000)]
    handled, handle_in = list[str](), site.room.handle_in

    async def noted(event: str, payload: Any, socket: Socket) -> Any:
        handled.append(socket.topic)
        return await handle_in(event, payload, socket)

    monkeypatch.setattr(site.room, "handle_in", noted)
    async with raw_client(site) as (reader, writer), site.client() as ada:
        await ada.join(ROOM)
        writer.write(frame(b'["1","1","room:2","phx_join",{}]') + b"".join(map(frame, flood)))
        await ada.send("1", "2", ROOM, "echo", "quick")
        await ada.hear()
        answers = [json.loads((await heard(reader))[1]) for _ in range(len(flood) + 2)]
        assert [int(answer[1]) for answer in answers[2:]] == list(range(len(flood)))
    assert handled.index(ROOM) < 300


async def test_a_frame_may_come_in_single_bytes(site: Site) -> None:
    async with raw_client(site) as (reader, writer):
        sock = writer.get_extra_info("socket")
        sock.setsockopt(sockets.IPPROTO_TCP, sockets.TCP_NODELAY, 1)
        for byte in frame(b'[null,"1","phoenix","heartbeat",{"' + b"a" * 130 + b'":1}]'):
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0)
        assert (await heard(reader))[1] == b'[null,"1","phoenix","phx_reply",{"status":"ok","response":{}}]'


async def test_a_message_may_come_in_pieces_with_a_ping_between(site: Site) -> None:
    async with raw_client(site) as (reader, writer):
        writer.write(frame(b'[null,"1","phoe', 0x01) + frame(b"are you there", 0x89) + frame(b'nix","heart', 0x00))
        assert await heard(reader) == (0x8A, b"are you there")
        writer.write(frame(b'beat",{}]', 0x80))
        assert (await heard(reader))[1] == b'[null,"1","phoenix","phx_reply",{"status":"ok","response":{}}]'


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (frame(b'["\xff"]'), 1007),
        (frame(b"[nu", 0x01) + frame(b'["1"]'), 1002),  # another message amid the pieces of one
        (frame(b"[1]", 0x83), 1002),  # a kind of frame that does not exist
        (b"\x81\x05[1,2]", 1002),  # unmasked
        (b"\x82\xff" + (1 << 40).to_bytes(8) + MASK, 1009),  # nobody waits for all of it
    ],
)
async def test_a_frame_against_the_rules_ends_the_connection(site: Site, sent: bytes, code: int) -> None:
    async with raw_client(site) as (reader, writer):
        writer.write(sent)
        head, goodbye = await heard(reader)
        assert (head, int.from_bytes(goodbye[:2])) == (0x88, code)


@pytest.mark.parametrize("wrap", [lambda app: app, over_another_server])
async def test_one_who_asks_faster_than_it_is_answered_is_read_later(serve: Serve, wrap: object) -> None:
    site = await serve(wrap=wrap)
    async with raw_client(site) as (reader, writer):
        writer.write(frame(b'["1","1","room:1","phx_join",{}]'))
        for _ in range(2):
            await heard(reader)
        for number in range(400):
            writer.write(frame(b'["1","%d","room:1","wait",{"number":%d}]' % (number, number)))
        [socket] = site.endpoint.hub.members(ROOM)
        await until(lambda: socket.is_full)
        writer.write(frame(b"", 0x89))
        site.room.gate.set()
        answers = [await heard(reader) for _ in range(401)]
        assert [json.loads(answer)[4]["response"]["waited"] for head, answer in answers if head == 0x81] == [
            *range(400)
        ]


@pytest.mark.parametrize("wrap", [lambda app: app, over_another_server])
async def test_one_who_is_cut_off_while_much_of_it_waits_is_forgotten(
    serve: Serve, wrap: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("myapp.kit.channels.endpoint.SWEEP", 0.02)
    site = await serve(wrap=wrap)
    async with raw_client(site) as (reader, writer):
        writer.write(frame(b'["1","1","room:1","phx_join",{}]'))
        await heard(reader)
        [socket] = site.endpoint.hub.members(ROOM)
        for _ in range(100):
            writer.write(frame(b'["1","2","room:1","wait",{"number":1}]'))
        await until(lambda: socket.is_full)
        writer.transport.abort()
        site.endpoint.limits = type(site.endpoint.limits)(idle=0.05)
        await until(lambda: not connections_of(site))
        assert not site.endpoint.hub.members(ROOM)
    site.room.gate.set()
    await site.room.has_ended.wait()


async def test_one_who_reads_nothing_is_not_read(serve: Serve) -> None:
    site = await serve()
    async with one_who_never_reads(site) as raw:
        [socket] = site.endpoint.hub.members(ROOM)
        while not socket._connection.outbox.is_behind():
            socket.push("line", {"text": LINE})
        raw.setblocking(False)
        pings, sent = frame(b"x" * 100, 0x89) * 1000, 0
        with pytest.raises(BlockingIOError):
            while sent < 1 << 26:
                sent += raw.send(pings)
                for _ in range(3):
                    await asyncio.sleep(0)
        assert socket._connection.outbox.is_behind()

"""A client that does not read costs the others nothing and the server little, whichever server that is."""

from __future__ import annotations

import asyncio
import socket as sockets
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, override
from urllib.parse import urlsplit

import pytest
import uvloop

from myapp.kit import channels
from myapp.kit.channels import Close, _outbox
from tests.kit.channels.conftest import OURS, SOON, Client, Serve, Site

ROOM = "room:1"
LINE = "x" * 20_000
UPGRADE = (
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version: 13",
)
ENOUGH = 600  # lines: twelve times what may wait, and more than any kernel keeps


def as_it_is(app: Any) -> Any:
    return app


def over_another_server(app: Any) -> Any:
    """An application whose server is not known: `send` is a plain function."""

    async def wrapped(scope: Any, receive: Any, send: Any) -> None:
        async def plain(message: Any) -> None:
            await send(message)

        await app(scope, receive, plain)

    return wrapped


@asynccontextmanager
async def one_who_never_reads(site: Site) -> AsyncGenerator[sockets.socket]:
    """Has joined the room, and reads nothing more."""
    url, loop = urlsplit(site.url), asyncio.get_running_loop()
    lines = [f"GET {url.path}?user=mei HTTP/1.1", "Host: x", f"Origin: {OURS}", *UPGRADE, "", ""]
    join = b'["1","1","room:1","phx_join",{"name":"Mei"}]'
    with sockets.socket() as raw:
        raw.setblocking(False)
        raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
        await loop.sock_connect(raw, (url.hostname, url.port))
        await loop.sock_sendall(raw, "\r\n".join(lines).encode())
        assert b" 101 " in await loop.sock_recv(raw, 4096)
        await loop.sock_sendall(raw, bytes([0x81, 0x80 | len(join), 0, 0, 0, 0]) + join)
        async with asyncio.timeout(SOON):
            await site.room.has_welcomed["Mei"].wait()
        yield raw


@asynccontextmanager
async def both(serve: Serve, wrap: Callable[[Any], Any]) -> AsyncGenerator[tuple[Site, Client]]:
    site = await serve(wrap=wrap)
    async with site.client() as ada, one_who_never_reads(site):
        await ada.join(ROOM, name="Ada")
        yield site, ada


@pytest.mark.parametrize("wrap", [as_it_is, over_another_server])
async def test_others_get_all_of_it_while_the_slow_one_is_dropped(serve: Serve, wrap: Callable[[Any], Any]) -> None:
    async with both(serve, wrap) as (site, ada):
        for number in range(ENOUGH):
            channels.broadcast(ROOM, "line", {"number": number, "text": LINE})
            assert (await ada.hear())[4]["number"] == number
        assert [socket.assigns["name"] for socket in site.endpoint.hub.members(ROOM)] == ["Ada"]
        assert site.room.ended == [("Mei", "closed")]


@pytest.mark.parametrize("wrap", [as_it_is, over_another_server])
async def test_what_waits_for_one_is_bounded(serve: Serve, wrap: Callable[[Any], Any]) -> None:
    async with both(serve, wrap) as (site, ada):
        [slow] = [socket for socket in site.endpoint.hub.members(ROOM) if socket.assigns["name"] == "Mei"]
        outbox, waiting = slow._connection.outbox, 0
        for _ in range(ENOUGH):
            channels.broadcast(ROOM, "line", {"text": LINE})
            await ada.hear()
            if isinstance(outbox, _outbox.RawOutbox):
                waiting = max(waiting, outbox._transport.get_write_buffer_size())
            elif isinstance(outbox, _outbox.QueuedOutbox):
                waiting = max(waiting, sum(size for _, size in outbox._waiting))
        assert waiting > 0
        assert waiting <= _outbox.LIMIT


async def test_who_reads_at_last_finds_out_why_it_was_closed(serve: Serve) -> None:
    site = await serve()
    async with one_who_never_reads(site) as raw:
        while site.endpoint.hub.members(ROOM):
            channels.broadcast(ROOM, "line", {"text": LINE})
            await asyncio.sleep(0)
        received, goodbye = b"", int(Close.SLOW).to_bytes(2) + Close.SLOW.reason.encode()
        async with asyncio.timeout(SOON):
            while not received.endswith(goodbye):
                received = received[-100:] + await asyncio.get_running_loop().sock_recv(raw, 1 << 20)


async def test_one_who_is_stuck_on_a_quiet_topic_is_found(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("myapp.kit.channels.endpoint.SWEEP", 0.02)
    async with both(serve, as_it_is) as (site, ada):
        [slow] = [socket for socket in site.endpoint.hub.members(ROOM) if socket.assigns["name"] == "Mei"]
        while not slow._connection.outbox.is_behind():
            slow.push("line", {"text": LINE})
        async with asyncio.timeout(SOON):
            await site.room.has_ended.wait()
        await ada.hears_nothing()


class Lost(asyncio.Protocol):
    """Notes the end of its connection."""

    def __init__(self) -> None:
        self.event = asyncio.Event()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self.event.set()


def test_one_that_is_gone_by_now_does_not_stop_a_broadcast_to_the_others() -> None:
    async def put_after_the_end() -> None:
        ours, theirs = sockets.socketpair()
        with theirs:
            transport, lost = await asyncio.get_running_loop().create_connection(Lost, sock=ours)
            writable = asyncio.Event()
            writable.set()
            outbox = _outbox.RawOutbox(SimpleNamespace(transport=transport, writable=writable), lambda: None)
            transport.abort()
            await lost.event.wait()
            with pytest.raises(RuntimeError, match="closed"):
                transport.write(b"this is how uvloop answers")
            outbox.put(b"frame")

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(put_after_the_end())


async def test_what_was_sent_waits_no_more(serve: Serve) -> None:
    site = await serve(wrap=over_another_server)
    async with site.client() as ada:
        await ada.join(ROOM)
        [socket] = site.endpoint.hub.members(ROOM)
        for _ in range(20):
            channels.broadcast(ROOM, "line", {"text": "größer als gezählt"})
            await ada.hear()
        await ada.hears_nothing()
        outbox = socket._connection.outbox
        assert isinstance(outbox, _outbox.QueuedOutbox)
        while outbox._task is not None:
            await asyncio.wait([outbox._task])
        assert outbox._size == 0

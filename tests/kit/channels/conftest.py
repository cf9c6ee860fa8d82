"""A real server in the tests' own loop, with channels of the tests on it, and clients that speak the wire format."""

from __future__ import annotations

import asyncio
import json
import socket as sockets
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any, override
from urllib.parse import urlencode

import pytest
import uvicorn
import websockets
from websockets.asyncio.client import ClientConnection

from myapp.kit import whence
from myapp.kit.channels import Channel, Endpoint, Handshake, Identity, Limits, Refused, Socket
from myapp.kit.channels.server import WebSocketProtocol
from myapp.kit.errors import Forbidden, NotFound
from tests.phoenix.client import phoenix_clients

__all__ = ["phoenix_clients"]  # a fixture

OURS = "http://ours.example"
SOON = 20.0  # seconds that an answer may take on a machine that runs four tests at once


class RoomChannel(Channel):
    """Does one of everything."""

    rate = None
    intercept = frozenset({"secret"})

    def __init__(self) -> None:
        self.ended: list[tuple[str, str]] = []
        self.has_ended = asyncio.Event()
        self.has_welcomed = defaultdict[str, asyncio.Event](asyncio.Event)
        self.gate = asyncio.Event()

    @override
    async def join(self, topic: str, params: Mapping[str, Any], socket: Socket) -> Mapping[str, object] | None:
        match topic.partition(":")[2]:
            case "forbidden":
                raise Forbidden
            case "missing":
                raise NotFound
            case "full":
                raise Refused("the room is full", seats=3)
            case "broken":
                raise ZeroDivisionError
            case "slow":
                await self.gate.wait()
        socket.assigns["name"] = params.get("name", "nobody")
        socket.subscribe(f"events:{topic}")
        socket.push("welcome", {"name": socket.assigns["name"]})
        self.has_welcomed[socket.assigns["name"]].set()
        return {"topic": topic}

    @override
    async def handle_in(self, event: str, payload: Any, socket: Socket) -> Mapping[str, object] | bytes | None:
        match event:
            case "echo":
                return payload if isinstance(payload, bytes) else {"echo": payload}
            case "say":
                socket.broadcast("said", {"by": socket.assigns["name"], "text": payload["text"]})
            case "others":
                socket.broadcast_from("said", {"by": socket.assigns["name"], "text": payload["text"]})
            case "secret":
                socket.broadcast("secret", {"text": payload["text"]})
            case "bytes":
                socket.broadcast("bytes", b"\x00\xff")
            case "wait":
                await self.gate.wait()
                return {"waited": payload["number"]}
            case "whence":
                return {"address": whence.address()}
            case "crash":
                raise ZeroDivisionError
            case "lost":  # what it waits for is cancelled by somebody else
                waiting = asyncio.get_running_loop().create_future()
                asyncio.get_running_loop().call_soon(waiting.cancel)
                await waiting
            case _:
                return await super().handle_in(event, payload, socket)
        return None

    @override
    async def handle_info(self, event: object, socket: Socket) -> None:
        socket.push("info", {"kind": type(event).__name__})

    @override
    async def handle_out(self, event: str, payload: Any, socket: Socket) -> None:
        if socket.assigns["name"] != "stranger":
            socket.push(event, {**payload, "for": socket.assigns["name"]})

    @override
    async def terminate(self, reason: str, socket: Socket) -> None:
        self.ended.append((socket.assigns.get("name", ""), reason))
        self.has_ended.set()


class LimitedChannel(Channel):
    """Has the rate a channel has by itself."""

    @override
    async def handle_in(self, event: str, payload: Any, socket: Socket) -> Mapping[str, object]:
        return {}


class Client:
    """One WebSocket, and what it has heard."""

    def __init__(self, wire: ClientConnection) -> None:
        self.wire = wire
        self._refs = 0

    async def send(self, *parts: Any) -> None:
        """Send `[join_ref, ref, topic, event, payload]`."""
        await self.wire.send(json.dumps(parts))

    async def hear(self) -> list[Any]:
        """The next message."""
        return json.loads(await asyncio.wait_for(self.wire.recv(), SOON))

    async def hears(self, *expected: Any) -> None:
        assert await self.hear() == list(expected)

    async def hears_nothing(self) -> None:
        """All that was sent has been answered: the next answer is that to a heartbeat."""
        await self.send(None, "quiet", "phoenix", "heartbeat", {})
        await self.hears(None, "quiet", "phoenix", "phx_reply", {"status": "ok", "response": {}})

    async def join(self, topic: str, join_ref: str = "1", **params: object) -> None:
        """Join the tests' room, and hear its welcome."""
        await self.send(join_ref, join_ref, topic, "phx_join", params)
        await self.hears(join_ref, join_ref, topic, "phx_reply", {"status": "ok", "response": {"topic": topic}})
        await self.hears(join_ref, None, topic, "welcome", {"name": params.get("name", "nobody")})

    async def closed(self) -> int:
        """The code the server closed with, once it has."""
        try:
            async with asyncio.timeout(SOON):
                while True:
                    await self.wire.recv()
        except websockets.ConnectionClosed as error:
            return error.rcvd.code if error.rcvd else 1006


class Site:
    """An endpoint that is served."""

    def __init__(self, endpoint: Endpoint, room: RoomChannel, url: str) -> None:
        self.endpoint = endpoint
        self.room = room
        self.url = url
        self._running = AsyncExitStack()

    async def start(self) -> None:
        await self._running.enter_async_context(self.endpoint.running())

    async def stop(self) -> None:
        await self._running.aclose()

    async def restart(self) -> None:
        """All connections are closed, and may come back at once."""
        await self.stop()
        await self.start()

    @asynccontextmanager
    async def client(self, *, origin: str | None = OURS, **params: str) -> AsyncGenerator[Client]:
        query = urlencode({"vsn": "2.0.0", **params})
        async with websockets.connect(
            f"{self.url}?{query}",
            origin=None if origin is None else websockets.Origin(origin),
            ping_interval=None,
        ) as wire:
            yield Client(wire)


async def who_is_it(handshake: Handshake) -> Identity:
    name = handshake.auth_token or handshake.params.get("user", "ada")
    if name == "stranger":
        raise Forbidden
    return Identity(name, id=f"session:{name}", assigns={"cookies": handshake.cookies})


class _Server(uvicorn.Server):
    @override
    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield  # the tests' runner keeps its own


class Sites:
    """One server for all tests of a worker; each site has an address of its own on it."""

    def __init__(self) -> None:
        self._apps: dict[str, Any] = {}
        self.port = 0

    def put(self, app: Any) -> str:
        """Serve an ASGI application; the path it is at."""
        path = f"/{len(self._apps)}/socket/websocket"
        self._apps[path] = app
        return path

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        await self._apps[scope["path"]](scope, receive, send)


@pytest.fixture(scope="session")
async def sites(phoenix_clients: None) -> AsyncGenerator[Sites]:
    sites = Sites()
    config = uvicorn.Config(sites, lifespan="off", ws=WebSocketProtocol, log_level="error", access_log=False)
    server = _Server(config)
    with sockets.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        sites.port = listener.getsockname()[1]
        task = asyncio.create_task(server.serve([listener]))
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0)
        yield sites
        server.should_exit = True
        await task


type Serve = Callable[..., Awaitable[Site]]


@pytest.fixture
async def serve(sites: Sites) -> AsyncGenerator[Serve]:
    """Make sites with limits of their own."""
    async with AsyncExitStack() as stack:

        async def start(limits: Limits | None = None, wrap: Callable[[Any], Any] = lambda app: app) -> Site:
            room = RoomChannel()
            endpoint = Endpoint(
                {"room:*": room, "room:limited": LimitedChannel()},
                connect=who_is_it,
                is_our_page=lambda origin, _scope: origin == OURS,
                limits=limits,
            )
            site = Site(endpoint, room, f"ws://127.0.0.1:{sites.port}{sites.put(wrap(endpoint))}")
            await site.start()
            stack.push_async_callback(site.stop)
            return site

        yield start


@pytest.fixture
async def site(serve: Serve) -> Site:
    return await serve()

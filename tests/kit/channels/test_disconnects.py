"""Connections whose id is disconnected, at the worst moments: while they are made, and while no news comes through."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Any

from myapp.kit import channels
from myapp.kit.channels import Close, Endpoint, Handshake, Identity
from myapp.kit.channels.broadcasts import DISCONNECTS
from myapp.kit.pubsub import PubSub, Resync

SCOPE = {"type": "websocket", "headers": [], "query_string": b"vsn=2.0.0", "client": ("127.0.0.1", 1)}


class Server:
    """A server's end of one WebSocket, which says nothing by itself."""

    def __init__(self) -> None:
        self.closed: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.accepted = asyncio.Event()
        self._has_connected = False

    async def receive(self) -> dict[str, Any]:
        if not self._has_connected:
            self._has_connected = True
            return {"type": "websocket.connect"}
        await self.closed
        return {"type": "websocket.disconnect", "code": 1000}

    async def send(self, message: Any) -> None:
        if message["type"] == "websocket.accept":
            self.accepted.set()
        elif message["type"] == "websocket.close" and not self.closed.done():
            self.closed.set_result(message["code"])


async def ada(_handshake: Handshake) -> Identity:
    return Identity("ada", "session:ada")


async def test_a_session_that_ends_while_its_connection_is_made_closes_it() -> None:
    async def slowly(handshake: Handshake) -> Identity:
        identity = await ada(handshake)
        channels.disconnect(identity.id)  # after the session was looked up, before the connection is known
        return identity

    server, endpoint = Server(), Endpoint({}, connect=slowly, is_our_page=lambda *_: True)
    async with asyncio.timeout(5), endpoint.running():
        await endpoint(SCOPE, server.receive, server.send)
    assert server.closed.result() == Close.LOGGED_OUT


async def test_a_disconnect_of_before_does_not_close_who_comes_after_it() -> None:
    server, endpoint = Server(), Endpoint({}, connect=ada, is_our_page=lambda *_: True)
    async with asyncio.timeout(5), endpoint.running():
        channels.disconnect("session:ada")
        await asyncio.sleep(0)
        serving = asyncio.create_task(endpoint(SCOPE, server.receive, server.send))
        await server.accepted.wait()
        await asyncio.sleep(0)
        assert not server.closed.done()
        channels.disconnect("session:ada")
        await serving
    assert server.closed.result() == Close.LOGGED_OUT


async def test_after_a_loss_of_news_it_is_asked_once_which_connections_are_to_be_closed(hub: PubSub) -> None:
    asked: list[Collection[str]] = []

    async def ended(names: Collection[str]) -> Collection[str]:
        asked.append(names)
        return names

    server, endpoint = Server(), Endpoint({}, connect=ada, is_our_page=lambda *_: True, ended=ended)
    async with asyncio.timeout(5), endpoint.running():
        serving = asyncio.create_task(endpoint(SCOPE, server.receive, server.send))
        await server.accepted.wait()
        hub.publish_here(DISCONNECTS, Resync())
        await serving
    assert asked == [("session:ada",)]
    assert server.closed.result() == Close.LOGGED_OUT

"""The product's channels without its pages: what a delivery, a reply, a join and a socket cost.

`GET /broadcast?count=N` sends N messages to all; every answer says what the process holds, in bytes.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path
from typing import Any, override
from urllib.parse import parse_qs

import uvicorn

from myapp.config import load_settings
from myapp.kit import presence, pubsub
from myapp.kit.channels import Channel, Endpoint, Limits, Socket, broadcast
from myapp.kit.channels.server import WebSocketProtocol

PAGE = 4096


class Echo(Channel):
    """Answers with what it was sent."""

    rate = None

    @override
    async def handle_in(self, event: str, payload: Any, socket: Socket) -> Mapping[str, object]:
        return payload


class Lobby(Channel):
    """Everybody who joins is seen by all."""

    def __init__(self) -> None:
        self._numbers = count()

    @override
    async def join(self, topic: str, params: Mapping[str, Any], socket: Socket) -> None:
        number = next(self._numbers)
        presence.track(socket, f"{number}", {"name": f"Person {number}"})


async def answer_http(scope: dict[str, Any], send: Any, tell: Callable[[dict[str, object]], None]) -> None:
    """Do what the client of the measurement asks for."""
    if scope["path"] == "/broadcast":
        for number in range(int(parse_qs(scope["query_string"].decode())["count"][0])):
            tell({"id": number, "body": "hello world this is a chat message", "user": "ada", "at": time.time()})
    resident = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * PAGE
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": json.dumps({"resident": resident}).encode()})


class Application:
    """The endpoint, and what the client asks for over HTTP."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await self._endpoint(scope, receive, send)
        elif scope["type"] == "http":
            await answer_http(scope, send, lambda message: broadcast("bench:all", "msg", message))
        else:
            await self._live(receive, send)

    async def _live(self, receive: Any, send: Any) -> None:
        await receive()
        pubsub.use(pubsub.PubSub())
        async with presence.running(), self._endpoint.running():
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})


def main(port: int) -> None:
    """Serve with the product's own check of who connects."""
    from myapp.web import channels, session  # noqa: PLC0415 - the bare server needs none of the web wing

    session.use(session.SessionCookie(load_settings()))
    endpoint = Endpoint(
        {"bench:*": Echo(), "lobby:*": Lobby()},
        connect=channels.connect,
        is_our_page=lambda _origin, _scope: True,
        limits=Limits(sockets=100_000, join_rate=None),
    )
    uvicorn.run(
        Application(endpoint), port=port, loop="uvloop", http="httptools", ws=WebSocketProtocol, log_level="error"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))

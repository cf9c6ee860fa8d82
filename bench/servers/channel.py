"""The product's channels without its pages: what a delivery, a reply, a join and a socket cost.

`GET /broadcast?count=N` sends N messages to all; every answer says what the process holds, in bytes.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path
from typing import Any, override
from urllib.parse import parse_qs

import uvicorn

from bench.reader import reading
from myapp import database
from myapp.config import Settings, load_settings
from myapp.kit import presence
from myapp.kit.channels import Channel, Endpoint, Limits, Socket, broadcast
from myapp.kit.channels.server import WebSocketProtocol
from tests.factories.accounts import make_session, make_user

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
    await _answer(send, {"resident": resident})


async def _answer(send: Any, content: dict[str, object]) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": json.dumps(content).encode()})


class Application:
    """The endpoint, and what the client asks for over HTTP."""

    def __init__(self, endpoint: Endpoint, settings: Settings) -> None:
        self._endpoint = endpoint
        self._settings = settings
        self._token = ""

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await self._endpoint(scope, receive, send)
        elif scope["type"] == "http" and scope["path"] == "/token":
            await _answer(send, {"token": self._token})
        elif scope["type"] == "http":
            await answer_http(scope, send, lambda message: broadcast("bench:all", "msg", message))
        else:
            await self._live(receive, send)

    async def _live(self, receive: Any, send: Any) -> None:
        await receive()
        url = await asyncio.to_thread(database.prepare, self._settings)
        async with reading(url), presence.running(), self._endpoint.running():
            self._token = await make_session((await make_user()).id)
            await send({"type": "lifespan.startup.complete"})
            await receive()
        database.release(self._settings)
        await send({"type": "lifespan.shutdown.complete"})


def main(port: int) -> None:
    """Serve with the product's own check of who connects."""
    from myapp.web import channels, session  # noqa: PLC0415 - the bare server needs none of the web wing

    settings = load_settings()
    session.use(session.SessionCookie(settings))
    endpoint = Endpoint(
        {"bench:*": Echo(), "lobby:*": Lobby()},
        connect=channels.connect,
        is_our_page=lambda _origin, _scope: True,
        limits=Limits(sockets=100_000, join_rate=None),
    )
    uvicorn.run(
        Application(endpoint, settings),
        port=port,
        loop="uvloop",
        http="httptools",
        ws=WebSocketProtocol,
        log_level="error",
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))

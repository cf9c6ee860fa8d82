"""Our channels over uvicorn, alone: what a delivery, a reply and a connection cost.

`GET /broadcast?count=N` sends N messages to the topic "bench:all"; `GET /memory` says what the process holds in bytes.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, override
from urllib.parse import parse_qs

import uvicorn

from myapp.kit import pubsub
from myapp.kit.channels import Channel, Endpoint, Handshake, Identity, Limits, Socket, broadcast

PAGE = 4096


class Echo(Channel):
    """Answers with what it was sent."""

    rate = None

    @override
    async def handle_in(self, event: str, payload: Any, socket: Socket) -> Mapping[str, object]:
        return payload


async def _anybody(_handshake: Handshake) -> Identity:
    return Identity("bench")


endpoint = Endpoint(
    {"bench:*": Echo()}, connect=_anybody, is_our_page=lambda _origin, _scope: True, limits=Limits(sockets=100_000)
)


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await _live(receive, send)
    elif scope["type"] == "websocket":
        await endpoint(scope, receive, send)
    else:
        if scope["path"] == "/broadcast":
            for number in range(int(parse_qs(scope["query_string"].decode())["count"][0])):
                message = {"id": number, "body": "hello world this is a chat message", "user": "ada", "at": time.time()}
                broadcast("bench:all", "msg", message)
        resident = int(Path("/proc/self/statm").read_text().split()[1]) * PAGE
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": json.dumps({"resident": resident}).encode()})


async def _live(receive: Any, send: Any) -> None:
    pubsub.use(pubsub.PubSub())
    await receive()
    async with endpoint.running():
        await send({"type": "lifespan.startup.complete"})
        await receive()
    await send({"type": "lifespan.shutdown.complete"})


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), loop="uvloop", http="httptools", ws="websockets-sansio", log_level="error")

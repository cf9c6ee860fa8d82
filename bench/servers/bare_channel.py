"""The least that can be a channel server: one frame a broadcast, written to every transport; no rules, no topics."""

from __future__ import annotations

import sys
from typing import Any

import orjson
import uvicorn

from bench.servers.channel import answer_http
from myapp.kit.channels._frames import text_frame

sockets: set[Any] = set()


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] == "websocket":
        await _talk(receive, send)
    elif scope["type"] == "http":
        await answer_http(scope, send, _broadcast)


def _broadcast(message: dict[str, object]) -> None:
    frame = text_frame(orjson.dumps([None, None, "bench:all", "msg", message]))
    for transport in sockets:
        transport.write(frame)


async def _talk(receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    transport = send.__self__.transport
    try:
        while (message := await receive())["type"] != "websocket.disconnect":
            join_ref, ref, topic, event, payload = orjson.loads(message["text"])
            if event == "phx_join":
                sockets.add(transport)
            answer = [join_ref, ref, topic, "phx_reply", {"status": "ok", "response": payload}]
            transport.write(text_frame(orjson.dumps(answer)))
    finally:
        sockets.discard(transport)


if __name__ == "__main__":
    uvicorn.run(
        app, port=int(sys.argv[1]), loop="uvloop", http="httptools", ws="websockets-sansio", log_level="error",
        lifespan="off",
    )  # fmt: skip

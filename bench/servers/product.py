"""The application as it is served, without its pages and with no limit on what one person asks for and opens.

`GET /resident` says what the process holds, once it has let go of what it does not need.
"""

from __future__ import annotations

import ctypes
import gc
import sys
from typing import Any

import uvicorn

from bench.servers.channel import answer_http
from myapp.kit.channels import Limits
from myapp.kit.channels.server import WebSocketProtocol
from myapp.myapp import app
from myapp.web import door


class Measured:
    """The application, and what it holds."""

    def __init__(self, application: Any) -> None:
        self._application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"] == "/resident":
            gc.collect()
            ctypes.CDLL(None).malloc_trim(0)
            await answer_http(scope, send, lambda _message: None)
        else:
            await self._application(scope, receive, send)


def serve(port: int, around: type[Measured] = Measured) -> None:
    """Serve until it is told to stop."""
    door.RATE = door.BURST = float("inf")
    app.endpoint.limits = Limits(sockets=100_000, join_rate=None)
    uvicorn.run(
        around(app()), port=port, loop="uvloop", http="httptools", ws=WebSocketProtocol,
        ws_per_message_deflate=False, log_level="error",
    )  # fmt: skip


if __name__ == "__main__":
    serve(int(sys.argv[1]))

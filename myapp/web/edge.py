"""The outermost layer: headers for every answer, and a last word when all else failed.

Files whose names carry a hash never change and may be kept for a year; pages are asked for again each time. An
exception that reaches this layer becomes the static `500.html`, which needs nothing that could be broken too.
"""

from __future__ import annotations

import logging
import secrets
from pathlib import Path
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.responses import HTMLResponse, JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger(__name__)

_FAILED_PAGE = Path(__file__).with_name("500.html")
_FOR_A_YEAR = "public, max-age=31536000, immutable"
_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "strict-origin-when-cross-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "cross-origin-opener-policy": "same-origin",
}


class Edge:
    """ASGI middleware around the whole application; sockets and lifespan pass through."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                _dress(MutableHeaders(scope=message), scope["path"], message["status"])
            await send(message)

        try:
            await self.app(scope, receive, send_with_headers)
        except Exception:
            error_id = secrets.token_hex(4)
            log.exception("a request failed [%s]", error_id)
            if started:
                raise
            await _failed(scope, error_id)(scope, receive, send_with_headers)


def _dress(headers: MutableHeaders, path: str, status: int) -> None:
    for name, value in _HEADERS.items():
        headers.setdefault(name, value)
    if path.startswith("/assets/") and status == 200:
        headers["cache-control"] = _FOR_A_YEAR
    else:
        headers.setdefault("cache-control", "no-cache")


def _failed(scope: Scope, error_id: str) -> Any:
    """HTML for people, JSON for programs."""
    accepts = dict(scope["headers"]).get(b"accept", b"")
    if b"text/html" in accepts:
        return HTMLResponse(_FAILED_PAGE.read_text(encoding="utf-8").replace("{{ id }}", error_id), 500)
    return JSONResponse({"errors": {"detail": "Internal Server Error", "id": error_id}}, 500)

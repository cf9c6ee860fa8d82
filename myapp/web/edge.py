"""The outermost layer: headers for every answer, and a last word when all else failed.

Files whose names carry a hash never change and may be kept for a year; pages are asked for again each time. An
exception that reaches this layer becomes the static `500.html`, which needs nothing that could be broken too.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Collection
from http import HTTPStatus
from pathlib import Path
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.responses import HTMLResponse, JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger(__name__)

_FAILED_PAGE = Path(__file__).with_name("500.html")
_FOR_A_YEAR = "public, max-age=31536000, immutable"
# A browser that asks whether its copy still holds takes the headers of "not modified" for the copy.
_CACHEABLE = {HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT, HTTPStatus.NOT_MODIFIED}
_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "strict-origin-when-cross-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "cross-origin-opener-policy": "same-origin",
}


class Edge:
    """ASGI middleware around the whole application; sockets and lifespan pass through.

    `pages` are the addresses that have a folder of their own among the built files. They are answered where they are
    asked for; the file server alone would send the browser to the same address with a slash at its end.
    """

    def __init__(self, app: ASGIApp, pages: Collection[str] = ()) -> None:
        self.app = app
        self._pages = frozenset(pages)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if scope["path"] in self._pages:
            scope = {**scope, "path": f"{scope['path']}/", "raw_path": f"{scope['path']}/".encode()}
        answer = _Answer(scope["path"], send)
        try:
            await self.app(scope, receive, answer.send)
            await answer.let_go()
        except Exception:
            error_id = secrets.token_hex(4)
            log.exception("a request failed [%s]", error_id)
            if answer.has_begun:
                raise
            answer.held.clear()
            await _failed(scope, error_id)(scope, receive, answer.send)
            await answer.let_go()


class _Answer:
    """Passes an answer on with our headers. One of status 500 is held back: layers beneath send it, then raise."""

    def __init__(self, path: str, send: Send) -> None:
        self._path = path
        self._send = send
        self.has_begun = False
        self.held: list[Message] = []

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            _dress(MutableHeaders(scope=message), self._path, message["status"])
            if message["status"] == HTTPStatus.INTERNAL_SERVER_ERROR:
                self.held.append(message)
                return
        if self.held:
            self.held.append(message)
            return
        self.has_begun = True
        await self._send(message)

    async def let_go(self) -> None:
        for message in self.held:
            await self._send(message)


def _dress(headers: MutableHeaders, path: str, status: int) -> None:
    for name, value in _HEADERS.items():
        headers.setdefault(name, value)
    if path.startswith("/assets/") and status in _CACHEABLE:
        headers["cache-control"] = _FOR_A_YEAR
        headers["vary"] = "Accept-Encoding"  # no other origin may read them, so they are the same for all
    else:
        headers.setdefault("cache-control", "no-cache")


def _failed(scope: Scope, error_id: str) -> Any:
    """HTML for people, JSON for programs."""
    accepts = dict(scope["headers"]).get(b"accept", b"")
    if b"text/html" in accepts:
        return HTMLResponse(
            _FAILED_PAGE.read_text(encoding="utf-8").replace("{{ id }}", error_id), HTTPStatus.INTERNAL_SERVER_ERROR
        )
    return JSONResponse(
        {"errors": {"detail": "Internal Server Error", "id": error_id}}, HTTPStatus.INTERNAL_SERVER_ERROR
    )

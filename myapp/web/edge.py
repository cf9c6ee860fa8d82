"""The outermost layer: an id for every request, headers for every answer, and a last word when all else failed.

A request keeps the id that a proxy gave it (`X-Request-ID`) or is given one; the answer says it, and so does every line
of the log that belongs to it. What is longer than any page sends is refused (413), announced or not. Files whose names
carry a hash never change and may be kept for a year; pages are asked for again each time. An exception that reaches
this layer becomes the static `500.html`, which needs nothing that could be broken too.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from http import HTTPStatus
from pathlib import Path

from starlette import status
from starlette.datastructures import MutableHeaders
from starlette.responses import HTMLResponse, JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from myapp.kit import cache, logs, whence
from myapp.web.csp import INERT, Policies

log = logging.getLogger(__name__)

MAX_BODY = 1 << 20  # bytes
MAX_UPLOAD = 1 << 30  # of which each endpoint takes as much as suits it
UPLOADS = "/uploads/"

_FAILED_PAGE = Path(__file__).with_name("500.html")
_FOR_A_YEAR = "public, max-age=31536000, immutable"
# A browser that asks whether its copy still holds takes the headers of "not modified" for the copy.
_CACHEABLE = {HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT, HTTPStatus.NOT_MODIFIED}
_UNUSED = [
    "accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "magnetometer", "microphone", "midi",
    "payment", "usb", "xr-spatial-tracking",
]  # fmt: skip
_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "strict-origin-when-cross-origin",
    "permissions-policy": ", ".join(f"{each}=()" for each in _UNUSED),
    "cross-origin-opener-policy": "same-origin",
}
NAME_MAX, PATH_MAX = 255, 1024
"""Bytes of a file's name, and characters of its path within the folder of pages."""
_NOWHERE = "/-/-"
_HSTS = "max-age=31536000; includeSubDomains"


class Edge:
    """ASGI middleware around the whole application; sockets and lifespan pass through.

    `pages` are the addresses that have a folder of their own among the `built` files. They are answered where they are
    asked for; the file server alone would send the browser to the same address with a slash at its end.
    """

    def __init__(self, app: ASGIApp, built: Path, pages: Collection[str] = (), *, is_https: bool = False) -> None:
        self.app = app
        self._pages = frozenset(pages)
        self._policies = Policies(built, is_https=is_https)
        self._headers = _HEADERS | {"strict-transport-security": _HSTS} if is_https else _HEADERS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        request_id = logs.new_request_id(headers.get(b"x-request-id", b"").decode("latin-1"))
        logs.begin(request_id)
        whence.comes_from((scope.get("client") or ("",))[0])
        path = scope["path"]
        if scope["path"] in self._pages:
            scope = _sent_to(f"{scope['path']}/", scope)
        elif not _may_be_a_file(scope["path"]) and b"text/html" in headers.get(b"accept", b""):
            scope = _sent_to(_NOWHERE, scope)
        body = _Body(receive, MAX_UPLOAD if scope["path"].startswith(UPLOADS) else MAX_BODY)
        answer = _Answer(self, path, request_id, body, send)
        if body.is_announced_too_large(headers):
            await _too_large()(scope, receive, answer.send)
            return
        await self._answer(scope, body, answer)

    async def _answer(self, scope: Scope, body: _Body, answer: _Answer) -> None:
        try:
            with cache.remember():
                await self.app(scope, body.receive, answer.send)
            await answer.let_go()
        except Exception:
            is_refused = body.is_too_large and not answer.has_begun
            if not is_refused:
                log.exception("a request failed [%s]", answer.request_id)
            if answer.has_begun:
                raise
            answer.held.clear()
            body.is_told = is_refused
            last_word = _too_large() if is_refused else _failed(scope, answer.request_id)
            await last_word(scope, body.receive, answer.send)
            await answer.let_go()

    def dress(self, headers: MutableHeaders, path: str, code: int) -> None:
        """Put what every answer says into its headers, where its endpoint has not said otherwise."""
        for name, value in self._headers.items():
            headers.setdefault(name, value)
        if path.startswith("/assets/") and code in _CACHEABLE:
            headers["cache-control"] = _FOR_A_YEAR
            headers["vary"] = "Accept-Encoding"  # no other origin may read them, so they are the same for all
        else:
            headers.setdefault("cache-control", "no-cache")
        if code != HTTPStatus.NOT_MODIFIED:  # a browser goes on by the policy that came with its copy
            is_page = headers.get("content-type", "").startswith("text/html")
            headers.setdefault("content-security-policy", self._policies.of(path) if is_page else INERT)


class _Body:
    """What is sent, up to a limit: whoever reads on finds that the sender has gone."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._left = limit
        self._limit = limit
        self.is_too_large = False
        self.is_told = False

    def is_announced_too_large(self, headers: dict[bytes, bytes]) -> bool:
        announced = headers.get(b"content-length", b"")
        return announced.isdigit() and int(announced) > self._limit

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            if self._left < 0:
                self.is_too_large = True
                raise _TooLarge
        return message


class _TooLarge(Exception):
    """More was sent than may be."""


class _Answer:
    """Passes an answer on with our headers. One of status 500 is held back: layers beneath send it, then raise."""

    def __init__(self, edge: Edge, path: str, request_id: str, body: _Body, send: Send) -> None:
        self._edge = edge
        self._path = path
        self._body = body
        self._send = send
        self.request_id = request_id
        self.has_begun = False
        self.held: list[Message] = []

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if self._body.is_too_large and not self._body.is_told:
                raise _TooLarge  # whatever an endpoint makes of a body that breaks off
            headers = MutableHeaders(scope=message)
            headers["x-request-id"] = self.request_id
            self._edge.dress(headers, self._path, message["status"])
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


def _sent_to(path: str, scope: Scope) -> Scope:
    return {**scope, "path": path, "raw_path": path.encode()}


def _may_be_a_file(path: str) -> bool:
    """Whether a file may be called so: the file server has no page for people who ask for what can be none."""
    size = max(map(len, path.encode(errors="surrogatepass").split(b"/")))
    return size <= NAME_MAX and len(path) < PATH_MAX and "\0" not in path


def _too_large() -> ASGIApp:
    """The rest is not read: the connection ends with the answer."""
    return JSONResponse(
        {"errors": {"detail": "This is larger than anything that is taken here."}},
        status.HTTP_413_CONTENT_TOO_LARGE,
        {"connection": "close"},
    )


def _failed(scope: Scope, error_id: str) -> ASGIApp:
    """HTML for people, JSON for programs."""
    accepts = dict(scope["headers"]).get(b"accept", b"")
    if b"text/html" in accepts:
        return HTMLResponse(
            _FAILED_PAGE.read_text(encoding="utf-8").replace("{{ id }}", error_id), HTTPStatus.INTERNAL_SERVER_ERROR
        )
    return JSONResponse(
        {"errors": {"detail": "Internal Server Error", "id": error_id}}, HTTPStatus.INTERNAL_SERVER_ERROR
    )

"""Tells telemetry of every HTTP request and every live event: what it was, what came of it, and how long it took.

    http.request.stop   route, method, status       {duration}
    live.event.stop     state, handler, outcome     {duration}

A route is a template such as `/o/[org_slug]/posts`, a handler is named as in the code: neither is what anybody sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import cache, partial
from time import perf_counter
from typing import Any

from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from myapp.kit import telemetry
from myapp.kit.errors import AppError
from myapp.kit.telemetry import Span

type PageOf = Callable[[str], str | None]

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
CLOSED = 499
"""What nginx calls a request whose sender did not wait for the answer."""


class MeasuredRequests:
    """ASGI middleware right around what has the routes: they are found in the scope afterwards.

    `page_of` knows which page an address shows, as a template; they are files, and have no route.
    """

    def __init__(self, app: ASGIApp, page_of: PageOf) -> None:
        self.app = app
        self._page_of = page_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path, status = scope["path"], CLOSED

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        method = scope["method"] if scope["method"] in METHODS else "other"
        span = telemetry.span("http.request", {"method": method, "traceparent": _traceparent(scope)})
        span.begin()
        try:
            await self.app(scope, receive, answer)
        except Exception:
            status = 500
            raise
        finally:
            span.metadata["route"] = self._route(scope, path)
            span.metadata["status"] = status
            span.end()

    def _route(self, scope: Scope, path: str) -> str:
        route = scope.get("route")
        if route is None or isinstance(route, Mount):
            if path.startswith("/assets/"):
                return "/assets/*"
            page = self._page_of(path.rstrip("/") or "/")
            return "(none)" if page is None else f"/{page.removeprefix('index').strip('/')}"
        whole = scope.get("fastapi", {}).get("effective_route_context")  # with the prefix of its router
        return getattr(whole, "path_format", None) or route.path_format


def _traceparent(scope: Scope) -> str:
    """What it belongs to, by whoever sent it (https://www.w3.org/TR/trace-context/#traceparent-header), or nothing."""
    found = next((value for name, value in scope["headers"] if name == b"traceparent"), b"")
    return found.decode("latin-1")


def measure_until_the_task_ends(handler: Callable[..., Any]) -> None:
    """A handler is about to run in this task, which does nothing else."""
    task = asyncio.current_task()
    if task is None:
        return
    if telemetry.is_attached("live.event.start"):
        span = telemetry.span("live.event", _names(handler))
        span.begin()
        task.add_done_callback(partial(_ended, span))
    else:
        task.add_done_callback(_Event(_names(handler)))


class _Event:
    """A live event of which nobody wants to know the beginning: a span in as few steps as it can be told in.

    Each costs every event, and between two events the processor has forgotten all of this code.
    """

    __slots__ = ("names", "started")

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names
        self.started = perf_counter()

    def __call__(self, task: asyncio.Task[Any]) -> None:
        duration = perf_counter() - self.started
        telemetry.execute("live.event.stop", {"duration": duration}, {**self.names, "outcome": _outcome(task)})


def _ended(span: Span, task: asyncio.Task[object]) -> None:
    span.metadata["outcome"] = _outcome(task)
    span.end()


def _outcome(task: asyncio.Task[object]) -> str:
    """`refused` is what a person is told in words: not found, not allowed, not valid."""
    if task.cancelled():
        return "cancelled"
    error = task.exception()
    if error is None:
        return "ok"
    return "refused" if isinstance(error, AppError) else "failed"


@cache
def _names(handler: Callable[..., Any]) -> Mapping[str, str]:
    state, _, name = handler.__qualname__.rpartition(".")
    return {"state": state, "handler": name}

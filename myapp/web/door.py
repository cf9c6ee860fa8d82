"""The one door for what browsers send over Reflex's socket, and the only file that touches Reflex's private parts.

A socket opens for our own origin only. An event goes in when its name is known, its handler is marked for browsers
(`events.py`) and the tab keeps to its rate; anything else is dropped before a state is loaded or a header is logged.
A second check stands right before a handler runs (`BeforeHandlers`), for the ways in that do not pass the socket, such
as uploads. Reflex is pinned exactly: `tests/web/test_door.py` fails when these parts change their shape.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextvars import Context
from functools import cache
from inspect import signature
from types import UnionType
from typing import Any, cast, override

import reflex as rx
from reflex.app import _ContextMiddleware
from reflex.middleware.middleware import Middleware
from reflex.state import BaseState, FrontendEventExceptionState, StateUpdate
from reflex_base.event import Event, EventHandler
from reflex_base.event.context import EventContext
from reflex_base.registry import RegistrationContext
from reflex_base.utils.format import format_event_handler
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp

from myapp.kit import logs, telemetry, whence
from myapp.kit.cache import remember_until_the_task_ends
from myapp.kit.i18n import set_locale
from myapp.kit.query_log import unit_until_the_task_ends
from myapp.kit.token_bucket import TokenBucket
from myapp.web.events import Caller, caller_of
from myapp.web.frames import end_on_unreadable, known_frames
from myapp.web.measured import measure_until_the_task_ends
from myapp.web.one_origin import is_same_origin
from myapp.web.session import locale_of

log = logging.getLogger(__name__)

# What Reflex's own browser code sends. Its other handlers set cookies, storage or any var: none of ours needs them.
_ROOT = "reflex___state____state"
REPORT = f"{_ROOT}.reflex___state____frontend_event_exception_state.handle_frontend_exception"
# With what they come. `hydrate_and_load` would take values of cookies and storage, too, which none of our states has.
_FRAMEWORK: dict[str, dict[str, type | UnionType]] = {
    f"{_ROOT}.hydrate": {},
    f"{_ROOT}.hydrate_and_load": {"hashes": list},
    f"{_ROOT}.reflex___state____on_load_internal_state.on_load_internal": {},
    REPORT: {"info": str, "component_stack": str | None},  # React's may be null
}
FRAMEWORK_EVENTS = frozenset(_FRAMEWORK)
# Sent by handlers and by Reflex itself, never by a browser.
INTERNAL_EVENTS = FRAMEWORK_EVENTS | {
    f"{_ROOT}.set_is_hydrated",
    f"{_ROOT}.reflex___state____on_load_internal_state.set_is_hydrated",
}
EVENT_PATH = "/_event"
CHAIN = 100  # events that lead to one another
RATE, BURST = 20.0, 80  # events a second a tab, and how many may come at once
REPORTS = 20  # of failures in browsers that may come at once, from all; one a second then: each is a line of the log


class Door:
    """Stands in front of Reflex's event namespace."""

    def __init__(self, app: rx.App) -> None:
        namespace = app.event_namespace
        if namespace is None or app.sio is None:
            raise RuntimeError("the app has no state, so there is nothing to guard")
        self._namespace = namespace
        self._admit, self._leave = namespace.on_event, namespace.on_disconnect
        self._report = namespace.on_client_error
        self._buckets: dict[str, TokenBucket] = {}
        self._reports = TokenBucket(rate=1, burst=REPORTS)
        self._closed: list[Callable[[str], None]] = []
        self._tasks: set[asyncio.Future[Any]] = set()
        self._app = app
        namespace.on_event = self.on_event
        namespace.on_disconnect = self.on_disconnect
        namespace.on_client_error = self.on_client_error
        app.sio.eio.cors_allowed_origins = _from_our_origin
        app.sio.eio._log_error_once = _note  # noqa: SLF001
        end_on_unreadable(app.sio)
        app.add_middleware(BeforeHandlers())
        FrontendEventExceptionState.auto_reload_on_errors.clear()  # it reloads pages by `eval`

    def when_closed(self, callback: Callable[[str], None]) -> None:
        """Call `callback(token)` when a tab's connection has ended, however it ended."""
        self._closed.append(callback)

    def figures(self) -> None:
        """Execute telemetry's `live.tabs`: how many are `connected`, in this process."""
        telemetry.execute("live.tabs", {"connected": len(self._namespace._token_manager.token_to_socket)})  # noqa: SLF001

    def deliver(self, token: str, handler: Any, *arguments: object) -> bool:
        """Run a handler in a tab, as if it had asked for it; False when the tab is gone.

        The handler gets the very objects: nothing leaves the process.
        """
        if token not in self._namespace._token_manager.token_to_socket:  # noqa: SLF001
            return False
        registered = handler if isinstance(handler, EventHandler) else handler.handler
        names = list(registered.get_parameters())[1:]
        name = format_event_handler(registered)
        event = Event(name=name, payload=dict(zip(names, arguments, strict=True)))
        # In a context of its own: it is no part of the event that told of it, perhaps another tab's.
        loop = asyncio.get_running_loop()
        task = loop.create_task(self._app.event_processor.enqueue(token, event), context=Context())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def on_event(self, sid: str, data: Any, *more: Any) -> None:
        refusal = "not an event" if more else self._refusal(sid, data)
        if refusal:
            log.debug("refused an event of %s: %s", sid, refusal)
            telemetry.execute("live.refused", {}, {"reason": refusal})
            return
        await self._admit(sid, _whole(data))

    async def on_client_error(self, sid: str, data: Any = None, *_more: Any) -> None:
        await self._report(sid, data)

    def on_disconnect(self, sid: str) -> asyncio.Task[None] | None:
        self._buckets.pop(sid, None)
        token = self._namespace.sid_to_token.get(sid)
        task = self._leave(sid)
        if token is not None:
            for callback in self._closed:
                callback(token)
        return task

    def _refusal(self, sid: str, data: Any) -> str:
        """Why the event may not come in, or nothing. Never holds what the client wrote: it goes to the log."""
        bucket = self._buckets.get(sid)
        if bucket is None:
            bucket = self._buckets[sid] = TokenBucket(rate=RATE, burst=BURST)
        if not bucket.take():
            return "too many events"
        if not _is_event(data):
            return "not an event"
        refusal = _closed_to(data)
        if not refusal and data["name"] == REPORT and not self._reports.take():
            return "too many reports"
        return refusal


def _closed_to(data: dict[str, Any]) -> str:
    """Why a browser may not send this event, or nothing."""
    name, payload = data["name"], data.get("payload") or {}
    if name in _FRAMEWORK:
        return "" if _is_as_reflex_sends(payload, _FRAMEWORK[name]) else "other arguments than the handler takes"
    registered = RegistrationContext.get().event_handlers.get(name)
    if registered is None:
        return "no such event"
    function = registered.handler.fn
    if caller_of(function) is not Caller.BROWSER:
        return "not open to browsers"
    required, known = _arguments(function)
    if not required <= payload.keys() <= known:
        return "other arguments than the handler takes"
    return ""


def _whole(data: dict[str, Any]) -> dict[str, Any]:
    """The event with what Reflex relies on where its sender has said nothing, or null."""
    return {**data, **{name: data.get(name) or {} for name in ("payload", "router_data")}}


def _is_as_reflex_sends(payload: dict[str, Any], known: dict[str, type | UnionType]) -> bool:
    """Whether all texts are there, and nothing else than what is known."""
    needed = {name for name, kind in known.items() if kind is not list}
    return needed <= payload.keys() <= known.keys() and all(
        isinstance(value, known[name]) for name, value in payload.items()
    )


@cache
def _arguments(function: Callable[..., Any]) -> tuple[frozenset[str], frozenset[str]]:
    """The names a handler must be given, and those it may be given."""
    parameters = list(signature(function).parameters.values())[1:]
    required = frozenset(each.name for each in parameters if each.default is each.empty)
    return required, frozenset(each.name for each in parameters)


def _is_event(data: Any) -> bool:
    """Whether it has the shape Reflex goes on to rely on."""
    if not isinstance(data, dict) or not isinstance(data.get("name"), str):
        return False
    payload, route = data.get("payload") or {}, data.get("router_data") or {}
    return (
        isinstance(payload, dict)
        and isinstance(route, dict)
        and isinstance(route.get("query", {}), dict)
        and all(isinstance(route.get(key, ""), str) for key in ("pathname", "asPath"))
    )


def event_socket(app: rx.App) -> ASGIApp:
    """What serves the tabs' sockets, by itself.

    Reflex has it beneath the layers of the HTTP endpoints, which do nothing for a socket, but each of which would stay
    in memory as long as the tab is open: 10 KiB of coroutines.
    """
    [mount] = [each for each in cast("Starlette", app._api).routes if getattr(each, "path", "") == EVENT_PATH]  # noqa: SLF001
    return known_frames(_ContextMiddleware(cast("Mount", mount).app, reflex_app=app))


class BeforeHandlers(Middleware):
    """What happens right before a handler runs: one step for all of it, as every step costs each event."""

    @override
    async def preprocess(self, app: rx.App, state: BaseState, event: Event) -> StateUpdate | None:
        handler = RegistrationContext.get().event_handlers[event.name].handler
        _begin_to_log(app, handler.fn.__qualname__)
        if event.name not in INTERNAL_EVENTS and caller_of(handler.fn) is None:
            log.warning("refused %s: the handler is not marked", handler.fn.__qualname__)
            return StateUpdate()
        measure_until_the_task_ends(handler.fn)
        set_locale(locale_of(cast("rx.State", state)))  # texts that it makes are in the reader's language
        if not handler.is_background:
            unit_until_the_task_ends()  # queries that repeat are looked for in one event as a whole
            remember_until_the_task_ends()
        return None


def _begin_to_log(app: rx.App, handler: str) -> None:
    """What is logged from here on belongs to this event, or to the one that began its chain."""
    context = EventContext.get()
    first = context.txid if context.parent_txid is None else _first_of_chain(app, context)
    context.cached_states[logs.Request] = logs.begin(first, event=handler)
    whence.comes_from(context.router_data.get("ip", ""))


def _first_of_chain(app: rx.App, context: EventContext) -> str:
    """The id of the event that a browser or a subscription sent, of which this one came, perhaps over others.

    Of a handler that calls itself again and again it is one of the last hundred.
    """
    futures = app.event_processor._futures  # noqa: SLF001
    future = futures.get(context.txid)
    first = context.parent_txid or context.txid
    for _ in range(CHAIN):
        future = future.parent if future is not None else None
        if future is None or not future.txid:
            break
        first = future.txid
    return first


def resume_event() -> None:
    """After a handler has failed Reflex goes on in another task: what is logged there belongs to the same event."""
    try:
        request = EventContext.get().cached_states.get(logs.Request)
    except LookupError:  # called by itself
        return
    if request is not None:
        logs.resume(request)


def _note(words: str, _kind: str) -> None:
    """What Engine.IO says of somebody's request that it refuses, as an error the first time: none of ours."""
    log.debug("refused a socket: %s", words)


def _from_our_origin(origin: str, environ: dict[str, Any]) -> bool:
    """Engine.IO asks this for every connection that names an origin; browsers always do."""
    return is_same_origin(origin, environ["asgi.scope"])

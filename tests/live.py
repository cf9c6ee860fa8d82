"""Drives the pages of a real `rx.App` without a browser, in about a tenth of a second a test.

Everything above the WebSocket frame is the real thing: the Socket.IO server, Reflex's event namespace (tokens, route,
headers and cookies), its event processor and state manager, our middleware and guards. Only Engine.IO's `send` is
replaced, by a recorder that keeps each tab's copy of the state just as React would hold it. What Phoenix tests with
`Phoenix.LiveViewTest`.

    async with Live(app) as live:
        ada = await live.open("/o/demo/posts", cookies={"session": token})
        await ada.send(PostsState.search("elixir"))
        assert ada.get(PostsState.total) == 3
        await ada.until(lambda: ada.get(PostsState.total) == 4)     # pushed by another tab

Reflex has no public way in, so its private names stand here and in `tests/live_tab.py`, and nowhere else in the tests
(Reflex is pinned exactly).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Self

import reflex as rx
import socketio
from engineio import packet as engineio_packet
from reflex.compiler.utils import compile_state
from reflex.istate.manager.memory import StateManagerMemory
from reflex.state import State, all_base_state_classes
from reflex_base.event import Event
from reflex_base.event.context import EventContext
from reflex_base.event.processor.future import EventFuture
from reflex_base.registry import RegistrationContext
from reflex_base.utils.format import json_dumps

from tests.live_tab import Delta, Tab

__all__ = ["Live", "Tab", "own_app"]


def own_app(**options: Any) -> rx.App:
    """An app of a test module's own: Reflex allows one a registration context, and the product's has the first."""
    with RegistrationContext.ensure_context().fork():
        app = rx.App(**options)
    app._enable_state()
    return app


@cache
def _compiled(_number_of_states: int) -> str:
    """What is built into the bundle: it stays the same while no state comes to those there are."""
    return json_dumps(compile_state(State))


class Live:
    """The app with its event loop running and its connections imagined: `async with Live(app) as live`.

    Lifespan tasks of the app are not run: what the pages need (database, PubSub) the test's own fixtures have started.
    """

    def __init__(self, app: rx.App) -> None:
        self.app = app
        self.tabs: dict[str, Tab] = {}
        self._bundle = "{}"
        self._listeners: list[tuple[Tab, list[EventFuture]]] = []
        self._stack = contextlib.AsyncExitStack()

    @property
    def sio(self) -> socketio.AsyncServer:
        if self.app.sio is None:
            raise RuntimeError("the app has no state, so it has no socket")
        return self.app.sio

    def initial_state(self) -> Delta:
        """What is built into the bundle: a first page is sent only what differs from it."""
        return json.loads(self._bundle)

    async def open(
        self,
        path: str = "/",
        *,
        cookies: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        token: str | None = None,
    ) -> Tab:
        """A new tab at `path`, loaded."""
        cookie = {"cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())} if cookies else {}
        return await Tab(self, path, {"host": "localhost", **cookie, **(headers or {})}, token).open()

    @contextlib.contextmanager
    def events_of(self, tab: Tab) -> Iterator[list[EventFuture]]:
        """The events, not set off by other events, that this tab's token queues inside the block."""
        listener = (tab, list[EventFuture]())
        self._listeners.append(listener)
        try:
            yield listener[1]
        finally:
            self._listeners.remove(listener)

    async def __aenter__(self) -> Self:
        app = self.app
        app._state_manager = manager = StateManagerMemory()
        self._stack.push_async_callback(manager.close)
        self._bundle = _compiled(len(all_base_state_classes))
        self._stack.callback(RegistrationContext.reset, RegistrationContext.set(app._registration_context))
        self._record_instead_of_sending()
        await self._stack.enter_async_context(app._setup_event_processor())
        self._stack.enter_context(app.set_contexts())
        self._watch_the_queue()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._ends()
        for tab in list(self.tabs.values()):
            await tab.close()
        await self._stack.aclose()

    async def _ends(self) -> None:
        """What tabs are told just now: cut off, it would begin anew what the state manager has ended."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(10):
                while running := list(self.app.event_processor._tasks.values()):
                    await asyncio.wait(running)

    def _record_instead_of_sending(self) -> None:
        engine = self.sio.eio
        saved = engine.send, engine.send_packet

        async def send(connection: str, data: object) -> None:
            if tab := self.tabs.get(connection):
                tab.receive(str(data))

        async def send_packet(connection: str, packet: engineio_packet.Packet) -> None:
            if packet.packet_type == engineio_packet.MESSAGE:
                await send(connection, packet.data)

        def restore() -> None:
            engine.send, engine.send_packet = saved

        engine.send, engine.send_packet = send, send_packet
        self._stack.callback(restore)

    def _watch_the_queue(self) -> None:
        processor = self.app.event_processor
        enqueue = processor.enqueue

        async def watched(token: str, event: Event, ev_ctx: EventContext | None = None) -> EventFuture:
            future = await enqueue(token, event, ev_ctx)
            if future.parent is None:
                for tab, events in self._listeners:
                    if tab.token == token:
                        events.append(future)
            return future

        processor.enqueue = watched

"""One browser tab of the tests' own, with the copy of its state that React would hold; see `tests/live.py`."""

from __future__ import annotations

import asyncio
import contextlib
import json
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, Self
from urllib.parse import parse_qs, urlsplit

import reflex as rx
from reflex.state import State
from reflex_base.event import Event
from reflex_base.event.processor.future import EventFuture

if TYPE_CHECKING:
    from tests.live import Live

type Delta = dict[str, dict[str, Any]]
type Wait = Literal["chain", "handler", "nothing"]

NAMESPACE = "/_event"
FIELD_MARK = "_rx_state_"  # what Reflex appends to a var's name on the wire
PATIENCE = 5.0  # seconds a test waits before it fails: never how long it takes


class Tab:
    """One browser tab: a connection that is not there, and the state it was sent."""

    def __init__(self, live: Live, path: str, headers: Mapping[str, str], token: str | None) -> None:
        self._live = live
        self._connection = uuid.uuid4().hex
        self._headers = headers
        self._state: Delta = live.initial_state()
        self._changed = asyncio.Event()
        self.path = path
        self.token = token or str(uuid.uuid4())
        self.deltas: list[Delta] = []
        self.browser_events: list[dict[str, Any]] = []  # what the server asks the browser to do: redirect, focus …
        self.bytes_received = 0

    # What a test uses

    def get(self, var: object) -> Any:
        """What the page holds for `var`, such as `PostsState.total`."""
        state, name = _address(var)
        return self._state[state][name]

    @property
    def redirects(self) -> list[str]:
        """Where the server has sent this tab so far."""
        return [event["payload"]["path"] for event in self.browser_events if event["name"] == "_redirect"]

    async def send(self, event: Any, *args: object, wait: Wait = "chain") -> list[Delta]:
        """Call a handler as the browser would: `send(S.increment)`, `send(S.add("x"))` or `send(S.add, "x")`.

        Waits for the handler and all it set off ("chain"), for the handler alone, or for nothing; raises what they
        raised. Returns the deltas that came meanwhile.
        """
        start = len(self.deltas)
        for spec in Event.from_event_type(event(*args) if args else event):
            with self._live.events_of(self) as events:
                await self._emit(self._event(spec.name, json.loads(json.dumps(spec.payload, default=_plain))))
            await self._settle(events, wait)
        return self.deltas[start:]

    async def send_raw(self, name: str, payload: Mapping[str, object] | None = None) -> None:
        """An event that no page of ours would send: any name, any payload, as an attacker can."""
        with self._live.events_of(self) as events:
            await self._emit(self._event(name, dict(payload or {})))
        await self._settle(events, "chain")

    async def submit(self, handler: Any, fields: Mapping[str, object]) -> list[Delta]:
        """Send a form's fields to its `on_submit` handler."""
        return await self.send(handler, dict(fields))

    async def navigate(self, path: str) -> None:
        """Follow a link inside the app: the next page's on_load runs on the same connection."""
        self.path = path
        name = f"{_root()}.reflex___state____on_load_internal_state.on_load_internal"
        with self._live.events_of(self) as events:
            await self._emit(self._event(name, {}))
        await self._settle(events, "chain")

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until what the server pushes makes `condition` true."""
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    async def reconnect(self, *, noticed: bool = True) -> Tab:
        """The network came back: a new connection with the same token.

        With `noticed=False` the server still believes in the old one, takes this for a copied tab and gives it a new
        token and an empty state: what a page shows must survive that too.
        """
        if noticed:
            await self.close()
        return await Tab(self._live, self.path, self._headers, self.token).open()

    @contextlib.asynccontextmanager
    async def server_state[S: rx.State](self, cls: type[S]) -> AsyncIterator[S]:
        """This tab's state on the server, locked; changes made here are pushed to the tab."""
        async with self._live.app.modify_state(rx.BaseStateToken(ident=self.token, cls=cls)) as root:
            yield await root.get_state(cls)

    # The wire

    async def open(self) -> Self:
        """Connect, and wait for the first page with all its on_load handlers."""
        query = f"token={self.token}&EIO=4&transport=websocket"
        headers = [(name.lower().encode(), value.encode()) for name, value in self._headers.items()]
        environ = {"QUERY_STRING": query, "asgi.scope": {"client": ("127.0.0.1", 40_000), "headers": headers}}
        sio = self._live.sio
        self._live.tabs[self._connection] = self
        await sio._handle_eio_connect(self._connection, environ)
        boot = {"event": self._event(f"{_root()}.hydrate_and_load", {})}
        with self._live.events_of(self) as events:
            await sio._handle_eio_message(self._connection, f"0{NAMESPACE}," + json.dumps(boot))
        await self._settle(events, "chain")
        await self.until(lambda: self._state.get(_root(), {}).get("is_hydrated" + FIELD_MARK))
        return self

    async def close(self) -> None:
        """Close the tab; returns when the server has forgotten its connection."""
        if self._live.tabs.pop(self._connection, None) is None:
            return
        await self._live.sio._handle_eio_disconnect(self._connection, "transport close")
        namespace = self._live.app.event_namespace
        async with asyncio.timeout(PATIENCE):
            # Reflex unlinks in a task of its own and tells nobody.
            while namespace is not None and self.token in namespace.sid_to_token.values():  # noqa: ASYNC110
                await asyncio.sleep(0)

    def receive(self, data: str) -> None:
        """Take one Socket.IO packet: 0 connected, 2 an event, 4 refused (protocol 5)."""
        self.bytes_received += len(data)
        kind, rest = data[0], data[1:]
        if rest.startswith("/"):
            _, _, rest = rest.partition(",")
        if kind == "4":
            raise ConnectionRefusedError(rest)
        if kind == "2":
            name, *args = json.loads(rest)
            if name == "event":
                self._apply(args[0])
            elif name == "new_token":
                self.token = args[0]
        self._changed.set()

    def _apply(self, update: dict[str, Any]) -> None:
        if delta := update.get("delta"):
            self.deltas.append(delta)
            for state, changes in delta.items():
                self._state.setdefault(state, {}).update(changes)
        self.browser_events.extend(update.get("events", []))

    async def _emit(self, event: dict[str, Any]) -> None:
        packet = f"2{NAMESPACE}," + json.dumps(["event", event])
        await self._live.sio._handle_eio_message(self._connection, packet)

    def _event(self, name: str, payload: dict[str, Any]) -> dict[str, Any]:
        url = urlsplit(self.path)
        query: dict[str, Any] = {key: v if len(v) > 1 else v[0] for key, v in parse_qs(url.query).items()}
        route = self._live.app.router(url.path) or ""
        for pattern, value in zip(route.strip("/").split("/"), url.path.strip("/").split("/"), strict=False):
            if pattern.startswith("["):  # React Router fills in the route's arguments
                query[pattern.strip("[.]")] = value
        return {
            "name": name,
            "payload": payload,
            "router_data": {"pathname": url.path, "asPath": self.path, "query": query},
        }

    @staticmethod
    async def _settle(events: list[EventFuture], wait: Wait) -> None:
        """Wait for the events a test set off, and for what those set off; the first failure is the test's."""
        if wait == "nothing":
            return
        for event in events:  # grows while it is walked
            _, late = await asyncio.wait([event], timeout=PATIENCE)
            if late:
                raise TimeoutError(f"{event} was not done in {PATIENCE} s; an endless handler needs wait='nothing'")
            if not event.cancelled() and (error := event.exception()):  # cancelled: a newer navigation took over
                raise error
            if wait == "chain":
                events.extend(event.children)


def _root() -> str:
    return State.get_full_name()


def _address(var: object) -> tuple[str, str]:
    """The state and the name under which a var travels."""
    if not isinstance(var, rx.Var) or (data := var._get_all_var_data()) is None:
        raise TypeError(f"not the var of a state: {var!r}")
    return data.state, data.field_name + FIELD_MARK


def _plain(value: object) -> object:
    """What the browser would put on the wire for an argument: the value of a literal var, else its text."""
    return value._var_value if isinstance(value, rx.vars.LiteralVar) else str(value)  # pyright: ignore[reportAttributeAccessIssue]

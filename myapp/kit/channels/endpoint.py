"""`/socket/websocket?vsn=2.0.0`: where clients connect. A plain ASGI application.

    endpoint = Endpoint({"room:*": RoomChannel()}, connect=who_is_it, is_our_page=is_same_origin)
    async with endpoint.running():
        ...                                 # serve `endpoint` where sockets are expected

What always holds: nobody is in before `connect` has said who it is; a page of another origin is refused; whoever sends
nothing for `idle` seconds is closed, as is everybody of a person with more than `sockets` connections; all of it is
forgotten when the connection ends, however it ends.

`Phoenix.Endpoint`'s `socket/3` and `Phoenix.Socket`'s `connect/3`.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, MutableMapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from myapp.kit import telemetry
from myapp.kit.channels._outbox import PATIENCE, Send
from myapp.kit.channels.channel import Channel, Rate, Refused
from myapp.kit.channels.close import Close
from myapp.kit.channels.connection import Connection
from myapp.kit.channels.hub import Ended, Hub
from myapp.kit.errors import AppError, RateLimited
from myapp.kit.supervisor import beside
from myapp.kit.token_bucket import TokenBucket

type AsgiScope = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
type Connect = Callable[[Handshake], Awaitable[Identity]]

log = logging.getLogger(__name__)

VERSION = "2.0.0"
_BEARER = "base64url.bearer.phx."
SWEEP = 5.0  # seconds
GRACE = 5.0  # seconds that handlers under way are given when the channels stop
JOIN_RATE = Rate(600, 60)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one client, and one person, may have of the server."""

    sockets: int = 5  # connections of one person to this process
    joins: int = 100  # topics of one connection
    join_rate: Rate | None = JOIN_RATE  # joins of one person: each may cost queries
    message_size: int = 64 * 1024  # bytes
    idle: float = 60.0  # seconds without a message, of which heartbeats come every 30


@dataclass(frozen=True, slots=True)
class Handshake:
    """What a client says when it connects. `cookies` is empty unless a page of ours has sent it."""

    params: Mapping[str, str]
    cookies: str
    auth_token: str | None
    address: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Who it is: limits are counted by `person`, `disconnect` names `id`, every socket starts with `assigns`."""

    person: str
    id: str = ""
    assigns: dict[str, Any] = field(default_factory=dict[str, Any])
    max_sockets: int | None = None  # in place of the endpoint's limit


class Person:
    """What one person does over all connections to this process."""

    __slots__ = ("_buckets", "connections")

    def __init__(self) -> None:
        self.connections: set[Connection] = set()
        self._buckets: dict[str, TokenBucket] = {}

    def spend(self, rate: Rate, what: str) -> None:
        """Count one message to a topic, or of a kind there. Raises RateLimited when it is one too many."""
        bucket = self._buckets.get(what)
        if bucket is None:
            bucket = self._buckets[what] = TokenBucket(rate=rate.count / rate.seconds, burst=rate.count)
        if not bucket.take():
            telemetry.execute("rate_limit.refused", {"wait": bucket.retry_after()}, {"limit": "channels"})
            raise RateLimited(bucket.retry_after())

    def is_forgettable(self) -> bool:
        """Whether nothing is left to remember; it forgets what has passed."""
        self._buckets = {topic: bucket for topic, bucket in self._buckets.items() if not bucket.is_full()}
        return not self.connections and not self._buckets


class Endpoint:
    """Takes connections, and knows which channel answers for which topic."""

    def __init__(
        self,
        channels: Mapping[str, Channel],
        *,
        connect: Connect,
        is_our_page: Callable[[str, Mapping[str, Any]], bool],
        limits: Limits | None = None,
        ended: Ended | None = None,
    ) -> None:
        """`ended` is asked which ids are to be disconnected, once some `disconnect` may have been missed."""
        self._exact = {topic: channel for topic, channel in channels.items() if not topic.endswith("*")}
        self._wild = sorted(
            ((pattern[:-1], channel) for pattern, channel in channels.items() if pattern.endswith("*")),
            key=lambda pair: -len(pair[0]),  # the closest one answers
        )
        self._connect = connect
        self._ended = ended
        self._is_our_page = is_our_page
        self._people: dict[str, Person] = {}
        self._hub: Hub | None = None
        self.limits = limits or Limits()

    @property
    def hub(self) -> Hub:
        if self._hub is None:
            raise RuntimeError("the channels are not started: application.py starts them")
        return self._hub

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Take connections until the end of the block; then close what is left, and finish what it had asked for."""
        hub = self._hub = Hub(self._ended)
        try:
            async with beside(self._keep_sweeping()):
                yield
                self._close_all()
                await hub.finish(GRACE)
        finally:
            self._close_all()
            for channel in (*self._exact.values(), *(channel for _, channel in self._wild)):
                channel.close()
            hub.close()
            self._hub = None

    def _close_all(self) -> None:
        for person in tuple(self._people.values()):
            for connection in tuple(person.connections):
                connection.close(Close.GOING_AWAY)

    def channel_for(self, topic: str) -> Channel | None:
        """The channel of a topic: its own name first, then the longest pattern `<beginning>*`."""
        if len(topic.split()) != 1 or topic != topic.strip():
            return None
        if found := self._exact.get(topic):
            return found
        return next((channel for beginning, channel in self._wild if topic.startswith(beginning)), None)

    def figures(self) -> None:
        """Execute telemetry's `channel.sockets`, and for each channel `channel.messages` since it was asked last."""
        connections = [each for person in self._people.values() for each in person.connections]
        people = sum(bool(person.connections) for person in self._people.values())
        joined = sum(connection.joined for connection in connections)
        telemetry.execute("channel.sockets", {"connections": len(connections), "people": people, "joined": joined})
        if self._hub is not None:
            self._hub.tell_messages()

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """One WebSocket, from its handshake to its end."""
        if (await receive())["type"] != "websocket.connect":
            return
        began = time.monotonic()
        identity, hub = await self._identify(scope), self._hub
        if identity is None or hub is None:
            await send(
                {"type": "websocket.close", "code": 4003, "reason": "not allowed"}
            )  # a 403, before the handshake
            return
        protocol = "phoenix" if "phoenix" in scope.get("subprotocols", ()) else None
        await send({"type": "websocket.accept", "subprotocol": protocol})
        person = self._people.setdefault(identity.person, Person())
        connection = Connection(self, send, person, identity.assigns, identity.id, _address(scope))
        if len(person.connections) >= (identity.max_sockets or self.limits.sockets):
            connection.close(Close.TOO_MANY)
            await _until_gone(receive)
            return
        person.connections.add(connection)
        hub.register(connection, since=began)
        hand_over = getattr(getattr(send, "__self__", None), "hand_over", None)
        if hand_over is not None:
            hand_over(connection.receive)
        try:
            await _read(connection, receive)
        finally:
            connection.gone()
            person.connections.discard(connection)
            hub.forget(connection)

    async def _identify(self, scope: AsgiScope) -> Identity | None:
        handshake = self._handshake(scope)
        if handshake is None:
            return None
        try:
            return await self._connect(handshake)
        except (Refused, AppError):
            return None

    def _handshake(self, scope: AsgiScope) -> Handshake | None:
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        params = dict(parse_qsl(scope["query_string"].decode("latin-1"), max_num_fields=50, keep_blank_values=True))
        origin = headers.get(b"origin")
        if params.get("vsn", VERSION) != VERSION or (origin is not None and not self._is_our_page(origin, scope)):
            return None
        # Browsers always name the origin. Whoever does not is a program, which has no business with a person's cookies.
        cookies = headers.get(b"cookie", "") if origin is not None else ""
        return Handshake(params, cookies, _auth_token(scope.get("subprotocols", [])), _address(scope))

    async def _keep_sweeping(self) -> None:
        stuck = set[Connection]()
        while True:
            await asyncio.sleep(SWEEP)
            try:
                stuck = self._sweep(stuck)
            except Exception:
                log.exception("channels skip a sweep")

    def _sweep(self, stuck_before: set[Connection]) -> set[Connection]:
        """Close who is silent, or was stuck the last time too; the ones that are stuck now."""
        now, stuck = time.monotonic(), set[Connection]()
        for name, person in tuple(self._people.items()):
            for connection in tuple(person.connections):
                if now - connection.last_seen > self.limits.idle:
                    connection.close(Close.IDLE)
                elif connection.outbox.is_stuck():
                    stuck.add(connection)
            if person.is_forgettable():
                del self._people[name]
        for connection in stuck & stuck_before:
            connection.close(Close.SLOW)
        return stuck


async def _read(connection: Connection, receive: Receive) -> None:
    while not connection.is_closed:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            return
        text = message.get("text")
        wait = connection.receive(message["bytes"] if text is None else text)
        if wait is not None:
            await wait()
    await _until_gone(receive)


async def _until_gone(receive: Receive) -> None:
    """A server ends the connection when the application returns; the close frame is to arrive before that."""
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            while (await receive())["type"] != "websocket.disconnect":
                pass


def _address(scope: AsgiScope) -> str:
    return (scope.get("client") or ("", 0))[0]


def _auth_token(subprotocols: list[str]) -> str | None:
    """What phoenix.js sends as `authToken`: a subprotocol, as browsers let no page set a header."""
    for each in subprotocols:
        if each.startswith(_BEARER):
            encoded = each.removeprefix(_BEARER)
            try:
                return base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode()
            except (binascii.Error, ValueError):
                return None
    return None

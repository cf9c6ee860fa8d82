"""One client's WebSocket: what it sends is read here, and handed to the sockets of the topics it has joined.

The names and the order of the answers are `Phoenix.Socket`'s, so that its clients need not know the difference.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from myapp.kit import logs, telemetry, whence
from myapp.kit.channels import _wire
from myapp.kit.channels._outbox import Send, outbox
from myapp.kit.channels._wire import Message
from myapp.kit.channels.channel import refusal
from myapp.kit.channels.close import Close
from myapp.kit.channels.socket import Socket
from myapp.kit.errors import RateLimited

if TYPE_CHECKING:
    from myapp.kit.channels.endpoint import Endpoint, Person

log = logging.getLogger(__name__)

UNMATCHED = {"reason": "unmatched topic"}


class Connection:
    """Everything one client does over one WebSocket."""

    __slots__ = (
        "_endpoint",
        "_max_size",
        "_sockets",
        "address",
        "assigns",
        "id",
        "is_closed",
        "key",
        "last_seen",
        "loop",
        "outbox",
        "person",
    )

    def __init__(
        self,
        endpoint: Endpoint,
        send: Send,
        person: Person,
        assigns: dict[str, Any],
        id: str,  # noqa: A002
        address: str = "",
    ) -> None:
        self._endpoint = endpoint
        self.person = person
        self._max_size = endpoint.limits.message_size
        self._sockets: dict[str, Socket] = {}
        self.loop = asyncio.get_running_loop()
        self.outbox = outbox(send, self._on_slow)
        self.assigns = assigns
        self.id = id
        self.address = address
        self.key = secrets.token_hex(8)
        self.last_seen = time.monotonic()
        self.is_closed = False

    def begin(self, message: Message) -> None:
        """From here on what this task logs and does belongs to a message of this client."""
        logs.begin(topic=message.topic, event=message.event)
        whence.comes_from(self.address)

    def receive(self, frame: str | bytes) -> Callable[[], Coroutine[Any, Any, None]] | None:
        """Do what one frame asks for. What comes back is to be waited for before the next: too much waits already."""
        self.last_seen = time.monotonic()
        if len(frame) > self._max_size:
            self.close(Close.TOO_LARGE)
            return None
        try:
            message = _wire.parse(frame)
        except _wire.Malformed:
            self.close(Close.MALFORMED)
            return None
        socket = self._sockets.get(message.topic)
        if message.topic == "phoenix":
            self._answer_heartbeat(message)
        elif message.event == "phx_join":
            self._join(message, socket)
        elif message.event == "phx_leave":
            self._leave(message, socket)
        elif socket is None:
            self._reply_error(message, UNMATCHED)
        elif message.join_ref is None or message.join_ref == socket.join_ref:  # else it was meant for an earlier join
            socket.run(socket.answer, message)
            if socket.is_full:
                return socket.has_room
        return None

    @property
    def joined(self) -> int:
        """How many topics it has joined."""
        return len(self._sockets)

    def _answer_heartbeat(self, message: Message) -> None:
        if message.event == "heartbeat":
            self.outbox.put(_wire.reply(message, "ok", {}))
        else:
            self._reply_error(message, UNMATCHED)

    def _join(self, message: Message, older: Socket | None) -> None:
        if older is not None:
            self._say_closed(older)
            self._drop(older, "left")
        channel = self._endpoint.channel_for(message.topic)
        if channel is None:
            self._reply_error(message, UNMATCHED)
        elif len(self._sockets) >= self._endpoint.limits.joins:
            self._reply_error(message, {"reason": "too many topics"})
        elif self._may_join(message):
            socket = Socket(self, self._endpoint.hub, channel, message.topic, message.join_ref or message.ref)
            self._sockets[message.topic] = socket
            socket.run(socket.enter, message)

    def _may_join(self, message: Message) -> bool:
        rate = self._endpoint.limits.join_rate
        try:
            if rate is not None:
                self.person.spend(rate, "phx_join")
        except RateLimited as error:
            self._reply_error(message, refusal(error))
            return False
        return True

    def _leave(self, message: Message, socket: Socket | None) -> None:
        is_current = socket is not None and message.join_ref in {None, socket.join_ref}
        self.outbox.put(_wire.reply(message, "ok", {}))
        if socket is not None and is_current:
            self._say_closed(socket)
            self._drop(socket, "left")

    def crashed(self, socket: Socket) -> None:
        """A channel failed: its client is told to join again."""
        if self._sockets.get(socket.topic) is socket:
            self.outbox.put(_wire.push(socket.join_ref, socket.topic, "phx_error", {}, ref=socket.join_ref))
            self._drop(socket, "crashed")

    def dismiss(self, socket: Socket) -> None:
        """A channel has had enough of a client, or the client is no longer allowed in."""
        if self._sockets.get(socket.topic) is socket:
            self._say_closed(socket)
            self._drop(socket, "dismissed")

    def _say_closed(self, socket: Socket) -> None:
        self.outbox.put(_wire.push(socket.join_ref, socket.topic, "phx_close", {}, ref=socket.join_ref))

    def _drop(self, socket: Socket, reason: str) -> None:
        self.forget(socket)
        socket.leave(reason)

    def forget(self, socket: Socket) -> None:
        """The socket is no longer in."""
        if self._sockets.get(socket.topic) is socket:
            del self._sockets[socket.topic]

    def _reply_error(self, message: Message, why: dict[str, Any]) -> None:
        self.outbox.put(_wire.reply(message, "error", why))

    def close(self, why: Close) -> None:
        """Say goodbye, and leave everything."""
        if not self.is_closed:
            telemetry.execute("channel.close", {}, {"reason": why.name.lower()})
        self.outbox.close(why)
        self.gone()

    def gone(self) -> None:
        """The client is no longer there. May be called twice."""
        if not self.is_closed:
            self.is_closed = True
            for socket in tuple(self._sockets.values()):
                self._drop(socket, "closed")

    def _on_slow(self) -> None:
        log.info("a client that reads too slowly was dropped")
        telemetry.execute("channel.close", {}, {"reason": Close.SLOW.name.lower()})
        self.loop.call_soon(self.gone)  # not now: it may be amid a broadcast

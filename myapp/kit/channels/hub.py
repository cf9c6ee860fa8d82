"""Who has joined what in this process, and the quick way to all of them: one frame, put into every outbox."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Collection, Iterable
from contextvars import Context
from typing import TYPE_CHECKING

from myapp.kit import pubsub, telemetry
from myapp.kit.channels import _wire
from myapp.kit.channels._wire import Encoded, Payload
from myapp.kit.channels.broadcasts import DISCONNECTS, Broadcast, Disconnect, LocalBroadcast, content, lane, topic_of
from myapp.kit.channels.close import Close
from myapp.kit.channels.socket import Socket
from myapp.kit.pubsub import Resync

if TYPE_CHECKING:
    from myapp.kit.channels.channel import Channel
    from myapp.kit.channels.connection import Connection

log = logging.getLogger(__name__)

HANDSHAKE = 60.0
"""Seconds that finding out who connects may take, and more than it ever does."""

type Ended = Callable[[Collection[str]], Awaitable[Collection[str]]]
"""Takes the ids of connections and gives back those that are to be closed."""


class Hub:
    """The sockets of this process by topic, and its connections by id."""

    def __init__(self, ended: Ended | None = None) -> None:
        self._ended = ended
        self._asking: asyncio.Task[None] | None = None
        self._at_work: set[asyncio.Task[None]] = set()
        self._latest: dict[str, float] = {}
        self._members: dict[str, dict[Socket, None]] = {}
        self._lanes: dict[str, pubsub.Subscription] = {}
        self._by_id: dict[str, set[Connection]] = {}
        self.messages: dict[Channel, int] = {}
        """What clients have sent since it was told last, by channel: an event for each would cost a tenth of it."""
        self._disconnects = pubsub.subscribe(DISCONNECTS, self._on_disconnect)

    def close(self) -> None:
        """Hear nothing more from PubSub."""
        if self._asking is not None:
            self._asking.cancel()
        for subscription in (self._disconnects, *self._lanes.values()):
            subscription.cancel()

    def work(self, task: asyncio.Task[None]) -> None:
        """A handler waits for something, and is to be finished even when its client has gone."""
        self._at_work.add(task)
        task.add_done_callback(self._at_work.discard)

    async def finish(self, seconds: float) -> None:
        """Wait, so long at most, for the handlers that are under way."""
        if self._at_work:
            await asyncio.wait(self._at_work, timeout=seconds)

    def join(self, socket: Socket) -> None:
        """The socket gets what is broadcast on its topic."""
        members = self._members.get(socket.topic)
        if members is None:
            members = self._members[socket.topic] = {}
            self._lanes[socket.topic] = pubsub.subscribe(lane(socket.topic), self._on_broadcast)
        members[socket] = None

    def leave(self, socket: Socket) -> None:
        """It gets nothing more; may be called for one that is not in."""
        members = self._members.get(socket.topic)
        if members is None:
            return
        members.pop(socket, None)
        if not members:
            del self._members[socket.topic]
            self._lanes.pop(socket.topic).cancel()

    def members(self, topic: str) -> tuple[Socket, ...]:
        """The sockets of this process that have joined a topic."""
        return tuple(self._members.get(topic, ()))

    def _on_broadcast(self, name: str, event: object) -> None:
        if isinstance(event, Broadcast):
            self._deliver(topic_of(name), event)
        elif isinstance(event, Resync):
            for socket in self.members(topic_of(name)):
                socket.inform(event)

    def _deliver(self, topic: str, message: Broadcast) -> None:
        body = content(message)
        frame = _wire.broadcast(topic, message.event, body)
        is_for = message.is_for if isinstance(message, LocalBroadcast) else None
        members = self.members(topic)
        telemetry.execute("channel.delivery", {"recipients": len(members)}, {"event": message.event})
        for socket in members:
            if socket.key == message.sender or (is_for is not None and not is_for(socket)):
                continue
            if message.event in socket.channel.intercept:
                socket.intercept(message.event, body)
            else:
                socket.send(frame)

    def tell_messages(self) -> None:
        """Execute `channel.messages` for each channel that was sent some."""
        taken, self.messages = self.messages, {}
        for channel, count in taken.items():
            telemetry.execute("channel.messages", {"count": count}, {"channel": type(channel).__name__})

    def register(self, connection: Connection, *, since: float = 0.0) -> None:
        """Let `disconnect` find it by its id, also one that came after `since`: while it was asked who connects."""
        if not connection.id:
            return
        self._by_id.setdefault(connection.id, set()).add(connection)
        if self._latest.get(connection.id, -1.0) >= since:
            connection.close(Close.LOGGED_OUT)

    def forget(self, connection: Connection) -> None:
        """It is gone."""
        others = self._by_id.get(connection.id)
        if others is not None:
            others.discard(connection)
            if not others:
                del self._by_id[connection.id]

    def _on_disconnect(self, _topic: str, event: object) -> None:
        if isinstance(event, Disconnect):
            moment = time.monotonic()
            self._latest = {name: at for name, at in self._latest.items() if moment - at < HANDSHAKE}
            self._latest[event.id] = moment
            self._disconnect(event.id)
        elif isinstance(event, Resync) and self._ended is not None and self._asking is None:
            self._asking = asyncio.create_task(self._ask(self._ended), context=Context())

    async def _ask(self, ended: Ended) -> None:
        try:
            for name in await ended(tuple(self._by_id)):
                self._disconnect(name)
        except Exception:
            log.exception("whether connections are to be closed could not be found out")
        finally:
            self._asking = None

    def _disconnect(self, name: str) -> None:
        for connection in tuple(self._by_id.get(name, ())):
            connection.close(Close.LOGGED_OUT)


def push_to(sockets: Iterable[Socket], event: str, payload: Payload | Encoded) -> None:
    """Tell some clients of a topic, where they are in. It is encoded once for all who joined under the same ref."""
    frames: dict[str | None, bytes] = {}
    for socket in sockets:
        frame = frames.get(socket.join_ref)
        if frame is None:
            frame = frames[socket.join_ref] = _wire.push(socket.join_ref, socket.topic, event, payload)
        socket.send_shared(frame)

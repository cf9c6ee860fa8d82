"""Who has joined what in this process, and the quick way to all of them: one frame, put into every outbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from myapp.kit import pubsub
from myapp.kit.channels import _wire
from myapp.kit.channels.broadcasts import DISCONNECTS, Broadcast, Disconnect, LocalBroadcast, content, lane, topic_of
from myapp.kit.channels.close import Close
from myapp.kit.channels.socket import Socket
from myapp.kit.pubsub import Resync

if TYPE_CHECKING:
    from myapp.kit.channels.connection import Connection


class Hub:
    """The sockets of this process by topic, and its connections by id."""

    def __init__(self) -> None:
        self._members: dict[str, dict[Socket, None]] = {}
        self._lanes: dict[str, pubsub.Subscription] = {}
        self._by_id: dict[str, set[Connection]] = {}
        self._disconnects = pubsub.subscribe(DISCONNECTS, self._on_disconnect)

    def close(self) -> None:
        """Hear nothing more from PubSub."""
        for subscription in (self._disconnects, *self._lanes.values()):
            subscription.cancel()

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
        for socket in self.members(topic):
            if socket.key == message.sender or (is_for is not None and not is_for(socket)):
                continue
            if message.event in socket.channel.intercept:
                socket.intercept(message.event, body if isinstance(body, bytes) else orjson.loads(body))
            else:
                socket.send(frame)

    def register(self, connection: Connection) -> None:
        """Let `disconnect` find it by its id."""
        if connection.id:
            self._by_id.setdefault(connection.id, set()).add(connection)

    def forget(self, connection: Connection) -> None:
        """It is gone."""
        others = self._by_id.get(connection.id)
        if others is not None:
            others.discard(connection)
            if not others:
                del self._by_id[connection.id]

    def _on_disconnect(self, _topic: str, event: object) -> None:
        if isinstance(event, Disconnect):
            for connection in tuple(self._by_id.get(event.id, ())):
                connection.close(Close.LOGGED_OUT)

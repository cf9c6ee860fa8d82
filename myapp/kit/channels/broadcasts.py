"""Telling all who have joined a topic, in every process: from a channel, a room, a job or a command.

    channels.broadcast(f"room:{room.id}", "topic_changed", {"topic": room.topic})

It travels by PubSub, so inside `transaction()` it waits for the commit and is dropped on rollback.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from myapp.kit import pubsub
from myapp.kit.channels import _wire
from myapp.kit.channels._wire import Encoded, Payload

if TYPE_CHECKING:
    from myapp.kit.channels.socket import Socket

DISCONNECTS = "channels:disconnect"
_LANE = "channel:"


@pubsub.event("channels.broadcast", is_kept=False)
@dataclass(frozen=True)
class Broadcast:
    """A message for all who have joined a topic. `body` is JSON, or base64 of bytes; `sender` a connection's key."""

    event: str
    body: str
    sender: str = ""
    is_binary: bool = False


@pubsub.event("channels.local_broadcast", is_kept=False)
@dataclass(frozen=True)
class LocalBroadcast(Broadcast):
    """The same for those in this process whom `is_for` names. It never leaves it."""

    is_for: Callable[[Socket], bool] | None = None


@pubsub.event("channels.disconnect", is_kept=False)
@dataclass(frozen=True)
class Disconnect:
    """The connections of this id are to be closed."""

    id: str


def broadcast(topic: str, event: str, payload: Payload, *, sender: str = "") -> None:
    """Tell everybody who has joined a channel's topic, except the connection `sender`. Raises TypeError for no JSON."""
    pubsub.broadcast(lane(topic), _encoded(event, payload, sender))


def local_broadcast(
    topic: str, event: str, payload: Payload | Encoded, *, is_for: Callable[[Socket], bool] | None = None
) -> None:
    """Tell those who have joined a channel's topic in this process alone, at once; with `is_for`, some of them."""
    message = _encoded(event, payload)
    pubsub.local_broadcast(lane(topic), LocalBroadcast(event, message.body, "", message.is_binary, is_for))


def is_joined(topic: str) -> bool:
    """Whether somebody in this process has joined a channel's topic."""
    return pubsub.is_subscribed(lane(topic))


def _encoded(event: str, payload: Payload | Encoded, sender: str = "") -> Broadcast:
    is_binary = isinstance(payload, bytes)
    body = base64.b64encode(payload) if isinstance(payload, bytes) else _wire.dumps(payload)
    return Broadcast(event, body.decode(), sender, is_binary)


def disconnect(connection_id: str) -> None:
    """Close the connections that were given this id when they connected, in every process."""
    pubsub.broadcast(DISCONNECTS, Disconnect(connection_id))


def lane(topic: str) -> str:
    """What PubSub calls a channel's topic: the events of rooms may have topics of the same name."""
    return _LANE + topic


def topic_of(name: str) -> str:
    """The channel's topic of a lane."""
    return name.removeprefix(_LANE)


def content(message: Broadcast) -> str | bytes:
    """What was broadcast: JSON, or bytes."""
    return base64.b64decode(message.body) if message.is_binary else message.body

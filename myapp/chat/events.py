"""What the chat tells everybody who listens, after it is committed.

Messages are told on `chat:<room>`, whole: `subscribe_room` lets only those listen who may read the room. Rooms are told
on `rooms:<organisation>`, by id alone: who listens may not be allowed to know of a room, so a listener asks for the
card with its own scope. That a room has grown is told on `talk:<organisation>`, apart from the others as it happens
so often, and what a person has read on `reads:<person>`.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from myapp.accounts import Visibility
from myapp.chat.cards import MessageCard
from myapp.kit.pubsub import event


def topic_room(room_id: UUID) -> str:
    """Where the messages of a room are told about."""
    return f"chat:{room_id}"


def topic_rooms(org_id: UUID) -> str:
    """Where the rooms of an organisation are told about."""
    return f"rooms:{org_id}"


def topic_talk(org_id: UUID) -> str:
    """Where it is told that the rooms of an organisation have grown, for those who count what is unread."""
    return f"talk:{org_id}"


def topic_reads(user_id: UUID) -> str:
    """Where a person's other tabs hear how far that person has read."""
    return f"reads:{user_id}"


@dataclass(frozen=True)
class MessageEvent:
    """Something happened to a message, which now is as `message` says."""

    message: MessageCard


@event("chat.message.created")
@dataclass(frozen=True)
class MessageCreated(MessageEvent):
    """Somebody said something. All messages with a lower `seq` are committed, though their events may come later."""


@event("chat.message.updated")
@dataclass(frozen=True)
class MessageUpdated(MessageEvent):
    """Its words changed."""


@event("chat.message.deleted")
@dataclass(frozen=True)
class MessageDeleted(MessageEvent):
    """Its words are gone; its place stays."""


@dataclass(frozen=True)
class RoomEvent:
    """Something happened to a room."""

    org_id: UUID
    room_id: UUID


@event("chat.room.created")
@dataclass(frozen=True)
class RoomCreated(RoomEvent):
    """There is a new room."""


@event("chat.room.updated")
@dataclass(frozen=True)
class RoomUpdated(RoomEvent):
    """Its name, purpose or visibility changed; with the last, who may read it."""


@event("chat.room.deleted")
@dataclass(frozen=True)
class RoomDeleted(RoomEvent):
    """It is gone with all that was said in it."""


@event("chat.room.member_added")
@dataclass(frozen=True)
class RoomMemberAdded(RoomEvent):
    """A person was let in."""

    user_id: UUID


@event("chat.room.member_removed")
@dataclass(frozen=True)
class RoomMemberRemoved(RoomEvent):
    """A person has left or was removed: a private room is closed to that person now."""

    user_id: UUID


@event("chat.room.grew")
@dataclass(frozen=True)
class RoomGrew(RoomEvent):
    """Somebody said something, as the room's message number `seq`; `mentions` are whom it names."""

    visibility: Visibility
    seq: int
    user_id: UUID
    mentions: tuple[UUID, ...]


@event("chat.room.read")
@dataclass(frozen=True)
class RoomRead(RoomEvent):
    """A person has read a room up to a message."""

    user_id: UUID
    last_read_seq: int

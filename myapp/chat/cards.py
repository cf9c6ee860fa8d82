"""What readers of the chat get: plain values made for a page or a socket, never rows of a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from myapp.accounts import Visibility


@dataclass(frozen=True, slots=True)
class RoomCard:
    """A room as the reader finds it. `mention_count` is of unread messages that name the reader."""

    id: UUID
    org_id: UUID
    name: str
    slug: str
    purpose: str
    visibility: Visibility
    last_seq: int
    last_read_seq: int
    mention_count: int
    is_member: bool
    inserted_at: datetime

    @property
    def unread_count(self) -> int:
        """How many messages came after the last one read; deleted ones count too."""
        return max(self.last_seq - self.last_read_seq, 0)


@dataclass(frozen=True, slots=True)
class MessageCard:
    """A message. A deleted one has no words; `user_name` is empty where the person has left for good."""

    id: UUID
    org_id: UUID
    room_id: UUID
    seq: int
    client_id: str
    user_id: UUID | None
    user_name: str
    user_avatar: str | None
    body: str
    body_html: str
    mentions: tuple[UUID, ...]
    inserted_at: datetime
    edited_at: datetime | None
    deleted_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class MessagePage:
    """Messages in their order. `has_more` says whether others follow in the direction that was asked for."""

    entries: list[MessageCard]
    has_more: bool


@dataclass(frozen=True, slots=True)
class RoomPerson:
    """Somebody who is in a room, in a list ordered by `sort_name`."""

    user_id: UUID
    name: str
    username: str
    avatar_key: str | None
    sort_name: str


@dataclass(frozen=True, slots=True)
class Writer:
    """Somebody who has written in a room, as messages show them."""

    user_id: UUID
    name: str
    avatar_key: str | None


def to_message(row: Mapping[str, Any]) -> MessageCard:
    """A card of a row of `queries.message_cards`."""
    values: dict[str, Any] = {**row, "mentions": tuple(row["mentions"])}
    return MessageCard(**values)

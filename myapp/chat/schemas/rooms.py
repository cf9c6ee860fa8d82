"""Rooms, and who is in them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from myapp.accounts import Visibility
from myapp.kit.clock import now
from myapp.kit.table import Row, text_enum


class ChatRoom(Row, table=True):
    """A place to talk. A private one is for its members; a public one for whom the organisation is open to."""

    __tablename__: ClassVar[Any] = "chat_rooms"
    __table_args__ = (
        sa.UniqueConstraint("org_id", "slug"),
        sa.CheckConstraint("char_length(name) BETWEEN 1 AND 80", name="name_length"),
        sa.CheckConstraint("char_length(slug) BETWEEN 1 AND 80", name="slug_length"),
        sa.CheckConstraint("char_length(purpose) <= 250", name="purpose_length"),
        sa.CheckConstraint("visibility IN ('public', 'private')", name="visibility"),
        sa.CheckConstraint("last_seq >= 0", name="last_seq"),
        {"comment": "Rooms of an organisation to talk in"},
    )

    org_id: UUID = Field(foreign_key="organizations.id", ondelete="CASCADE")
    name: str = ""
    slug: str = Field(default="", sa_column_kwargs={"comment": "Its place in URLs; kept when the room is renamed"})
    purpose: str = Field(default="", sa_column_kwargs={"server_default": "", "comment": "A line on what it is for"})
    visibility: Visibility = Field(
        default=Visibility.PUBLIC, sa_type=text_enum(Visibility), sa_column_kwargs={"server_default": "public"}
    )
    last_seq: int = Field(
        default=0,
        sa_type=sa.BigInteger,
        sa_column_kwargs={"server_default": "0", "comment": "The number of its last message; counting locks the row"},
    )


class RoomMember(SQLModel, table=True):
    """A person in a room: that gives access to a private one, and says in any how far that person has read.

    With the person's membership of the organisation a trigger takes it away.
    """

    __tablename__: ClassVar[Any] = "chat_room_members"
    __table_args__ = (
        sa.CheckConstraint("last_read_seq >= 0", name="last_read_seq"),
        {"comment": "Who is in a room, and how far they have read"},
    )

    room_id: UUID = Field(foreign_key="chat_rooms.id", ondelete="CASCADE", primary_key=True)
    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE", primary_key=True, index=True)
    last_read_seq: int = Field(
        default=0,
        sa_type=sa.BigInteger,
        sa_column_kwargs={"server_default": "0", "comment": "The last message read; the later ones are unread"},
    )
    inserted_at: datetime = Field(default_factory=now, sa_column_kwargs={"server_default": sa.func.now()})

"""What was said."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from myapp.kit.table import Row

MAX_BODY = 4_000
MAX_CLIENT_ID = 64


class Message(Row, table=True):
    """Words of a person in a room. A deleted one keeps its place and number, without words."""

    __tablename__: ClassVar[Any] = "chat_messages"
    __table_args__ = (
        sa.UniqueConstraint("room_id", "seq"),
        sa.UniqueConstraint("room_id", "user_id", "client_id"),
        sa.CheckConstraint("seq > 0", name="seq"),
        sa.CheckConstraint("version > 0", name="version"),
        sa.CheckConstraint(f"char_length(client_id) BETWEEN 1 AND {MAX_CLIENT_ID}", name="client_id_length"),
        sa.CheckConstraint(f"char_length(body) <= {MAX_BODY}", name="body_length"),
        sa.CheckConstraint("(deleted_at IS NULL) = (body <> '')", name="body"),
        sa.Index("ix_chat_messages_user_id", "user_id", postgresql_where=sa.text("user_id IS NOT NULL")),
        {"comment": "Messages of the chat rooms"},
    )

    org_id: UUID = Field(foreign_key="organizations.id", ondelete="CASCADE", index=True)
    room_id: UUID = Field(foreign_key="chat_rooms.id", ondelete="CASCADE")
    user_id: UUID | None = Field(default=None, foreign_key="users.id", ondelete="SET NULL")
    seq: int = Field(
        default=0,
        sa_type=sa.BigInteger,
        sa_column_kwargs={"comment": "Its number in the room, from 1 and without a gap"},
    )
    client_id: str = Field(
        default="", sa_column_kwargs={"comment": "The sender's own name for it: sent again it is the same message"}
    )
    body: str = Field(default="", sa_column_kwargs={"comment": "What the person wrote"})
    body_html: str = Field(default="", sa_column_kwargs={"comment": "The body rendered and sanitised when saved"})
    mentions: list[UUID] = Field(
        default_factory=list,
        sa_type=ARRAY(sa.Uuid()),  # pyright: ignore[reportArgumentType] - SQLModel knows classes only
        sa_column_kwargs={"server_default": "{}", "comment": "Whom it names by @username"},
    )
    edited_at: datetime | None = Field(default=None, sa_column_kwargs={"comment": "When its words last changed"})
    deleted_at: datetime | None = Field(default=None, sa_column_kwargs={"comment": "Since when its words are gone"})
    version: int = Field(default=1, sa_column_kwargs={"server_default": "1", "comment": "Counts its changes"})


class Mention(SQLModel, table=True):
    """That a message names a person, other than its sender: unread ones are counted in an index of it.

    A trigger keeps it to what messages say. Under row-level security no index of their arrays is looked into.
    """

    __tablename__: ClassVar[Any] = "chat_mentions"
    __table_args__ = (
        sa.ForeignKeyConstraint(["room_id", "seq"], ["chat_messages.room_id", "chat_messages.seq"], ondelete="CASCADE"),
        sa.Index("ix_chat_mentions_user_id_room_id_seq", "user_id", "room_id", "seq"),
        {"comment": "Whom messages name, for counting; a trigger on chat_messages writes it"},
    )

    room_id: UUID = Field(primary_key=True)
    seq: int = Field(primary_key=True, sa_type=sa.BigInteger)
    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE", primary_key=True)
    org_id: UUID = Field(sa_column_kwargs={"comment": "The message's"})

"""The table of notifications: who is told of what. Ids only: the words are read where they are, when they are shown."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from myapp.kit.table import Row, text_enum


class Kind(StrEnum):
    """What somebody is told of."""

    CHAT_MENTION = "chat.mention"
    COMMENT_MENTION = "comment.mention"
    COMMENT_REPLY = "comment.reply"
    POST_COMMENT = "post.comment"
    IMPORT_DONE = "import.done"
    IMPORT_FAILED = "import.failed"
    EXPORT_DONE = "export.done"
    EXPORT_FAILED = "export.failed"


_UNREAD = sa.text("read_at IS NULL")


class Notification(Row, table=True):
    """One person is told of one thing, once."""

    __tablename__: ClassVar[Any] = "notifications"
    __table_args__ = (
        sa.UniqueConstraint("user_id", "subject_id"),
        sa.CheckConstraint(f"kind IN ({', '.join(repr(kind.value) for kind in Kind)})", name="kind"),
        sa.CheckConstraint("actor_id IS DISTINCT FROM user_id", name="actor"),
        sa.Index("ix_notifications_user_id_id", "user_id", sa.text("id DESC")),
        sa.Index("ix_notifications_unread", "user_id", "place_id", postgresql_where=_UNREAD),
        sa.Index(
            "ix_notifications_unmailed",
            "inserted_at",
            postgresql_where=sa.text("read_at IS NULL AND mailed_at IS NULL"),
        ),
        sa.Index("ix_notifications_actor_id", "actor_id", postgresql_where=sa.text("actor_id IS NOT NULL")),
        {"comment": "What people are told of; the words stay where they were written"},
    )

    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    org_id: UUID = Field(foreign_key="organizations.id", ondelete="CASCADE", index=True)
    kind: Kind = Field(sa_type=text_enum(Kind))
    actor_id: UUID | None = Field(
        default=None, foreign_key="users.id", ondelete="SET NULL", sa_column_kwargs={"comment": "Who did it"}
    )
    subject_id: UUID = Field(
        index=True, sa_column_kwargs={"comment": "The message, comment or import; no key, as it may be in any table"}
    )
    place_id: UUID = Field(index=True, sa_column_kwargs={"comment": "The room or post it is in; the import itself"})
    details: dict[str, Any] = Field(
        default_factory=dict, sa_type=JSONB, sa_column_kwargs={"server_default": sa.text("'{}'::jsonb")}
    )
    read_at: datetime | None = None
    mailed_at: datetime | None = Field(
        default=None, sa_column_kwargs={"comment": "When it was also told by mail, or was found not worth one"}
    )

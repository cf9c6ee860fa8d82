"""Files of posts: covers and attachments."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from myapp.blog.schemas.kinds import FileKind
from myapp.kit.table import Row, text_enum


class Attachment(Row, table=True):
    """A file that somebody sent for a post. Until the post is saved with it, it belongs to nobody but its sender.

    `key` is where the storage has it; a cover is there in several widths, as variants of the key. `filename` is what
    the person called it, made safe to save under.
    """

    __tablename__: ClassVar[Any] = "attachments"
    __table_args__ = (
        sa.UniqueConstraint("key"),
        sa.CheckConstraint("kind IN ('cover', 'attachment')", name="kind"),
        sa.CheckConstraint("char_length(filename) BETWEEN 1 AND 200", name="filename_length"),
        sa.CheckConstraint("char_length(alt) <= 500", name="alt_length"),
        sa.CheckConstraint("size > 0", name="size"),
        sa.CheckConstraint("position >= 0", name="position"),
        sa.CheckConstraint("kind <> 'cover' OR (width > 0 AND height > 0)", name="cover_size"),
        sa.Index("ix_attachments_post_id_position", "post_id", "position"),
        sa.Index(
            "uq_attachments_post_id_cover",
            "post_id",
            unique=True,
            postgresql_where=sa.text("kind = 'cover'"),
        ),
        sa.Index("ix_attachments_unclaimed", "inserted_at", postgresql_where=sa.text("post_id IS NULL")),
        {"comment": "Covers and attachments of posts"},
    )

    org_id: UUID = Field(foreign_key="organizations.id", ondelete="CASCADE", index=True)
    post_id: UUID | None = Field(
        default=None,
        foreign_key="posts.id",
        ondelete="CASCADE",
        sa_column_kwargs={"comment": "Null until a post is saved with it"},
    )
    user_id: UUID | None = Field(
        default=None,
        foreign_key="users.id",
        ondelete="SET NULL",
        index=True,
        sa_column_kwargs={"comment": "Who sent it"},
    )
    kind: FileKind = Field(sa_type=text_enum(FileKind))
    key: str = Field(sa_column_kwargs={"comment": "Where the storage has it; never made of a person's words"})
    filename: str = Field(sa_column_kwargs={"comment": "What it is called where it is saved"})
    content_type: str = Field(sa_column_kwargs={"comment": "Judged by what is in it"})
    size: int = Field(sa_type=sa.BigInteger, sa_column_kwargs={"comment": "Bytes"})
    width: int | None = Field(default=None, sa_column_kwargs={"comment": "Of a cover, in pixels"})
    height: int | None = None
    alt: str = Field(default="", sa_column_kwargs={"server_default": "", "comment": "A cover in words"})
    position: int = Field(default=0, sa_column_kwargs={"server_default": "0", "comment": "Its place among the files"})

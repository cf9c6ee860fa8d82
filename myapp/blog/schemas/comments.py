"""Comments and what other sites say of a post."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from myapp.blog.schemas.kinds import CommentKind
from myapp.kit.table import Row, text_enum


class Comment(Row, table=True):
    """Words under a post, or a reply to them; a reply to a reply is filed under the first comment.

    Two computed columns let a foreign key say that a parent belongs to the same post and is itself no reply.
    """

    __tablename__: ClassVar[Any] = "comments"
    __table_args__ = (
        sa.Column(
            "depth",
            sa.SmallInteger,
            sa.Computed("CASE WHEN parent_id IS NULL THEN 0 ELSE 1 END", persisted=True),
            nullable=False,
            comment="0 for a comment, 1 for a reply",
        ),
        sa.Column(
            "parent_depth",
            sa.SmallInteger,
            sa.Computed("0", persisted=True),
            nullable=False,
            comment="The depth a parent must have",
        ),
        sa.UniqueConstraint("id", "post_id", "depth", name="uq_comments_id_post_id_depth"),
        sa.ForeignKeyConstraint(
            ["parent_id", "post_id", "parent_depth"],
            ["comments.id", "comments.post_id", "comments.depth"],
            ondelete="CASCADE",
            name="fk_comments_parent_id",
        ),
        sa.CheckConstraint("author_id IS NOT NULL OR char_length(author_name) > 0", name="author"),
        sa.CheckConstraint("kind IN ('comment', 'pingback', 'trackback')", name="kind"),
        sa.CheckConstraint("like_count >= 0", name="like_count"),
        sa.Index(
            "ix_comments_post_id_shown",
            "post_id",
            sa.text("like_count DESC"),
            sa.text("id"),
            postgresql_where=sa.text("hidden_at IS NULL AND deleted_at IS NULL AND kind = 'comment'"),
        ),
        sa.Index("ix_comments_post_id_inserted_at_id", "post_id", "inserted_at", "id"),
        sa.Index("ix_comments_parent_id", "parent_id", postgresql_where=sa.text("parent_id IS NOT NULL")),
        sa.Index("ix_comments_author_id", "author_id", postgresql_where=sa.text("author_id IS NOT NULL")),
        sa.Index(
            "uq_comments_org_id_import_key",
            "org_id",
            "import_key",
            unique=True,
            postgresql_where=sa.text("import_key IS NOT NULL"),
        ),
        sa.Index(
            "uq_comments_post_id_author_id_client_id",
            "post_id",
            "author_id",
            "client_id",
            unique=True,
            postgresql_where=sa.text("client_id IS NOT NULL"),
        ),
        {"comment": "Comments, replies to them, pingbacks and trackbacks"},
    )
    __mapper_args__: ClassVar[dict[str, Any]] = {"exclude_properties": ["depth", "parent_depth"]}

    org_id: UUID = Field(foreign_key="organizations.id", ondelete="CASCADE", index=True)
    post_id: UUID = Field(foreign_key="posts.id", ondelete="CASCADE")
    parent_id: UUID | None = Field(default=None, sa_column_kwargs={"comment": "The comment this one answers"})
    author_id: UUID | None = Field(default=None, foreign_key="users.id", ondelete="SET NULL")
    author_name: str = Field(
        default="", sa_column_kwargs={"server_default": "", "comment": "Of an imported author without an account"}
    )
    author_url: str | None = None
    body: str = ""
    body_html: str = Field(default="", sa_column_kwargs={"comment": "The body rendered and sanitised when saved"})
    kind: CommentKind = Field(
        default=CommentKind.COMMENT, sa_type=text_enum(CommentKind), sa_column_kwargs={"server_default": "comment"}
    )
    hidden_at: datetime | None = Field(default=None, sa_column_kwargs={"comment": "Since when a moderator hides it"})
    deleted_at: datetime | None = Field(
        default=None, sa_column_kwargs={"comment": "Deleted by its author, kept empty because it has replies"}
    )
    edited_at: datetime | None = Field(default=None, sa_column_kwargs={"comment": "When its words last changed"})
    like_count: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    client_id: UUID | None = Field(
        default=None,
        sa_column_kwargs={"comment": "The sender's own name for it: sent again it is the same comment"},
    )
    import_key: str | None = Field(
        default=None, sa_column_kwargs={"comment": "Identity in its source, so that a second import finds it"}
    )

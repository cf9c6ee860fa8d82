"""Posts, their former slugs, and the tags they are under."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, REGCONFIG, TSVECTOR
from sqlmodel import Field, SQLModel

from myapp.blog.schemas.kinds import BodyFormat, PostStatus
from myapp.kit.table import Row, text_enum


class Post(Row, table=True):
    """A text of an author.

    `body` is what the author wrote, `body_html` its sanitised rendering and `body_text` its plain text. A trigger
    keeps `search`, the words of title and text; it is no attribute of the class because nothing but a query reads it.
    """

    __tablename__: ClassVar[Any] = "posts"
    __table_args__ = (
        sa.Column(
            "search",
            TSVECTOR,
            comment="Weighted words of title (A) and text (B) in the post's language",
        ),
        sa.UniqueConstraint("org_id", "slug"),
        sa.CheckConstraint("char_length(title) BETWEEN 3 AND 255", name="title_length"),
        sa.CheckConstraint("char_length(body) >= 10", name="body_length"),
        sa.CheckConstraint("char_length(slug) BETWEEN 1 AND 120", name="slug_length"),
        sa.CheckConstraint("body_format IN ('markdown', 'html')", name="body_format"),
        sa.CheckConstraint("status IN ('draft', 'scheduled', 'published')", name="status"),
        sa.CheckConstraint("status = 'draft' OR published_at IS NOT NULL", name="published_at"),
        sa.CheckConstraint("view_count >= 0", name="view_count"),
        sa.CheckConstraint("jsonb_typeof(metadata) = 'object'", name="metadata"),
        sa.Index(
            "uq_posts_org_id_import_key",
            "org_id",
            "import_key",
            unique=True,
            postgresql_where=sa.text("import_key IS NOT NULL"),
        ),
        sa.Index(
            "ix_posts_org_id_published_at_id",
            "org_id",
            sa.text("published_at DESC"),
            sa.text("id DESC"),
            postgresql_where=sa.text("status = 'published'"),
        ),
        sa.Index(
            "ix_posts_published_at_id",
            sa.text("published_at DESC"),
            sa.text("id DESC"),
            postgresql_where=sa.text("status = 'published'"),
        ),
        sa.Index(
            "ix_posts_org_id_view_count_id",
            "org_id",
            sa.text("view_count DESC"),
            sa.text("id DESC"),
            postgresql_where=sa.text("status = 'published'"),
        ),
        sa.Index(
            "ix_posts_view_count_id",
            sa.text("view_count DESC"),
            sa.text("id DESC"),
            postgresql_where=sa.text("status = 'published'"),
        ),
        sa.Index(
            "ix_posts_featured",
            "org_id",
            sa.text("published_at DESC"),
            sa.text("id DESC"),
            postgresql_where=sa.text("is_featured AND status = 'published'"),
        ),
        sa.Index("ix_posts_due", "published_at", postgresql_where=sa.text("status = 'scheduled'")),
        sa.Index(
            "ix_posts_org_id_dated_at_id",
            "org_id",
            sa.text("COALESCE(published_at, inserted_at) DESC"),
            sa.text("id DESC"),
        ),
        sa.Index(
            "ix_posts_org_id_dated_at_id_unpublished",
            "org_id",
            sa.text("COALESCE(published_at, inserted_at) DESC"),
            sa.text("id DESC"),
            postgresql_where=sa.text("status <> 'published'"),
        ),
        sa.Index(
            "ix_posts_org_id_author_id",
            "org_id",
            "author_id",
            postgresql_include=["view_count"],
            postgresql_where=sa.text("status = 'published'"),
        ),
        sa.Index("ix_posts_author_id_published_at_id", "author_id", sa.text("published_at DESC"), sa.text("id DESC")),
        sa.Index("ix_posts_search", "search", postgresql_using="gin"),
        sa.Index("ix_posts_title_search", sa.text("to_tsvector(language, title)"), postgresql_using="gin"),
        sa.Index(
            "ix_posts_metadata",
            "metadata",
            postgresql_using="gin",
            postgresql_ops={"metadata": "jsonb_path_ops"},
        ),
        {"comment": "Texts of an organisation's authors"},
    )
    __mapper_args__: ClassVar[dict[str, Any]] = {"exclude_properties": ["search"]}

    org_id: UUID = Field(foreign_key="organizations.id", ondelete="CASCADE")
    author_id: UUID = Field(foreign_key="users.id", ondelete="RESTRICT")
    title: str = ""
    slug: str = Field(default="", sa_column_kwargs={"comment": "Its place in URLs; former ones are in post_slugs"})
    body: str = Field(default="", sa_column_kwargs={"comment": "What the author wrote"})
    body_format: BodyFormat = Field(
        default=BodyFormat.MARKDOWN, sa_type=text_enum(BodyFormat), sa_column_kwargs={"server_default": "markdown"}
    )
    body_html: str = Field(default="", sa_column_kwargs={"comment": "The body rendered and sanitised when saved"})
    body_text: str = Field(default="", sa_column_kwargs={"comment": "The body without markup: search and excerpts"})
    excerpt: str | None = Field(default=None, sa_column_kwargs={"comment": "The author's own; null: start of the text"})
    status: PostStatus = Field(
        default=PostStatus.DRAFT, sa_type=text_enum(PostStatus), sa_column_kwargs={"server_default": "draft"}
    )
    published_at: datetime | None = Field(
        default=None,
        sa_column_kwargs={"comment": "Since or, when scheduled, from when; a draft keeps it once published"},
    )
    edited_at: datetime | None = Field(
        default=None,
        sa_column_kwargs={"comment": "When its words last changed after they had been published"},
    )
    is_featured: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    view_count: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    meta: dict[str, Any] = Field(
        default_factory=dict,
        sa_type=JSONB,
        sa_column_kwargs={
            "name": "metadata",
            "server_default": sa.text("'{}'::jsonb"),
            "comment": "Free keys and values",
        },
    )
    version: int = Field(default=1, sa_column_kwargs={"server_default": "1", "comment": "Optimistic lock"})
    language: str = Field(
        default="english",
        sa_type=REGCONFIG,
        sa_column_kwargs={
            "server_default": sa.text("'english'::regconfig"),
            "comment": "The organisation's text search configuration",
        },
    )
    import_key: str | None = Field(
        default=None, sa_column_kwargs={"comment": "Identity in its source, so that a second import finds it"}
    )


class PostSlug(SQLModel, table=True):
    """A former slug: requests for it are sent to the post's present one."""

    __tablename__: ClassVar[Any] = "post_slugs"
    __table_args__ = ({"comment": "Former slugs of posts"},)

    org_id: UUID = Field(foreign_key="organizations.id", ondelete="CASCADE", primary_key=True)
    slug: str = Field(primary_key=True)
    post_id: UUID = Field(foreign_key="posts.id", ondelete="CASCADE", index=True)

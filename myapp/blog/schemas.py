"""The tables of the blog: posts with their former slugs, tags, comments, and imports.

What always holds, in the database as in the changesets: a slug is unique in its organisation, a post that is scheduled
or published has a time, a comment is at most a reply to a comment of the same post, and counters are never negative.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, REGCONFIG, TSVECTOR
from sqlmodel import Field, SQLModel

from myapp.kit.table import Row, text_enum

SEARCH = (
    "setweight(to_tsvector(language, title), 'A') || setweight(to_tsvector(language, left(body_text, 100000)), 'B')"
)
EMPTY_OBJECT = sa.text("'{}'::jsonb")


class PostStatus(StrEnum):
    """Where a post is on its way to the readers."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"


class BodyFormat(StrEnum):
    """What `body` is written in. HTML comes from imports only and is sanitised before it is stored."""

    MARKDOWN = "markdown"
    HTML = "html"


class CommentKind(StrEnum):
    """A person's words, or another site's notice that it links here."""

    COMMENT = "comment"
    PINGBACK = "pingback"
    TRACKBACK = "trackback"


class ImportKind(StrEnum):
    """Where an import comes from."""

    WORDPRESS = "wordpress"
    MARKDOWN = "markdown"


class ImportStatus(StrEnum):
    """How far an import is; `interrupted` means that its process died."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


class Post(Row, table=True):
    """A text of an author.

    `body` is what the author wrote, `body_html` its sanitised rendering and `body_text` its plain text. The database
    computes `search` from title and text; it is no attribute of the class because nothing but a query reads it.
    """

    __tablename__: ClassVar[Any] = "posts"
    __table_args__ = (
        sa.Column(
            "search",
            TSVECTOR,
            sa.Computed(SEARCH, persisted=True),
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
        sa.Index("ix_posts_due", "published_at", postgresql_where=sa.text("status = 'scheduled'")),
        sa.Index(
            "ix_posts_org_id_id_unpublished",
            "org_id",
            sa.text("id DESC"),
            postgresql_where=sa.text("status <> 'published'"),
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
    title: str
    slug: str = Field(default="", sa_column_kwargs={"comment": "Its place in URLs; former ones are in post_slugs"})
    body: str = Field(sa_column_kwargs={"comment": "What the author wrote"})
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
    is_featured: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    view_count: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    meta: dict[str, Any] = Field(
        default_factory=dict,
        sa_type=JSONB,
        sa_column_kwargs={"name": "metadata", "server_default": EMPTY_OBJECT, "comment": "Free keys and values"},
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


class Tag(Row, table=True):
    """What posts and comments are filed under in one organisation."""

    __tablename__: ClassVar[Any] = "tags"
    __table_args__ = (
        sa.UniqueConstraint("org_id", "slug"),
        sa.CheckConstraint("char_length(name) BETWEEN 1 AND 50", name="name_length"),
        sa.CheckConstraint("char_length(slug) BETWEEN 1 AND 80", name="slug_length"),
        {"comment": "Labels of posts and comments"},
    )

    org_id: UUID = Field(foreign_key="organizations.id", ondelete="CASCADE")
    name: str
    slug: str


class PostTag(SQLModel, table=True):
    """A post under a tag."""

    __tablename__: ClassVar[Any] = "post_tags"
    __table_args__ = (
        sa.Index("ix_post_tags_tag_id_post_id", "tag_id", "post_id"),
        {"comment": "Which post is under which tags"},
    )

    post_id: UUID = Field(foreign_key="posts.id", ondelete="CASCADE", primary_key=True)
    tag_id: UUID = Field(foreign_key="tags.id", ondelete="CASCADE", primary_key=True)


class CommentTag(SQLModel, table=True):
    """A comment under a tag."""

    __tablename__: ClassVar[Any] = "comment_tags"
    __table_args__ = (
        sa.Index("ix_comment_tags_tag_id_comment_id", "tag_id", "comment_id"),
        {"comment": "Which comment is under which tags"},
    )

    comment_id: UUID = Field(foreign_key="comments.id", ondelete="CASCADE", primary_key=True)
    tag_id: UUID = Field(foreign_key="tags.id", ondelete="CASCADE", primary_key=True)


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
        sa.Index("ix_comments_post_id_id", "post_id", "id"),
        sa.Index("ix_comments_parent_id", "parent_id", postgresql_where=sa.text("parent_id IS NOT NULL")),
        sa.Index("ix_comments_author_id", "author_id", postgresql_where=sa.text("author_id IS NOT NULL")),
        sa.Index(
            "uq_comments_org_id_import_key",
            "org_id",
            "import_key",
            unique=True,
            postgresql_where=sa.text("import_key IS NOT NULL"),
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
    body: str
    body_html: str = Field(default="", sa_column_kwargs={"comment": "The body rendered and sanitised when saved"})
    kind: CommentKind = Field(
        default=CommentKind.COMMENT, sa_type=text_enum(CommentKind), sa_column_kwargs={"server_default": "comment"}
    )
    hidden_at: datetime | None = Field(default=None, sa_column_kwargs={"comment": "Since when a moderator hides it"})
    deleted_at: datetime | None = Field(
        default=None, sa_column_kwargs={"comment": "Deleted by its author, kept empty because it has replies"}
    )
    like_count: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    import_key: str | None = Field(
        default=None, sa_column_kwargs={"comment": "Identity in its source, so that a second import finds it"}
    )


class Import(Row, table=True):
    """One run of an import and what came of it."""

    __tablename__: ClassVar[Any] = "imports"
    __table_args__ = (
        sa.CheckConstraint("kind IN ('wordpress', 'markdown')", name="kind"),
        sa.CheckConstraint("status IN ('queued', 'running', 'done', 'failed', 'interrupted')", name="status"),
        sa.CheckConstraint("total >= 0 AND done >= 0", name="progress"),
        sa.Index("ix_imports_org_id_id", "org_id", sa.text("id DESC")),
        {"comment": "Imports of other sites' posts"},
    )

    org_id: UUID = Field(foreign_key="organizations.id", ondelete="CASCADE")
    user_id: UUID | None = Field(default=None, foreign_key="users.id", ondelete="SET NULL", index=True)
    kind: ImportKind = Field(sa_type=text_enum(ImportKind))
    filename: str = Field(sa_column_kwargs={"comment": "Its name where it came from"})
    path: str = Field(sa_column_kwargs={"comment": "Where it lies under the data folder"})
    status: ImportStatus = Field(
        default=ImportStatus.QUEUED, sa_type=text_enum(ImportStatus), sa_column_kwargs={"server_default": "queued"}
    )
    total: int = Field(default=0, sa_column_kwargs={"server_default": "0", "comment": "Items found, 0 while unknown"})
    done: int = Field(default=0, sa_column_kwargs={"server_default": "0", "comment": "Items dealt with"})
    summary: dict[str, Any] = Field(
        default_factory=dict,
        sa_type=JSONB,
        sa_column_kwargs={"server_default": EMPTY_OBJECT, "comment": "Counts, and what was skipped and why"},
    )
    error: str | None = None

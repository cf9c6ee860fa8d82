"""Tags, and the two joins that put posts and comments under them."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from myapp.kit.slugs import slugify
from myapp.kit.table import Row


class Tag(Row, table=True):
    """What posts and comments are filed under in one organisation."""

    __tablename__: ClassVar[Any] = "tags"
    __table_args__ = (
        sa.UniqueConstraint("org_id", "slug"),
        sa.Index("ix_tags_org_id_sort_name", "org_id", sa.text('lower(name) COLLATE "C"')),
        sa.CheckConstraint("char_length(name) BETWEEN 1 AND 50", name="name_length"),
        sa.CheckConstraint("char_length(slug) BETWEEN 1 AND 80", name="slug_length"),
        {"comment": "Labels of posts and comments"},
    )

    org_id: UUID = Field(foreign_key="organizations.id", ondelete="CASCADE")
    name: str = ""
    slug: str = ""


def tag_slug(name: str, wished: str = "") -> str:
    """Where a tag stands in URLs. What leaves nothing for a slug, such as an emoji, gets one of its name's own.

    >>> tag_slug("Open source"), tag_slug("🎉"), tag_slug("🔥")
    ('open-source', 'tag-9a825261', 'tag-2a6e7a94')
    """
    digest = blake2b(name.encode("utf-8", "surrogatepass") + b"\0", digest_size=12).hexdigest()
    return slugify(wished or name, fallback=f"tag-{digest[:8]}")


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

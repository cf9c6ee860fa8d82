"""What the select of a post has of its files: JSON, within the one statement."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlmodel import col

from myapp.blog.schemas import Attachment, FileKind, Post
from myapp.kit.selects import Column, Condition


def cover_of_post() -> Column:
    """The cover as a `FileCard`, or null."""
    return sa.select(_file_card()).where(*_files_of_kind(FileKind.COVER)).scalar_subquery()


def attachments_of_post() -> Column:
    """An array of them, in their order."""
    in_order = aggregate_order_by(_file_card(), col(Attachment.position), col(Attachment.id))
    found = sa.select(sa.func.jsonb_agg(in_order)).where(*_files_of_kind(FileKind.ATTACHMENT))
    return sa.func.coalesce(found.scalar_subquery(), sa.literal_column("'[]'::jsonb"))


def _files_of_kind(kind: FileKind) -> tuple[Condition, ...]:
    """Said literally, as of covers there is an index."""
    return col(Attachment.post_id) == col(Post.id), col(Attachment.kind) == sa.literal_column(f"'{kind}'")


def _file_card() -> Column:
    """What a `FileCard` is made of, as JSON."""
    names = ("id", "kind", "key", "filename", "content_type", "size", "width", "height", "alt")
    table = sa.inspect(Attachment).local_table
    pairs: list[Column] = []
    for name in names:
        pairs += [sa.literal_column(f"'{name}'"), table.c[name]]
    return sa.func.jsonb_build_object(*pairs)

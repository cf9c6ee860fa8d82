"""Posts, tags, comments and imports: the front door."""

from myapp.blog.schemas import (
    BodyFormat,
    Comment,
    CommentKind,
    CommentTag,
    Import,
    ImportKind,
    ImportStatus,
    Post,
    PostSlug,
    PostStatus,
    PostTag,
    Tag,
)

__all__ = [
    "BodyFormat",
    "Comment",
    "CommentKind",
    "CommentTag",
    "Import",
    "ImportKind",
    "ImportStatus",
    "Post",
    "PostSlug",
    "PostStatus",
    "PostTag",
    "Tag",
]

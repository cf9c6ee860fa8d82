"""The tables of the blog: posts with their former slugs and files, tags, comments, imports and
exports.

What always holds, in the database as in the changesets: a slug is unique in its organisation, a post that is scheduled
or published has a time, a reply answers a comment of the same post that is no reply itself, and counters are never
negative.
"""

from myapp.blog.schemas.attachments import Attachment
from myapp.blog.schemas.comments import Comment
from myapp.blog.schemas.exports import Export
from myapp.blog.schemas.imports import Import
from myapp.blog.schemas.kinds import (
    BodyFormat,
    CommentKind,
    ExportFailure,
    ExportStatus,
    FileKind,
    ImportKind,
    ImportStatus,
    PostStatus,
)
from myapp.blog.schemas.notes import without_notes
from myapp.blog.schemas.posts import Post, PostSlug
from myapp.blog.schemas.tags import CommentTag, PostTag, Tag, tag_slug

__all__ = [
    "Attachment",
    "BodyFormat",
    "Comment",
    "CommentKind",
    "CommentTag",
    "Export",
    "ExportFailure",
    "ExportStatus",
    "FileKind",
    "Import",
    "ImportKind",
    "ImportStatus",
    "Post",
    "PostSlug",
    "PostStatus",
    "PostTag",
    "Tag",
    "tag_slug",
    "without_notes",
]

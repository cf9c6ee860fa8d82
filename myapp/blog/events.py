"""What the blog tells everybody who listens, after it is committed.

Events carry ids and states, never a title or a text: who listens may not be allowed to read them, so a listener asks
for the card with its own scope. Posts are told on `posts:<organisation>` and, where everybody may read them, on
`posts:all`; tags on `tags:<organisation>`, comments on `comments:<post>`, imports on `imports:<organisation>`,
exports on `exports:<organisation>`.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from myapp.kit.pubsub import event

ALL_POSTS = "posts:all"


def topic_posts(org_id: UUID | None) -> str:
    """Where the posts of an organisation, or of all public ones, are told about."""
    return f"posts:{org_id}" if org_id else ALL_POSTS


def topic_tags(org_id: UUID) -> str:
    """Where the numbers of published posts under an organisation's tags are told about."""
    return f"tags:{org_id}"


def topic_comments(post_id: UUID) -> str:
    """Where the comments of a post are told about."""
    return f"comments:{post_id}"


def topic_imports(org_id: UUID) -> str:
    """Where the imports of an organisation are told about."""
    return f"imports:{org_id}"


def topic_exports(org_id: UUID) -> str:
    """Where the exports of an organisation are told about."""
    return f"exports:{org_id}"


@dataclass(frozen=True)
class PostEvent:
    """Something happened to a post; `status` and `version` are the ones it has now."""

    org_id: UUID
    post_id: UUID
    author_id: UUID
    status: str
    version: int


@event("blog.post.created")
@dataclass(frozen=True)
class PostCreated(PostEvent):
    """A post was written; it may be a draft."""


@event("blog.post.updated")
@dataclass(frozen=True)
class PostUpdated(PostEvent):
    """Words, tags, author or place in the list changed."""


@event("blog.post.transferred")
@dataclass(frozen=True)
class PostTransferred(PostUpdated):
    """It passed to another author: `author_id` is the new one."""

    former_author_id: UUID


@event("blog.post.published")
@dataclass(frozen=True)
class PostPublished(PostEvent):
    """Readers can see it now."""


@event("blog.post.unpublished")
@dataclass(frozen=True)
class PostUnpublished(PostEvent):
    """It went back to its author as a draft, or waits for its hour."""


@event("blog.post.deleted")
@dataclass(frozen=True)
class PostDeleted(PostEvent):
    """It is gone; `status` is the one it had."""


@event("blog.posts.imported")
@dataclass(frozen=True)
class PostsImported:
    """Many posts came in at once: lists load themselves again."""

    org_id: UUID
    count: int


@event("blog.tags.changed")
@dataclass(frozen=True)
class TagsChanged:
    """Another number of published posts is under these tags; it may be none. What drafts are under is not told."""

    org_id: UUID
    tag_ids: tuple[str, ...]


@dataclass(frozen=True)
class CommentEvent:
    """Something happened to a comment."""

    org_id: UUID
    post_id: UUID
    comment_id: UUID
    parent_id: UUID | None


@event("blog.comment.created")
@dataclass(frozen=True)
class CommentCreated(CommentEvent):
    """Somebody commented or replied, to `answered_id`: a reply to a reply is filed under the first comment."""

    answered_id: UUID | None = None


@event("blog.comment.updated")
@dataclass(frozen=True)
class CommentUpdated(CommentEvent):
    """Its words changed, or a moderator hid or showed it."""


@event("blog.comment.deleted")
@dataclass(frozen=True)
class CommentDeleted(CommentEvent):
    """It is gone, or only its place is left because it has replies."""


@event("blog.import.progressed")
@dataclass(frozen=True)
class ImportProgressed:
    """An import is further, or at its end."""

    org_id: UUID
    import_id: UUID
    status: str
    done: int
    total: int


@event("blog.import.ended")
@dataclass(frozen=True)
class ImportEnded:
    """An import is done, or has failed: told once, with its end. `user_id` is who asked for it."""

    org_id: UUID
    import_id: UUID
    user_id: UUID | None
    filename: str
    status: str


@event("blog.export.progressed")
@dataclass(frozen=True)
class ExportProgressed:
    """An export is further, or at its end; `done` of `total` posts are in it."""

    org_id: UUID
    export_id: UUID
    status: str
    done: int
    total: int


@event("blog.export.ended")
@dataclass(frozen=True)
class ExportEnded:
    """An export is done, or has failed: told once, with its end. `user_id` is who asked for it."""

    org_id: UUID
    export_id: UUID
    user_id: UUID | None
    status: str


@event("blog.exports.forgotten")
@dataclass(frozen=True)
class ExportsForgotten:
    """The time of these is over, or a newer one has taken their place: their files are gone."""

    org_id: UUID
    export_ids: tuple[UUID, ...]

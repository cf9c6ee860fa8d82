"""Whom a change of a post is told."""

from __future__ import annotations

from myapp.blog.events import (
    ALL_POSTS,
    PostEvent,
    PostPublished,
    PostUnpublished,
    PostUpdated,
    topic_posts,
)
from myapp.blog.schemas import Post, PostStatus
from myapp.kit.pubsub import broadcast


def tell(kind: type[PostEvent], post: Post, *, was: PostStatus | None = None) -> None:
    """Broadcast once the transaction has committed; over all organisations only what readers see or saw."""
    event = kind(post.org_id, post.id, post.author_id, post.slug, post.status.value, post.version)
    broadcast(topic_posts(post.org_id), event)
    if PostStatus.PUBLISHED in {post.status, was}:
        broadcast(ALL_POSTS, event)


def kind_of_change(was: PostStatus, now: PostStatus) -> type[PostEvent]:
    """What a change of status is called."""
    if was != now and now == PostStatus.PUBLISHED:
        return PostPublished
    return PostUnpublished if was != now and was == PostStatus.PUBLISHED else PostUpdated

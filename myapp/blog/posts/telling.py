"""Whom a change of a post is told."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from myapp import accounts
from myapp.accounts import Visibility
from myapp.blog import counting
from myapp.blog.events import ALL_POSTS, PostEvent, PostPublished, PostUnpublished, PostUpdated, topic_posts
from myapp.blog.schemas import Post, PostStatus
from myapp.kit.pubsub import broadcast
from myapp.kit.scope import Scope

type Kind = Callable[[UUID, UUID, UUID, str, int], PostEvent]


async def tell(scope: Scope, kind: Kind, post: Post, *, was: PostStatus | None = None) -> None:
    """Broadcast once the transaction has committed; beyond the organisation only what everybody can or could read."""
    event = kind(post.org_id, post.id, post.author_id, post.status.value, post.version)
    counting.posts_changed(post.org_id)
    broadcast(topic_posts(post.org_id), event)
    if PostStatus.PUBLISHED not in {post.status, was}:
        return
    organization = await accounts.get_organization(scope, post.org_id)
    if organization.visibility == Visibility.PUBLIC:
        broadcast(ALL_POSTS, event)


def kind_of_change(was: PostStatus, now: PostStatus) -> type[PostEvent]:
    """What a change of status is called."""
    if was != now and now == PostStatus.PUBLISHED:
        return PostPublished
    return PostUnpublished if was != now and was == PostStatus.PUBLISHED else PostUpdated

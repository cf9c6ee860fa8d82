"""What happens to a post besides its words: publishing now or later, taking back, featuring, a new author."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from uuid import UUID

from myapp import accounts
from myapp.blog import queries
from myapp.blog.events import PostPublished, PostTransferred, PostUpdated
from myapp.blog.posts.telling import tell
from myapp.blog.posts.writing import locked, write
from myapp.blog.schemas import Post, PostStatus
from myapp.blog.schemas.changesets import post_changeset
from myapp.blog.tags import tag_ids_of, tell_tags
from myapp.kit import audit, repo
from myapp.kit.changeset import Attrs, change, messages
from myapp.kit.clock import now
from myapp.kit.errors import Forbidden, Invalid, NotFound
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope


async def publish_post(scope: Scope, post_id: UUID) -> Post:
    """Let readers see it from now on; one that was published before keeps its date."""
    return await _set_status(scope, post_id, {"status": PostStatus.PUBLISHED})


async def schedule_post(scope: Scope, post_id: UUID, at: datetime | str) -> Post:
    """Let it be published at that time. Raises Invalid when that has passed."""
    return await _set_status(scope, post_id, {"status": PostStatus.SCHEDULED, "published_at": at})


async def unpublish_post(scope: Scope, post_id: UUID) -> Post:
    """Make it a draft again."""
    return await _set_status(scope, post_id, {"status": PostStatus.DRAFT})


async def _set_status(scope: Scope, post_id: UUID, attrs: Attrs) -> Post:
    async with transaction(scope):
        post = await locked(scope, post_id, "publish_post")
        return await write(scope, post_changeset(post, attrs).optimistic_lock())


async def feature_post(scope: Scope, post_id: UUID, *, on: bool) -> Post:
    """Put it before the others, or back among them."""
    async with transaction(scope):
        post = await locked(scope, post_id, "feature_post")
        if post.is_featured == on:
            return post
        post = await repo.update(change(post, is_featured=on))
        await audit.record(scope, f"blog.post.{'' if on else 'un'}featured", "post", post.id)
        await tell(scope, PostUpdated, post)
    return post


async def transfer_post(scope: Scope, post_id: UUID, to_user_id: UUID) -> Post:
    """Give a post to another author, with a line in the history of each.

    Raises Invalid when the new author is not somebody of the organisation.
    """
    async with transaction(scope):
        post = await locked(scope, post_id, "transfer_post")
        former, changeset = post.author_id, change(post, author_id=to_user_id)
        if former == to_user_id:
            return post
        here, details = _within(scope, post.org_id), {"title": post.title, "from": former, "to": to_user_id}
        if not await accounts.is_member(here, to_user_id):
            raise Invalid(changeset.add_error("author_id", messages.MISSING))
        post = await repo.update(changeset)
        await accounts.record_activity(here, former, "post.given", "post", post.id, details)
        await accounts.record_activity(here, to_user_id, "post.received", "post", post.id, details)
        authors = {"author_id": former}, {"author_id": to_user_id}
        await audit.record(here, "blog.post.transferred", "post", post.id, before=authors[0], after=authors[1])
        await tell(scope, partial(PostTransferred, former_author_id=former), post)
    return post


async def publish_due_posts(scope: Scope) -> int:
    """Publish the scheduled posts whose time has come; how many. Only the system does.

    Each in a transaction of its own, and skipping what another process is at: any number may run at once, and one
    that can't be published holds up no other.
    """
    if not scope.is_system:
        raise Forbidden
    published = 0
    while await _publish_next(scope):
        published += 1
    return published


async def _publish_next(scope: Scope) -> bool:
    async with transaction(scope) as session:
        found = queries.due(scope, now()).limit(1).with_for_update(skip_locked=True)
        post = (await session.exec(found, execution_options={"populate_existing": True})).one_or_none()
        if post is None:
            return False
        post = await repo.update(change(post, status=PostStatus.PUBLISHED, version=post.version + 1))
        here = _within(scope, post.org_id)
        await audit.record(here, "blog.post.published", "post", post.id, after={"published_at": post.published_at})
        tell_tags(post, await tag_ids_of(post))
        await tell(scope, PostPublished, post, was=PostStatus.SCHEDULED)
    return True


def _within(scope: Scope, org_id: UUID) -> Scope:
    """The same who, in the organisation of the post."""
    if scope.org_id not in {None, org_id}:
        raise NotFound
    return Scope(scope.user_id, org_id, scope.role, scope.is_operator, scope.reason)

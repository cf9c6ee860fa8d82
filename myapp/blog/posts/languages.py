"""In which language a post's words are looked up: always its organisation's, also after that has become another.

Whoever writes a post asks for the language in the same transaction, and so holds the organisation's row (`FOR KEY
SHARE`, as its foreign key does anyway). When the language has changed, a job first waits until nobody does who may have
seen the former one, and then goes through all posts once.
"""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import REGCONFIG
from sqlmodel import col, select

from myapp.accounts import Organization, OrganizationUpdated
from myapp.blog.schemas import Post
from myapp.kit import jobs, lifetime, pubsub, repo
from myapp.kit.errors import Forbidden, NotFound
from myapp.kit.jobs import WAITING, Unique
from myapp.kit.query_log import repeats_allowed
from myapp.kit.repo import reading, transaction
from myapp.kit.scope import Scope
from myapp.kit.selects import fetch, pick

INDEX_POSTS = "myapp.blog.jobs.IndexPosts"
BATCH = 200
_ONE_JOB_EACH = Unique(keys=("org_id",), states=WAITING)


def install() -> None:
    """React to what organisations become from now on, in this process."""
    pubsub.react(OrganizationUpdated, _on_changed_organization)


async def language_of(org_id: UUID) -> str:
    """The organisation's language now, for posts that the open transaction writes. Raises NotFound."""
    held = select(Organization.language).where(col(Organization.id) == org_id)
    found = await repo.current_session().exec(held.with_for_update(read=True, key_share=True))
    language = found.one_or_none()
    if language is None:
        raise NotFound
    return language


async def index_posts(scope: Scope, org_id: UUID) -> int:
    """Give all posts of an organisation its language, some at a time; how many had another. Only the system does.

    Raises NotFound for a scope of another organisation.
    """
    _require_system(scope)
    if scope.org_id not in {None, org_id}:
        raise NotFound
    inside, changed, last = Scope.system(scope.reason, org_id), 0, UUID(int=0)
    try:
        await _wait_for_writers(inside, org_id)
        while (batch := await _batch(inside, org_id, last)) and (last := batch[-1]):
            changed += await _index(inside, org_id, batch)
            lifetime.leave_off()
    except NotFound:  # it was deleted, with its posts
        return changed
    return changed


async def queue_stale_languages(scope: Scope) -> int:
    """Add a job for each organisation that has posts in another language; how many. Only the system does."""
    _require_system(scope)
    stale = (
        pick(col(Post.org_id))
        .join(Organization, col(Organization.id) == col(Post.org_id))
        .where(col(Post.language) != col(Organization.language))
        .distinct()
    )
    async with reading(scope):
        found = [row["org_id"] for row in await fetch(stale)]
    with repeats_allowed():
        for org_id in found:
            await _queue(org_id)
    return len(found)


async def _on_changed_organization(event: OrganizationUpdated) -> None:
    if type(event) is OrganizationUpdated:  # it may have been its name: the job finds nothing to do
        await _queue(event.org_id)


async def _queue(org_id: UUID) -> None:
    await jobs.enqueue(INDEX_POSTS, {"org_id": org_id}, unique=_ONE_JOB_EACH)


async def _wait_for_writers(scope: Scope, org_id: UUID) -> None:
    """Whoever begins to write a post later sees the language there is now."""
    alone = select(Organization.id).where(col(Organization.id) == org_id).with_for_update()
    async with transaction(scope) as session:
        if (await session.exec(alone)).one_or_none() is None:
            raise NotFound


async def _batch(scope: Scope, org_id: UUID, last: UUID) -> list[UUID]:
    following = select(Post.id).where(col(Post.org_id) == org_id, col(Post.id) > last).order_by(col(Post.id))
    with repeats_allowed():
        async with repo.in_background(), reading(scope) as session:
            return list((await session.exec(following.limit(BATCH))).all())


async def _index(scope: Scope, org_id: UUID, post_ids: list[UUID]) -> int:
    """Nobody has changed them by that: their version and the time of their last change stay."""
    among = col(Post.id) == sa.any_(sa.cast(post_ids, sa.ARRAY(sa.Uuid())))
    with repeats_allowed():
        async with repo.in_background(), transaction(scope) as session:
            language = sa.literal(await language_of(org_id), REGCONFIG)
            stale = sa.update(Post).where(among, col(Post.language) != language)
            indexed = stale.values(language=language, updated_at=Post.updated_at)
            unseen = indexed.execution_options(synchronize_session=False)
            return cast("sa.CursorResult[Any]", await session.exec(unseen)).rowcount


def _require_system(scope: Scope) -> None:
    if not scope.is_system:
        raise Forbidden

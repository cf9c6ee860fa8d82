"""Numbers over all that an organisation has published: the same for everybody who may look into it, dear to find out,
and so cached until they change.

Who may look is asked every time, as rights are never cached. What is cached is found out by the system within the
organisation, so it can't depend on who asks first.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from myapp import accounts
from myapp.blog import queries
from myapp.blog.cards import TagCount
from myapp.blog.queries import published
from myapp.blog.schemas import Post, Tag
from myapp.kit import repo
from myapp.kit.async_stream import async_stream
from myapp.kit.cache import Cache, invalidate
from myapp.kit.errors import Forbidden, NotFound
from myapp.kit.repo import reading
from myapp.kit.scope import Scope
from myapp.kit.selects import fetch, pick

MOST_AUTHORS = 100

_WHY = "counts what everybody may read who may look into the organisation"


@dataclass(frozen=True, slots=True)
class AuthorNumbers:
    """How much somebody has published, and how often that was read."""

    author_id: UUID
    post_count: int
    view_count: int


# Whatever changes them says so; the views are written without a word, so they may be a quarter of an hour old. The
# warming comes every 15 minutes: what it has found out lasts until it comes again.
_TAGS = Cache("tag counts", tuple[TagCount, ...], ttl=3600, size=500)
_AUTHORS = Cache("author numbers", tuple[AuthorNumbers, ...], ttl=1200, size=2000)
_FEATURED = Cache("featured posts", int, ttl=3600, size=2000)
_VIEWS = Cache("posts by views", tuple[tuple[int, int], ...], ttl=1200, size=500)


async def may_look(scope: Scope) -> bool:
    """Whether the scope may read what the organisation at hand has published."""
    if scope.org_id is None:
        return False
    if scope.is_member or scope.is_system or scope.is_operator:
        return True
    try:
        await accounts.get_organization(scope, scope.org_id)
    except NotFound:
        return False
    return True


async def tag_counts(org_id: UUID) -> tuple[TagCount, ...]:
    """All tags in use, by name. Whether somebody may see them is for the caller to ask."""
    return await _TAGS.get(org_id, compute=partial(_count_tags, org_id), tags=["tags"])


async def author_numbers(org_id: UUID) -> tuple[AuthorNumbers, ...]:
    """Of the authors who are read most, MOST_AUTHORS at most."""
    return await _AUTHORS.get(org_id, compute=partial(_count_authors, org_id), tags=["posts"])


async def featured_count(org_id: UUID) -> int:
    """How many published posts it puts before the others."""
    return await _FEATURED.get(org_id, compute=partial(_count_featured, org_id), tags=["posts"])


async def posts_by_views(org_id: UUID) -> tuple[tuple[int, int], ...]:
    """How many published posts have how many views: pairs of a number of views and one of posts."""
    return await _VIEWS.get(org_id, compute=partial(_count_views, org_id), tags=["posts"])


async def _count_tags(org_id: UUID) -> tuple[TagCount, ...]:
    inside = Scope.system(_WHY, org_id)
    async with reading(inside):
        rows = await fetch(queries.all_tag_counts(inside).order_by(col(Tag.name)))
    return tuple(TagCount(**row) for row in rows)


async def _count_authors(org_id: UUID) -> tuple[AuthorNumbers, ...]:
    inside = Scope.system(_WHY, org_id)
    views = sa.cast(sa.func.sum(col(Post.view_count)), sa.BigInteger)
    statement = (
        pick(col(Post.author_id), sa.func.count().label("post_count"), views.label("view_count"))
        .where(published(inside))
        .group_by(col(Post.author_id))
        .order_by(views.desc(), col(Post.author_id))
        .limit(MOST_AUTHORS)
    )
    async with reading(inside):
        return tuple(AuthorNumbers(**row) for row in await fetch(statement))


async def _count_featured(org_id: UUID) -> int:
    inside = Scope.system(_WHY, org_id)
    async with reading(inside):
        [row] = await fetch(pick(sa.func.count().label("posts")).where(published(inside), col(Post.is_featured)))
    return row["posts"]


async def _count_views(org_id: UUID) -> tuple[tuple[int, int], ...]:
    inside = Scope.system(_WHY, org_id)
    statement = (
        pick(col(Post.view_count).label("views"), sa.func.count().label("posts"))
        .where(published(inside))
        .group_by(col(Post.view_count))
    )
    async with reading(inside):
        return tuple((row["views"], row["posts"]) for row in await fetch(statement))


def posts_changed(org_id: UUID) -> None:
    """Within the transaction: what is published there changes, or who wrote it."""
    invalidate(org_id, "posts")


def tags_changed(org_id: UUID) -> None:
    """Within the transaction: how many published posts are under some tags there changes."""
    invalidate(org_id, "tags")


async def warm_caches(scope: Scope, *, organizations: int = 100) -> None:
    """Find out anew what many will ask for: the numbers of the organisations that have published most.

    For this process or, where the cache is in Redis, for all of them. For the system only: raises Forbidden.
    """
    if not scope.is_system:
        raise Forbidden
    largest = (
        pick(col(Post.org_id))
        .where(queries.is_published())
        .group_by(col(Post.org_id))
        .order_by(sa.func.count().desc())
        .limit(organizations)
    )
    async with reading(scope):
        org_ids = [row["org_id"] for row in await fetch(largest)]
    async for _ in async_stream(org_ids, _warm, limit=2, timeout=60, on_timeout="mark"):
        pass


async def _warm(org_id: UUID) -> None:
    async with repo.in_background():
        await _TAGS.refresh(org_id, compute=partial(_count_tags, org_id), tags=["tags"])
        await _AUTHORS.refresh(org_id, compute=partial(_count_authors, org_id), tags=["posts"])
        await _FEATURED.refresh(org_id, compute=partial(_count_featured, org_id), tags=["posts"])
        await _VIEWS.refresh(org_id, compute=partial(_count_views, org_id), tags=["posts"])

"""From what a list is asked for to the conditions that its posts must meet.

Names are looked up first: with an author's or a tag's id in the statement PostgreSQL knows how many posts to expect,
and walks through the newest for a common tag, but fetches the few of a rare one. For a text the same is found out by
looking at the latest posts.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlmodel import col

from myapp.accounts import User
from myapp.blog import queries
from myapp.blog.cards import PostFilters
from myapp.blog.queries import SEARCH, matches, published, readable
from myapp.blog.schemas import Post, PostStatus, PostTag, Tag
from myapp.blog.search import WINDOW
from myapp.blog.tsquery import compile_query
from myapp.kit.changeset.casting import is_storable
from myapp.kit.scope import Scope
from myapp.kit.selects import Column, Condition, fetch, pick

FREQUENT = 20
"""Of the latest `WINDOW` posts: from there on walking to the next page is quicker than looking all of them up."""


async def conditions_of(
    scope: Scope, filters: PostFilters, *, among: Collection[UUID] | None = None
) -> list[Condition] | None:
    """What the posts of a list must meet, reading included; None when nothing can. `among` asks about a few of them."""
    texts = (filters.author, filters.meta_key, filters.meta_value, *filters.tags)
    if not all(is_storable(text) for text in texts):
        return None
    conditions = [_read(scope, filters.status), *_within(filters)]
    if among is not None:
        conditions.append(queries.among(among))
    if filters.meta_key:
        conditions.append(_has_meta(filters.meta_key, filters.meta_value))
    if filters.featured:
        conditions.append(col(Post.is_featured))
    for named in (await _by_author(filters.author), await _under_tags(scope, filters.tags)):
        if named is None:
            return None
        conditions += named
    if not filters.text.strip():
        return conditions
    if among is not None:
        query = await compile_query(scope, filters.text)
        return None if query is None else [*conditions, matches(SEARCH, query.strict)]
    found = await _has_words(scope, filters, conditions)
    return None if found is None else [*conditions, found]


def when(status: PostStatus | None) -> Column:
    """The time a list goes by: of publication for what is published, else of writing."""
    return col(Post.published_at) if status == PostStatus.PUBLISHED else col(Post.inserted_at)


def _read(scope: Scope, status: PostStatus | None) -> Condition:
    if status == PostStatus.PUBLISHED:
        return published(scope)
    return readable(scope) if status is None else sa.and_(readable(scope), col(Post.status) == status)


def _within(filters: PostFilters) -> list[Condition]:
    moment = when(filters.status)
    since = [moment >= _midnight(filters.since)] if filters.since else []
    until = [moment < _midnight(filters.until) + timedelta(days=1)] if filters.until else []
    return [*since, *until]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), UTC)


def _has_meta(key: str, value: str) -> Condition:
    """A text that reads as a JSON number, true or false also stands for that."""
    meta = col(Post.meta)
    if not value:
        return sa.func.jsonb_exists(meta, key)
    wanted: list[object] = [value]
    try:
        parsed = orjson.loads(value)
    except orjson.JSONDecodeError:
        parsed = value
    if isinstance(parsed, (bool, int, float)):
        wanted.append(parsed)
    return sa.or_(*(meta.contains({key: each}) for each in wanted))


async def _by_author(username: str) -> list[Condition] | None:
    if not username:
        return []
    named = sa.func.lower(col(User.username)) == sa.func.lower(username)
    found = await fetch(pick(col(User.id)).where(named))
    return [col(Post.author_id) == found[0]["id"]] if found else None


async def _under_tags(scope: Scope, slugs: tuple[str, ...]) -> list[Condition] | None:
    if not slugs:
        return []
    tags = pick(col(Tag.id), col(Tag.slug)).where(col(Tag.slug).in_(slugs))
    found = await fetch(tags.where(col(Tag.org_id) == scope.org_id) if scope.org_id else tags)
    by_slug = {slug: [row["id"] for row in found if row["slug"] == slug] for slug in slugs}
    if not all(by_slug.values()):
        return None
    here = col(PostTag.post_id) == col(Post.id)
    return [sa.exists().where(here, col(PostTag.tag_id).in_(ids)) for ids in by_slug.values()]


async def _has_words(scope: Scope, filters: PostFilters, others: list[Condition]) -> Condition | None:
    """Many of the latest posts have the words: then a list finds its next page by walking on. Else they are all
    looked up in the index.
    """
    query = await compile_query(scope, filters.text)
    if query is None:
        return None
    latest = pick(SEARCH.label("search")).where(*others).order_by(when(filters.status).desc()).limit(WINDOW)
    vectors = latest.subquery()
    probe = pick(sa.func.count().label("count")).select_from(vectors).where(matches(vectors.c.search, query.strict))
    if (await fetch(probe))[0]["count"] >= FREQUENT:
        return matches(SEARCH, query.strict)
    all_of_them = sa.select(col(Post.id)).where(matches(SEARCH, queries.unseen(query.strict)), *others)
    return col(Post.id) == sa.any_(sa.func.array(all_of_them.scalar_subquery()))

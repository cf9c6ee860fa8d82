"""From what a list is asked for to the conditions that its posts must meet.

Names are looked up first: with an author's or a tag's id in the statement PostgreSQL knows how many posts to expect,
and walks through the newest for a common tag, but fetches the few of a rare one. For a text the same is found out by
looking at the latest posts.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, TSQUERY
from sqlmodel import col

from myapp.accounts import User
from myapp.blog import queries
from myapp.blog.cards import PostFilters
from myapp.blog.queries import SEARCH, listed_at, matches, published, readable
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
        conditions.append(await _has_meta(filters, conditions, known=among is not None))
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


def _read(scope: Scope, status: PostStatus | None) -> Condition:
    if status == PostStatus.PUBLISHED:
        return published(scope)
    return readable(scope) if status is None else sa.and_(readable(scope), col(Post.status) == status)


def _within(filters: PostFilters) -> list[Condition]:
    moment = listed_at(filters.status)
    since = [moment >= _midnight(filters.since)] if filters.since else []
    ends = filters.until is not None and filters.until < date.max  # after the last day there is no other
    until = [moment < _midnight(filters.until + timedelta(days=1))] if filters.until and ends else []
    return [*since, *until]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), UTC)


async def _has_meta(filters: PostFilters, others: list[Condition], *, known: bool) -> Condition:
    """A text that reads as a JSON number, true or false also stands for that. Looked up as words are, but for posts
    that are `known` already.
    """
    meta, key, value = col(Post.meta), filters.meta_key, filters.meta_value
    if not value:
        return sa.func.jsonb_exists(meta, key)
    wanted = [{key: each} for each in _readings(value)]

    def has(column: Column) -> Condition:
        return sa.or_(*(column.contains(each) for each in wanted))

    if known or await _is_frequent(meta, has, filters, others):
        return has(meta)
    return _is_any(sa.func.posts_with_metadata(sa.cast(wanted, sa.ARRAY(JSONB()))))


def _readings(value: str) -> list[object]:
    wanted: list[object] = [value]
    try:
        parsed = orjson.loads(value)
    except orjson.JSONDecodeError:
        parsed = value
    if isinstance(parsed, (bool, int, float)):
        wanted.append(parsed)
    return wanted


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
    query = await compile_query(scope, filters.text)
    if query is None:
        return None
    if await _is_frequent(SEARCH, lambda column: matches(column, query.strict), filters, others):
        return matches(SEARCH, query.strict)
    return _is_any(sa.func.posts_with(sa.literal(query.strict, TSQUERY)))


async def _is_frequent(
    column: Column, has: Callable[[Column], Condition], filters: PostFilters, others: list[Condition]
) -> bool:
    """Whether many of the latest posts have something: then a list finds its next page by walking on.

    Else they are all looked up in the index, which a function of the database has to do (`search.py` says why).
    """
    latest = pick(column.label("looked_at")).where(*others).order_by(listed_at(filters.status).desc()).limit(WINDOW)
    looked_at = latest.subquery().c.looked_at
    probe = pick(sa.func.count().label("count")).where(has(looked_at))
    return (await fetch(probe))[0]["count"] >= FREQUENT


def _is_any(ids: Column) -> Condition:
    return col(Post.id) == sa.any_(sa.func.array(pick(ids).scalar_subquery()))

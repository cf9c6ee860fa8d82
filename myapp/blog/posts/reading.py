"""Finding posts: lists, single posts, and where a former slug leads."""

from __future__ import annotations

from collections.abc import Collection
from typing import overload
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from myapp import accounts
from myapp.blog import counting, queries
from myapp.blog.cards import PostCard, PostDetail, PostFilters, Sort, to_card, to_detail
from myapp.blog.events import topic_posts
from myapp.blog.posts.errors import MovedSlug
from myapp.blog.posts.filtering import conditions_of
from myapp.blog.queries import Order
from myapp.blog.schemas import Post
from myapp.kit.changeset.casting import is_storable
from myapp.kit.errors import NotFound
from myapp.kit.pagination import KeysetPage, OffsetPage, keyset_page
from myapp.kit.pubsub import Callback, Subscription, subscribe
from myapp.kit.repo import reading
from myapp.kit.scope import Scope
from myapp.kit.selects import Condition, fetch, named, pick
from myapp.kit.slugs import slugify

EVERYTHING = PostFilters()


@overload
async def list_posts(
    scope: Scope, filters: PostFilters = ..., *, sort: Sort = ..., page: int, limit: int = ...
) -> OffsetPage[PostCard]: ...
@overload
async def list_posts(
    scope: Scope,
    filters: PostFilters = ...,
    *,
    sort: Sort = ...,
    page: None = None,
    after: str | None = ...,
    before: str | None = ...,
    limit: int = ...,
) -> KeysetPage[PostCard]: ...
async def list_posts(
    scope: Scope,
    filters: PostFilters = EVERYTHING,
    *,
    sort: Sort = "newest",
    page: int | None = None,
    after: str | None = None,
    before: str | None = None,
    limit: int = 20,
) -> KeysetPage[PostCard] | OffsetPage[PostCard]:
    """Posts that the scope may read: those of its organisation, or of all public ones if it has none.

    With `page` they come by number and counted, else by keyset, next to the cursor `after` or `before`. Raises
    InvalidCursor, which is a NotFound.
    """
    order = queries.order(sort, filters.status)
    # For the newest of everybody there is one good plan; of one organisation it depends on how much the others have.
    plan_once = scope.org_id is None and filters == EVERYTHING and page is None
    async with reading(scope, plan_once=plan_once):
        conditions = await conditions_of(scope, filters)
        if page is not None:
            return await _numbered(conditions, order, page, limit) if conditions else OffsetPage([], 1, limit, 0)
        if conditions is None:
            return KeysetPage([])
        statement = queries.cards(*conditions)
        found = await keyset_page(statement, order=order, after=after, before=before, limit=limit, plan_once=plan_once)
    cards = [to_card(values) for values in named(found.entries)]
    return KeysetPage(cards, found.before, found.after)


async def _numbered(conditions: list[Condition], order: Order, page: int, limit: int) -> OffsetPage[PostCard]:
    """Page `page`, or the last one. Only its own posts become cards: those before it are passed over in the index."""
    size, total = min(max(limit, 1), 100), await _count(conditions)
    number = min(max(page, 1), max(1, -(-total // size)))
    ordering = [column.desc() if direction == "desc" else column.asc() for column, direction in order]
    ids = sa.select(col(Post.id)).where(*conditions).order_by(*ordering).limit(size).offset((number - 1) * size)
    shown = col(Post.id) == sa.any_(sa.func.array(ids.scalar_subquery()))
    rows = await fetch(queries.cards(shown).order_by(*ordering)) if total else []
    return OffsetPage([to_card(row) for row in rows], number, size, total)


async def count_posts(scope: Scope, filters: PostFilters = EVERYTHING) -> int:
    """How many posts `list_posts` would find."""
    async with reading(scope):
        conditions = await conditions_of(scope, filters)
        return await _count(conditions) if conditions else 0


async def count_featured(scope: Scope) -> int:
    """How many published posts the organisation at hand puts before the others; it is remembered for an hour."""
    if scope.org_id is None or not await counting.may_look(scope):
        return 0
    return await counting.featured_count(scope.org_id)


async def _count(conditions: list[Condition]) -> int:
    counted = pick(sa.func.count().label("count")).select_from(Post).where(*conditions)
    return (await fetch(counted))[0]["count"]


async def get_post(scope: Scope, slug: str) -> PostDetail:
    """The post of the organisation at hand under this slug.

    Raises MovedSlug for a former one and for another way to write it, as in capitals; or NotFound.
    """
    if scope.org_id is None or not is_storable(slug):
        raise NotFound
    async with reading(scope, plan_once=True) as session:
        detail = await _fetch_detail(scope, col(Post.slug) == slug)
        if detail is not None:
            return detail
        present = (await session.exec(queries.moved_to(scope, slug))).one_or_none()
        plain = slugify(slug, max_length=len(slug), fallback="")
        if present is None and plain not in {"", slug} and await _fetch_detail(scope, col(Post.slug) == plain):
            present = plain
    raise NotFound if present is None else MovedSlug(present)


async def get_post_by_id(scope: Scope, post_id: UUID) -> PostDetail:
    """Raises NotFound for a post that the scope may not read."""
    detail = await _fetch_detail(scope, col(Post.id) == post_id)
    if detail is None:
        raise NotFound
    return detail


async def fetch_card(scope: Scope, post_id: UUID) -> PostCard | None:
    """The card of one post, for a list that was told of a change; None when the scope may not read it (any more)."""
    async with reading(scope, plan_once=True):
        rows = await fetch(queries.cards(queries.readable(scope), col(Post.id) == post_id))
    return to_card(rows[0]) if rows else None


async def fetch_cards(scope: Scope, post_ids: Collection[UUID], filters: PostFilters = EVERYTHING) -> list[PostCard]:
    """The cards of those of these posts that `list_posts` would find by these filters, in no order."""
    async with reading(scope):
        conditions = await conditions_of(scope, filters, among=post_ids)
        rows = await fetch(queries.cards(*conditions)) if conditions else []
    return [to_card(row) for row in rows]


async def _fetch_detail(scope: Scope, condition: Condition) -> PostDetail | None:
    async with reading(scope, plan_once=True):
        rows = await fetch(queries.details(queries.readable(scope), condition))
    return to_detail(rows[0]) if rows else None


async def subscribe_posts(scope: Scope, callback: Callback) -> Subscription:
    """Hear of the posts of the organisation at hand, or, without one, of what is published anywhere.

    Events name posts that the scope may not be allowed to read: ask `fetch_card` for each. Raises NotFound for an
    organisation that the scope may not look into.
    """
    if scope.org_id is not None:
        await accounts.get_organization(scope, scope.org_id)
    return subscribe(topic_posts(scope.org_id), callback)

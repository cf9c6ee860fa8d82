"""Finding posts: lists, single posts, and where a former slug leads."""

from __future__ import annotations

from typing import Any, overload
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from myapp import accounts
from myapp.blog import queries
from myapp.blog.cards import PostCard, PostDetail, PostFilters, Sort, to_card, to_detail
from myapp.blog.events import topic_posts
from myapp.blog.posts.errors import MovedSlug
from myapp.blog.queries import Condition, Rows
from myapp.blog.schemas import Post
from myapp.blog.search import compile_query
from myapp.kit.changeset.casting import is_storable
from myapp.kit.errors import NotFound
from myapp.kit.pagination import KeysetPage, OffsetPage, keyset_page, offset_page
from myapp.kit.pubsub import Callback, Subscription, subscribe
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope

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
    async with transaction():
        statement = await _filtered(queries.cards(scope), scope, filters)
        if statement is None:
            return KeysetPage([]) if page is None else OffsetPage([], 1, limit, 0)
        order = queries.order(sort, filters.status)
        if page is None:
            found = await keyset_page(statement, order=order, after=after, before=before, limit=limit)
            return KeysetPage(_cards(statement, found.entries), found.before, found.after)
        ordering = (column.desc() if direction == "desc" else column.asc() for column, direction in order)
        counted = await offset_page(statement.order_by(*ordering), page=page, page_size=limit)
        return OffsetPage(_cards(statement, counted.entries), counted.page, counted.page_size, counted.total_count)


def _cards(statement: Rows, rows: list[sa.Row[*tuple[Any, ...]]]) -> list[PostCard]:
    return [to_card(values) for values in queries.named(statement, rows)]


async def count_posts(scope: Scope, filters: PostFilters = EVERYTHING) -> int:
    """How many posts `list_posts` would find."""
    everything = queries.pick(sa.func.count().label("count")).select_from(Post).where(queries.readable(scope))
    async with transaction():
        statement = await _filtered(everything, scope, filters)
        return (await queries.fetch(statement))[0]["count"] if statement is not None else 0


async def _filtered(statement: Rows, scope: Scope, filters: PostFilters) -> Rows | None:
    """The statement with its filters, or None when they ask for what can't be there."""
    texts = [filters.author, filters.meta_key, filters.meta_value, *filters.tags]
    if not all(is_storable(text) for text in texts):
        return None
    if not filters.text.strip():
        return queries.filtered(statement, filters, None)
    query = await compile_query(scope, filters.text)
    return queries.filtered(statement, filters, query.strict) if query else None


async def get_post(scope: Scope, slug: str) -> PostDetail:
    """The post of the organisation at hand under this slug. Raises MovedSlug for a former one, or NotFound."""
    if scope.org_id is None or not is_storable(slug):
        raise NotFound
    async with transaction() as session:
        detail = await _fetch_detail(scope, col(Post.slug) == slug)
        if detail is not None:
            return detail
        present = (await session.exec(queries.moved_to(scope, slug))).one_or_none()
    raise NotFound if present is None else MovedSlug(present)


async def get_post_by_id(scope: Scope, post_id: UUID) -> PostDetail:
    """Raises NotFound for a post that the scope may not read."""
    detail = await _fetch_detail(scope, col(Post.id) == post_id)
    if detail is None:
        raise NotFound
    return detail


async def fetch_card(scope: Scope, post_id: UUID) -> PostCard | None:
    """The card of one post, for a list that was told of a change; None when the scope may not read it (any more)."""
    rows = await queries.fetch(queries.cards(scope).where(col(Post.id) == post_id))
    return to_card(rows[0]) if rows else None


async def _fetch_detail(scope: Scope, condition: Condition) -> PostDetail | None:
    rows = await queries.fetch(queries.details(scope).where(condition))
    return to_detail(rows[0]) if rows else None


async def subscribe_posts(scope: Scope, callback: Callback) -> Subscription:
    """Hear of the posts of the organisation at hand, or, without one, of what is published anywhere.

    Events name posts that the scope may not be allowed to read: ask `fetch_card` for each. Raises NotFound for an
    organisation that the scope may not look into.
    """
    if scope.org_id is not None:
        await accounts.get_organization(scope, scope.org_id)
    return subscribe(topic_posts(scope.org_id), callback)

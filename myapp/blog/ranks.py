"""Numbers about posts and their authors, for any number of them in one query."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from myapp.accounts import User, avatar_key_of
from myapp.blog import counting, queries
from myapp.blog.cards import AuthorStats, PostRank
from myapp.blog.queries import published
from myapp.blog.schemas import Post
from myapp.kit.repo import reading
from myapp.kit.scope import Scope
from myapp.kit.selects import Column, Condition, fetch, pick


async def rank_posts(scope: Scope, post_ids: Collection[UUID]) -> dict[UUID, PostRank]:
    """The places of these posts by views, among their authors' posts and among all that are published in the
    organisation at hand. Equal views share a place, and the next place is left free (1, 2, 2, 4).

    Within an organisation the second is as of some minutes ago: all of its posts count for it.
    """
    if not post_ids:
        return {}
    authors = sa.select(col(Post.author_id)).where(queries.among(post_ids))
    own = _places(scope, col(Post.author_id), only=[col(Post.author_id).in_(authors)])
    here: tuple[Column, ...] = (
        col(Post.id).label("post_id"), col(Post.view_count).label("views"), own.c.place.label("rank_of_author"),
    )  # fmt: skip
    statement = (
        pick(*here)
        .join(own, sa.and_(own.c.view_count == col(Post.view_count), own.c.author_id == col(Post.author_id)))
        .where(queries.among(post_ids), published(scope))
    )
    if scope.org_id is None:
        overall = _places(scope)
        everywhere = statement.join(overall, overall.c.view_count == col(Post.view_count))
        async with reading(scope):
            rows = await fetch(everywhere.add_columns(overall.c.place.label("rank_overall")))
        return {row["post_id"]: PostRank(row["post_id"], row["rank_of_author"], row["rank_overall"]) for row in rows}
    async with reading(scope):
        rows = await fetch(statement)
    spread = await counting.posts_by_views(scope.org_id) if rows else ()
    return {
        row["post_id"]: PostRank(
            row["post_id"], row["rank_of_author"], 1 + sum(count for views, count in spread if views > row["views"])
        )
        for row in rows
    }


def _places(scope: Scope, *groups: Column, only: Sequence[Condition] = ()) -> sa.Subquery:
    """The place of each number of views, `rank()` over posts: one more than the posts that have more views.

    It is computed over the numbers, of which there are few, from an index that has nothing else in it.
    """
    views = col(Post.view_count)
    above = sa.func.sum(sa.func.count()).over(partition_by=groups or None, order_by=views.desc(), rows=(None, -1))
    place = sa.cast(1 + sa.func.coalesce(above, 0), sa.Integer)
    return pick(*groups, views, place.label("place")).where(published(scope), *only).group_by(*groups, views).subquery()


async def list_author_stats(scope: Scope, *, limit: int = 20) -> list[AuthorStats]:
    """The authors of what is published in the organisation at hand, the most read first; 100 at most."""
    if scope.org_id is None or not await counting.may_look(scope):
        return []
    numbers = (await counting.author_numbers(scope.org_id))[:limit]
    people = pick(col(User.id), col(User.name), col(User.username), avatar_key_of(col(User.id))).where(
        col(User.id) == sa.any_(sa.cast([each.author_id for each in numbers], sa.ARRAY(sa.Uuid())))
    )
    async with reading(scope):
        found = {row["id"]: row for row in await fetch(people)} if numbers else {}
    return [
        AuthorStats(
            each.author_id,
            found[each.author_id]["name"],
            found[each.author_id]["username"],
            found[each.author_id]["avatar_key"],
            each.post_count,
            each.view_count,
        )
        for each in numbers
        if each.author_id in found
    ]

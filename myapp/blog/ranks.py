"""Numbers about posts and their authors, for any number of them in one query."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from myapp.accounts import User
from myapp.blog import queries
from myapp.blog.cards import AuthorStats, PostRank
from myapp.blog.queries import is_published, pick, readable
from myapp.blog.schemas import Comment, Post
from myapp.kit.scope import Scope


async def rank_posts(scope: Scope, post_ids: Collection[UUID]) -> dict[UUID, PostRank]:
    """The places of these posts by views, among their authors' posts and among all that are published in the
    organisation at hand. Equal views share a place, and the next place is left free (1, 2, 2, 4).
    """
    views = col(Post.view_count).desc()
    overall = (
        pick(col(Post.id), sa.func.rank().over(order_by=views).label("rank_overall"))
        .where(readable(scope), is_published())
        .subquery()
    )
    authors = sa.select(col(Post.author_id)).where(queries.among(post_ids))
    own = (
        pick(
            col(Post.id), sa.func.rank().over(partition_by=col(Post.author_id), order_by=views).label("rank_of_author")
        )
        .where(readable(scope), is_published(), col(Post.author_id).in_(authors))
        .subquery()
    )
    wanted = overall.c.id == sa.any_(sa.cast(list(post_ids), sa.ARRAY(sa.Uuid())))
    statement = pick(overall.c.id, own.c.rank_of_author, overall.c.rank_overall).join(own, own.c.id == overall.c.id)
    rows = await queries.fetch(statement.where(wanted)) if post_ids else []
    return {row["id"]: PostRank(row["id"], row["rank_of_author"], row["rank_overall"]) for row in rows}


async def list_author_stats(scope: Scope, *, limit: int = 20) -> list[AuthorStats]:
    """The authors of what is published in the organisation at hand, the most read first."""
    comments = (
        pick(col(Comment.post_id), sa.func.count().label("count"))
        .where(queries.is_shown(), col(Comment.org_id) == scope.org_id)
        .group_by(col(Comment.post_id))
        .subquery()
    )
    statement = (
        pick(
            col(User.id).label("author_id"),
            col(User.name),
            col(User.username),
            sa.func.count().label("post_count"),
            sa.cast(sa.func.sum(col(Post.view_count)), sa.BigInteger).label("view_count"),
            sa.cast(sa.func.coalesce(sa.func.sum(comments.c.count), 0), sa.BigInteger).label("comment_count"),
        )
        .select_from(Post)
        .join(User, col(User.id) == col(Post.author_id))
        .outerjoin(comments, comments.c.post_id == col(Post.id))
        .where(readable(scope), is_published(), col(Post.org_id) == scope.org_id)
        .group_by(col(User.id))
        .order_by(sa.desc("view_count"), col(User.id))
        .limit(limit)
    )
    return [AuthorStats(**row) for row in await queries.fetch(statement)]

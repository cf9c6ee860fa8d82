"""Every select of the blog, filtered by what the scope may read.

The rule of reading, in one place (`readable`): everybody reads what public organisations have published; a member also
what the own, private organisation has, and the own drafts; its moderators and above read everything of it; the system
and operators read everything.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSQUERY, aggregate_order_by
from sqlalchemy.orm import Mapped
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from myapp.accounts import Organization, User, Visibility, avatar_key_of
from myapp.blog.cards import EXCERPT_LENGTH, Sort
from myapp.blog.files.columns import attachments_of_post, cover_of_post
from myapp.blog.schemas import Comment, CommentTag, Post, PostSlug, PostStatus, PostTag, Tag
from myapp.kit.scope import Role, Scope
from myapp.kit.selects import Column, Condition, Select, by_name, pick

type Order = list[tuple[Column, Literal["asc", "desc"]]]

SEARCH: Column = sa.inspect(Post).local_table.c.search


def is_published() -> Condition:
    """Said literally, so that also a prepared statement's plan may use the partial indexes."""
    return col(Post.status) == sa.literal_column("'published'")


def readable(scope: Scope) -> Condition:
    """Which posts the scope may read."""
    if _sees_everything(scope):
        return _here(scope)
    if scope.is_member:
        return sa.and_(_here(scope), sa.or_(is_published(), col(Post.author_id) == scope.user_id))
    return published(scope)


def published(scope: Scope) -> Condition:
    """Which of the posts that the scope may read are published: said so that the partial indexes answer it alone."""
    return sa.and_(is_published(), _organization_is_readable(scope, col(Post.org_id)))


def _organization_is_readable(scope: Scope, org_id: Mapped[UUID]) -> Condition:
    """Whether the scope may read what this organisation has published."""
    here = _within(scope, org_id)
    if scope.is_member or _sees_everything(scope):
        return here
    public = sa.select(col(Organization.id)).where(col(Organization.visibility) == Visibility.PUBLIC)
    if scope.org_id is None:
        return org_id.in_(public)
    # About the organisation and not about each post, so it is asked once and leaves the choice of index alone.
    return sa.and_(here, public.where(col(Organization.id) == scope.org_id).exists())


def _here(scope: Scope) -> Condition:
    return _within(scope, col(Post.org_id))


def _within(scope: Scope, org_id: Mapped[UUID]) -> Condition:
    return org_id == scope.org_id if scope.org_id else sa.true()


def _sees_everything(scope: Scope) -> bool:
    return scope.is_system or scope.is_operator or scope.at_least(Role.MODERATOR)


def posts(scope: Scope) -> SelectOfScalar[Post]:
    """Rows, to change them."""
    return select(Post).where(readable(scope))


def cards(*conditions: Condition) -> Select:
    """What a `PostCard` is made of: one statement, whatever the number of posts. `readable` is up to the caller."""
    return _cards().where(*conditions)


def details(*conditions: Condition) -> Select:
    """What a `PostDetail` is made of."""
    return _details().where(*conditions)


# Built once: that takes longer than to run them.
@cache
def _cards() -> Select:
    return _with_author(pick(*_card_columns()))


@cache
def _details() -> Select:
    more: tuple[Column, ...] = (
        col(Post.body), col(Post.body_format), col(Post.body_html),
        sa.func.coalesce(col(Post.excerpt), "").label("own_excerpt"), col(Post.meta).label("meta"),
        col(Post.import_key),
        attachments_of_post().label("attachments"),
    )  # fmt: skip
    return _with_author(pick(*_card_columns(), *more))


def _with_author(statement: Select) -> Select:
    return statement.join(User, col(User.id) == col(Post.author_id)).join(
        Organization, col(Organization.id) == col(Post.org_id)
    )


def _card_columns() -> tuple[Column, ...]:
    return (
        col(Post.id), col(Post.org_id), col(Organization.slug).label("org_slug"), col(Post.title), col(Post.slug),
        col(Organization.name).label("org_name"), avatar_key_of(col(Post.author_id)).label("author_avatar"),
        sa.func.left(sa.func.coalesce(col(Post.excerpt), col(Post.body_text)), EXCERPT_LENGTH + 1).label("excerpt"),
        col(Post.status), col(Post.published_at), col(Post.inserted_at), col(Post.updated_at),
        col(Post.edited_at), col(Post.is_featured), col(Post.view_count), col(Post.version), col(Post.author_id),
        col(User.name).label("author_name"), col(User.username).label("author_username"),
        _tags_of(col(PostTag.tag_id), col(PostTag.post_id) == col(Post.id)).label("tags"),
        _comment_count().label("comment_count"), cover_of_post().label("cover"),
    )  # fmt: skip


def _tags_of(tag_id: Column, joined: Condition) -> Column:
    """Names and slugs as a JSON array, by name."""
    pair = sa.func.jsonb_build_array(col(Tag.name), col(Tag.slug))
    found = sa.select(sa.func.jsonb_agg(aggregate_order_by(pair, col(Tag.name)))).where(col(Tag.id) == tag_id, joined)
    return sa.func.coalesce(found.scalar_subquery(), sa.literal_column("'[]'::jsonb"))


def _comment_count() -> Column:
    counted = sa.select(sa.func.count()).where(col(Comment.post_id) == col(Post.id), is_shown())
    return counted.scalar_subquery()


def is_shown() -> Condition:
    """Comments that everybody may read."""
    return sa.and_(
        col(Comment.hidden_at).is_(None),
        col(Comment.deleted_at).is_(None),
        col(Comment.kind) == sa.literal_column("'comment'"),
    )


def matches(vector: Column, query: str | Column) -> Condition:
    """Whether a tsvector holds what a tsquery, as PostgreSQL prints it, asks for."""
    # Bound as a tsquery: a text that is cast would be parsed anew for every row of a prepared statement.
    return vector.bool_op("@@")(sa.literal(query, TSQUERY) if isinstance(query, str) else query)


def listed_at(status: PostStatus | None) -> Column:
    """The time a list of posts goes by, which its rows show: of publication, or of writing where there is none."""
    if status == PostStatus.PUBLISHED:
        return col(Post.published_at)
    return sa.func.coalesce(col(Post.published_at), col(Post.inserted_at)).label("dated_at")


def order(sort: Sort, status: PostStatus | None) -> Order:
    """Total orders, each with an index for published posts, and those by time for others, too."""
    if sort == "views":
        return [(col(Post.view_count), "desc"), (col(Post.id), "desc")]
    direction = "asc" if sort == "oldest" else "desc"
    return [(listed_at(status), direction), (col(Post.id), direction)]


def comments(scope: Scope) -> SelectOfScalar[Comment]:
    """Rows, to change them. Whoever reads a post finds its comments, moderators the hidden ones too."""
    found = select(Comment).join(Post, col(Post.id) == col(Comment.post_id)).where(readable(scope))
    if scope.at_least(Role.MODERATOR):
        return found
    return found.where(col(Comment.hidden_at).is_(None))


def comment_cards(scope: Scope) -> Select:
    """What a `CommentCard` is made of, also of hidden and deleted ones."""
    return (
        pick(*_comment_columns())
        .join(Post, col(Post.id) == col(Comment.post_id))
        .outerjoin(User, col(User.id) == col(Comment.author_id))
        .outerjoin(_Above, _Above.c.id == col(Comment.parent_id))
        .where(readable(scope))
    )


def conversation(scope: Scope) -> Select:
    """Comments that there is something to see of. Of a hidden or deleted one that is its place, if it has replies."""
    sees_all = scope.at_least(Role.MODERATOR)
    below = sa.inspect(Comment).local_table.alias("below")
    is_out = sa.true() if sees_all else sa.and_(below.c.hidden_at.is_(None), below.c.deleted_at.is_(None))
    has_replies = sa.exists().where(below.c.parent_id == col(Comment.id), is_out)
    hidden = sa.false() if sees_all else col(Comment.hidden_at).is_not(None)
    gone = sa.or_(col(Comment.deleted_at).is_not(None), hidden)
    return comment_cards(scope).where(
        col(Comment.kind) == sa.literal_column("'comment'"),
        sa.or_(sa.not_(gone), sa.and_(col(Comment.parent_id).is_(None), has_replies)),
    )


def in_threads() -> Order:
    """Threads oldest first, each comment above the replies to it."""
    thread_id = sa.func.coalesce(col(Comment.parent_id), col(Comment.id)).label("thread_id")
    depth = sa.case((col(Comment.parent_id).is_(None), 0), else_=1).label("depth")
    columns = (_thread_at(), thread_id, depth, col(Comment.inserted_at), col(Comment.id))
    return [(column, "asc") for column in columns]


_Above = sa.inspect(Comment).local_table.alias("above")


def _thread_at() -> Column:
    return sa.func.coalesce(_Above.c.inserted_at, col(Comment.inserted_at)).label("thread_at")


def _comment_columns() -> tuple[Column, ...]:
    return (
        col(Comment.id), col(Comment.org_id), col(Comment.post_id), col(Comment.parent_id), col(Comment.author_id),
        sa.func.coalesce(col(User.name), col(Comment.author_name)).label("author_name"),
        avatar_key_of(col(Comment.author_id)).label("author_avatar"), col(Comment.author_url), col(Comment.body),
        col(Comment.body_html), col(Comment.kind), _thread_at(), col(Comment.client_id),
        col(Comment.hidden_at).is_not(None).label("is_hidden"),
        col(Comment.deleted_at).is_not(None).label("is_deleted"),
        col(Comment.like_count), col(Comment.inserted_at), col(Comment.updated_at), col(Comment.edited_at),
        _tags_of(col(CommentTag.tag_id), col(CommentTag.comment_id) == col(Comment.id)).label("tags"),
    )  # fmt: skip


def among(ids: Collection[UUID]) -> Condition:
    """One of these posts; as an array, so that the statement is the same for any number of them."""
    return col(Post.id) == sa.any_(sa.cast(list(ids), sa.ARRAY(sa.Uuid())))


def tag_counts(scope: Scope) -> Select:
    """Tags in use, with the number of published posts under each."""
    return (
        pick(*_tag_columns(), sa.func.count().label("post_count"))
        .join(PostTag, col(PostTag.tag_id) == col(Tag.id))
        .join(Post, col(Post.id) == col(PostTag.post_id))
        .where(published(scope))
        .group_by(col(Tag.id))
    )


def all_tag_counts(scope: Scope) -> Select:
    """The same for all tags the scope may read, in half the time.

    All posts under a tag are counted in an index, and the few that are not published are taken off. The posts of a tag
    are of its organisation, so what decides about them decides about the tag.
    """
    under = sa.select(sa.func.count().label("n")).where(col(PostTag.tag_id) == col(Tag.id)).lateral()
    is_hidden = sa.and_(_here(scope), col(Post.status) != sa.literal_column("'published'"))
    unpublished = (
        pick(col(PostTag.tag_id), sa.func.count().label("n"))
        .join(Post, col(Post.id) == col(PostTag.post_id))
        .where(is_hidden)
        .group_by(col(PostTag.tag_id))
        .subquery()
    )
    count: sa.ColumnElement[int] = under.c.n - sa.func.coalesce(unpublished.c.n, 0)
    return (
        pick(*_tag_columns(), count.label("post_count"))
        .join(under, sa.true())
        .outerjoin(unpublished, unpublished.c.tag_id == col(Tag.id))
        .where(_organization_is_readable(scope, col(Tag.org_id)), count > 0)
    )


def _tag_columns() -> tuple[Column, ...]:
    return col(Tag.id), col(Tag.name), col(Tag.slug), by_name(col(Tag.name))


def taken_slugs(org_id: UUID, slugs: Collection[str], *, but: UUID) -> Select:
    """Which of these slugs another post has or had."""
    present = sa.select(col(Post.slug)).where(
        col(Post.org_id) == org_id, col(Post.slug).in_(slugs), col(Post.id) != but
    )
    former = sa.select(col(PostSlug.slug)).where(
        col(PostSlug.org_id) == org_id, col(PostSlug.slug).in_(slugs), col(PostSlug.post_id) != but
    )
    return sa.select(present.union(former).subquery())


def moved_to(scope: Scope, slug: str) -> SelectOfScalar[str]:
    """The present slug of the post that once had this one."""
    former = sa.select(col(PostSlug.post_id)).where(col(PostSlug.org_id) == scope.org_id, col(PostSlug.slug) == slug)
    return select(Post.slug).where(col(Post.id).in_(former), readable(scope))


def due(scope: Scope, moment: datetime) -> SelectOfScalar[Post]:
    """Posts whose hour has come, the one that waits longest first."""
    return (
        select(Post)
        .where(readable(scope), col(Post.status) == sa.literal_column("'scheduled'"), col(Post.published_at) <= moment)
        .order_by(col(Post.published_at))
    )

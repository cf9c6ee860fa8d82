"""Tags: made by being used, found by their name or its slug."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import SQLModel, col, select

from myapp.blog import counting, queries
from myapp.blog.cards import TagCount, TagName
from myapp.blog.events import TagsChanged, topic_tags
from myapp.blog.queries import Order
from myapp.blog.schemas import CommentTag, Post, PostTag, Tag, tag_slug
from myapp.kit.changeset.casting import is_storable
from myapp.kit.clock import new_id
from myapp.kit.errors import NotFound
from myapp.kit.pagination import KeysetPage, keyset_page
from myapp.kit.pubsub import broadcast
from myapp.kit.repo import current_session, reading
from myapp.kit.scope import Scope
from myapp.kit.selects import by_name, fetch, named, pick
from myapp.kit.suggestions import MOST, suggest

_BY_NAME: Order = [(by_name(col(Tag.name)), "asc"), (col(Tag.id), "asc")]


async def list_tags(scope: Scope) -> list[TagCount]:
    """The tags of the published posts that the scope may read, by name, with how many posts each has."""
    if scope.org_id is not None:
        return list(await counting.tag_counts(scope.org_id)) if await counting.may_look(scope) else []
    async with reading(scope):
        rows = await fetch(queries.all_tag_counts(scope).order_by(col(Tag.name)))
    return [TagCount(**row) for row in rows]


async def list_tags_by_name(
    scope: Scope, *, after: str | None = None, before: str | None = None, limit: int = 50
) -> KeysetPage[TagCount]:
    """The same by keyset, next to the cursor `after` or `before`. Raises InvalidCursor."""
    statement = queries.all_tag_counts(scope)
    async with reading(scope):
        page = await keyset_page(statement, order=_BY_NAME, after=after, before=before, limit=limit)
    return KeysetPage([TagCount(**row) for row in named(page.entries)], page.before, page.after)


async def fetch_tags(scope: Scope, tag_ids: Collection[UUID]) -> list[TagCount]:
    """Those of these tags that `list_tags` would find, in no order."""
    among = col(Tag.id) == sa.any_(sa.cast(list(tag_ids), sa.ARRAY(sa.Uuid())))
    here = col(Tag.org_id) == scope.org_id if scope.org_id else sa.true()
    async with reading(scope):
        return [TagCount(**row) for row in await fetch(queries.tag_counts(scope).where(among, here))]


async def suggest_tags(scope: Scope, words: str, *, but: Collection[str] = (), limit: int = MOST) -> list[TagName]:
    """Tags of the organisation at hand with these words in their name, those that begin with them first; all `but` the
    ones of some slugs. They are those of `list_tags`, without their numbers, which are dear to count.
    """
    if scope.org_id is None:
        return []
    used = (
        sa.exists()
        .where(col(PostTag.tag_id) == col(Tag.id), col(PostTag.post_id) == col(Post.id))
        .where(queries.published(scope))
    )
    offered = pick(col(Tag.name), col(Tag.slug), by_name(col(Tag.name))).where(
        col(Tag.org_id) == scope.org_id, col(Tag.slug).not_in(but), used
    )
    async with reading(scope):
        rows = await suggest(offered, by=[col(Tag.name)], words=words, limit=limit)
    return [TagName(row["name"], row["slug"]) for row in rows]


async def get_tag(scope: Scope, slug: str) -> TagCount:
    """One tag of the organisation at hand. Raises NotFound when no post the scope may read is under it."""
    here = sa.and_(col(Tag.org_id) == scope.org_id, col(Tag.slug) == slug)
    async with reading(scope):
        rows = await fetch(queries.tag_counts(scope).where(here)) if is_storable(slug) else []
    if not rows:
        raise NotFound
    return TagCount(**rows[0])


async def tag_ids_of(post: Post) -> set[UUID]:
    """The tags a post is under."""
    under = pick(col(PostTag.tag_id)).where(col(PostTag.post_id) == post.id)
    return {row["tag_id"] for row in await fetch(under)}


def tell_tags(post: Post, tag_ids: Collection[UUID]) -> None:
    """Once the transaction has committed: another number of published posts is under these tags."""
    if tag_ids:
        counting.tags_changed(post.org_id)
        broadcast(topic_tags(post.org_id), TagsChanged(post.org_id, tuple(sorted(map(str, tag_ids)))))


async def set_post_tags(post: Post, names: Sequence[str]) -> None:
    """Put a post under exactly these tags; within the transaction that writes the post."""
    await _set(PostTag, "post_id", post.org_id, post.id, names)


async def set_comment_tags(org_id: UUID, comment_id: UUID, names: Sequence[str]) -> None:
    """Put a comment under exactly these tags; within the transaction that writes the comment."""
    await _set(CommentTag, "comment_id", org_id, comment_id, names)


async def ensure_tags(org_id: UUID, names: Sequence[str]) -> set[UUID]:
    """The ids of the tags that are called so, or else stand under the slug of such a name; new ones are written.

    A tag keeps the spelling it came with first. One that was imported may stand under another slug than that of its
    name, and is found all the same.
    """
    if not names:
        return set()
    session = current_session()
    called = select(Tag.name, Tag.id).where(col(Tag.org_id) == org_id, col(Tag.name).in_(names)).order_by(col(Tag.id))
    by_name = dict(reversed((await session.exec(called)).all()))
    wanted = {tag_slug(name): name for name in reversed(names) if name not in by_name}
    if not wanted:
        return set(by_name.values())
    # Sorted, so that two posts with the same new tags wait for each other instead of locking each other out.
    rows = [{"id": new_id(), "org_id": org_id, "name": name, "slug": slug} for slug, name in sorted(wanted.items())]
    await session.exec(insert(Tag).values(rows).on_conflict_do_nothing())
    found = select(Tag.id).where(col(Tag.org_id) == org_id, col(Tag.slug).in_(list(wanted)))
    return {*by_name.values(), *(await session.exec(found)).all()}


async def _set(join: type[SQLModel], key: str, org_id: UUID, owner: UUID, names: Sequence[str]) -> None:
    ids = list(await ensure_tags(org_id, names))
    table, session = sa.inspect(join).local_table, current_session()
    others = sa.delete(join).where(table.c[key] == owner, table.c.tag_id.not_in(ids))
    await session.exec(others)
    if ids:
        rows = [{key: owner, "tag_id": tag_id} for tag_id in ids]
        await session.exec(insert(join).values(rows).on_conflict_do_nothing())

"""Reading an organisation's posts, all of them and in the order in which they were written, some at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncGenerator, Iterator, Sequence
from typing import cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import QueryableAttribute, defer
from sqlmodel import col, select

from myapp.accounts import User
from myapp.blog.exports.markdown import Whole
from myapp.blog.schemas import Post, PostSlug, PostTag, Tag
from myapp.kit import repo
from myapp.kit.query_log import repeats_allowed
from myapp.kit.repo import reading
from myapp.kit.scope import Scope
from myapp.kit.selects import Condition, fetch, pick

BATCH = 100
MOST_BYTES = 1 << 20
"""Of the bodies of a batch, unless one post alone has more."""
_PAGE = 10 * BATCH
_WITHOUT = [defer(cast("QueryableAttribute[str]", column)) for column in (Post.body_html, Post.body_text)]
"""More than the body, and in no file."""

_BODY = sa.func.octet_length(col(Post.body))  # PostgreSQL knows it without reading the body


async def count_posts(scope: Scope) -> int:
    """How many there are, whatever their state."""
    async with reading(scope):
        [counted] = await fetch(pick(sa.func.count().label("count")).where(_of(scope)))
    return counted["count"]


async def list_batches(scope: Scope) -> AsyncGenerator[list[UUID]]:
    """The ids of all posts, in batches of at most BATCH posts and MOST_BYTES."""
    sizes = pick(col(Post.id), _BODY.label("size")).where(_of(scope)).order_by(col(Post.id)).limit(_PAGE)
    page = sizes
    while True:
        with repeats_allowed():
            async with repo.in_background(), reading(scope):
                found = [(row["id"], row["size"]) for row in await fetch(page)]
        for batch in _cut(found):
            yield batch
        if len(found) < _PAGE:
            return
        page = sizes.where(col(Post.id) > found[-1][0])


def _cut(sizes: Sequence[tuple[UUID, int]]) -> Iterator[list[UUID]]:
    batch, weight = list[UUID](), 0
    for post_id, size in sizes:
        if batch and (len(batch) == BATCH or weight + size > MOST_BYTES):
            yield batch
            batch, weight = [], 0
        batch.append(post_id)
        weight += size
    if batch:
        yield batch


async def read_batch(scope: Scope, ids: Sequence[UUID]) -> list[Whole]:
    """These posts with what belongs to them, in their order; what was deleted meanwhile is left out."""
    with repeats_allowed():
        async with repo.in_background():
            return await _read(scope, ids)


async def _read(scope: Scope, ids: Sequence[UUID]) -> list[Whole]:
    wanted = sa.any_(sa.cast(list(ids), sa.ARRAY(sa.Uuid())))
    written = select(Post, User.name, User.username).join(User, col(User.id) == col(Post.author_id))
    written = written.where(_of(scope), col(Post.id) == wanted).order_by(col(Post.id)).options(*_WITHOUT)
    tags = select(PostTag.post_id, Tag).join(Tag, col(Tag.id) == col(PostTag.tag_id))
    tags = tags.where(col(PostTag.post_id) == wanted).order_by(col(Tag.slug))
    slugs = select(PostSlug).where(col(PostSlug.post_id) == wanted).order_by(col(PostSlug.slug))
    tagged, former = defaultdict[UUID, list[Tag]](list), defaultdict[UUID, list[str]](list)
    async with reading(scope) as session:
        posts = (await session.exec(written)).all()
        for post_id, tag in (await session.exec(tags)).all():
            tagged[post_id].append(tag)
        for row in (await session.exec(slugs)).all():
            former[row.post_id].append(row.slug)
    return [Whole(post, name, username, tagged[post.id], former[post.id]) for post, name, username in posts]


def _of(scope: Scope) -> Condition:
    return col(Post.org_id) == scope.org_id

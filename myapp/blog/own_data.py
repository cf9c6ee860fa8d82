"""What of the blog is a person's own, and what becomes of it when the person goes."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from sqlmodel import col, select

from myapp.accounts import Organization
from myapp.blog.posts.writing import delete_post
from myapp.blog.schemas import Attachment, Comment, Import, Post
from myapp.kit.own_data import Part, owner, parts
from myapp.kit.query_log import repeats_allowed
from myapp.kit.repo import reading, transaction
from myapp.kit.scope import Scope
from myapp.kit.selects import pick

_GONE = "the author has deleted the account, and wanted this to go, too"


async def own_data(scope: Scope) -> AsyncGenerator[Part]:
    """Posts, comments, files and imports. Raises Unauthenticated, and Forbidden for who acts by a key."""
    user_id = owner(scope)
    posts = (
        pick(
            col(Post.id),
            col(Organization.slug).label("organization"),
            col(Post.title),
            col(Post.slug),
            col(Post.status),
            col(Post.excerpt),
            col(Post.body),
            col(Post.body_format),
            col(Post.meta).label("metadata"),
            col(Post.published_at),
            col(Post.inserted_at),
            col(Post.updated_at),
            col(Post.edited_at),
        )
        .join(Organization, col(Organization.id) == col(Post.org_id))
        .where(col(Post.author_id) == user_id)
    )
    comments = pick(
        col(Comment.id),
        col(Comment.post_id),
        col(Comment.parent_id),
        col(Comment.body),
        col(Comment.inserted_at),
        col(Comment.edited_at),
    ).where(col(Comment.author_id) == user_id)
    files = pick(
        col(Attachment.id),
        col(Attachment.post_id),
        col(Attachment.kind),
        col(Attachment.filename),
        col(Attachment.content_type),
        col(Attachment.size),
        col(Attachment.inserted_at),
    ).where(col(Attachment.user_id) == user_id)
    imports = pick(col(Import.id), col(Import.kind), col(Import.filename), col(Import.inserted_at)).where(
        col(Import.user_id) == user_id
    )
    for name, statement, key in (
        ("blog/posts", posts, Post.id),
        ("blog/comments", comments, Comment.id),
        ("blog/files", files, Attachment.id),
        ("blog/imports", imports, Import.id),
    ):
        async for part in parts(name, statement, col(key)):
            yield part


async def delete_own_posts(scope: Scope) -> int:
    """Delete every post of a person who goes, in each organisation; how many. What others wrote beneath goes along.

    Within the transaction of what it is done for. Raises Unauthenticated, and Forbidden for who acts by a key.
    """
    mine = select(Post.id, Post.org_id).where(col(Post.author_id) == owner(scope)).order_by(col(Post.id))
    async with transaction(Scope.system(_GONE)):
        async with reading(Scope.system(_GONE)) as session:
            rows = (await session.exec(mine.with_for_update())).all()  # none passes to somebody else now
        with repeats_allowed():
            for post_id, org_id in rows:
                await delete_post(Scope.system(_GONE, org_id), post_id)
    return len(rows)

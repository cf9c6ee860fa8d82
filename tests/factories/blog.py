"""Posts and comments, written through the front door."""

from __future__ import annotations

from itertools import count
from typing import Any
from uuid import UUID

from myapp import blog
from myapp.blog import Comment, Post
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope
from tests.factories import SYSTEM

_numbers = count(1)


async def make_post(scope: Scope, **attrs: Any) -> Post:
    """A published post of the scope's person, unless `attrs` say otherwise."""
    number = next(_numbers)
    given = {"title": f"Post {number}", "body": f"The body of post number {number}.", "status": "published"}
    return await blog.create_post(scope, {**given, **attrs})


async def make_comment(scope: Scope, post: Post, body: str = "", *, parent_id: UUID | None = None) -> Comment:
    """A comment of the scope's person."""
    return await blog.create_comment(scope, post.id, {"body": body or f"Comment {next(_numbers)}"}, parent_id=parent_id)


async def set_columns(row: Post | Comment, **values: object) -> None:
    """Write columns that no form may write, such as counters."""
    async with transaction(SYSTEM) as session:
        merged = await session.merge(row)
        for name, value in values.items():
            setattr(merged, name, value)

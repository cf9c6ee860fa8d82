"""What is somebody's, told by every room in the same way, so that a person can take all of it along.

    async def own_data(scope: Scope) -> AsyncGenerator[Part]:
        posts = pick(col(Post.id), col(Post.title)).where(col(Post.author_id) == owner(scope))
        async for part in parts("blog/posts", posts, col(Post.id)):
            yield part

A room tells what the person has written or been given, wherever it is: in organisations that the person has left, too.
What proves who somebody is (hashes of passwords, keys and tokens) is never part of it.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from uuid import UUID

from myapp.kit.errors import Forbidden, Unauthenticated
from myapp.kit.repo import reading
from myapp.kit.scope import Scope
from myapp.kit.selects import Column, Select, Values, fetch

BATCH = 500
_OWNER = Scope.system("gives somebody what is theirs")


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows of a file; what has the same name follows one another."""

    name: str
    rows: list[Values] = field(default_factory=list[Values])


def owner(scope: Scope) -> UUID:
    """Whose it is. Raises Unauthenticated, and Forbidden for the system and for who acts by a key."""
    if scope.is_system or scope.grants is not None:
        raise Forbidden
    if scope.user_id is None:
        raise Unauthenticated
    return scope.user_id


async def parts(name: str, statement: Select, key: Column) -> AsyncGenerator[Part]:
    """The rows of a statement, which selects its `key` as `id`, some at a time; one empty part if there are none.

    It reads in every organisation, so the statement has to say whose rows they are.
    """
    page, after = statement.order_by(key).limit(BATCH), None
    while True:
        async with reading(_OWNER):
            rows = await fetch(page if after is None else page.where(key > after))
        if rows or after is None:
            yield Part(name, rows)
        if len(rows) < BATCH:
            return
        after = rows[-1]["id"]

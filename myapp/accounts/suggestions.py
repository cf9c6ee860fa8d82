"""Members of an organisation who are offered to somebody that types a name."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from myapp.accounts import queries
from myapp.accounts.schemas import User
from myapp.kit.repo import reading
from myapp.kit.scope import Scope
from myapp.kit.selects import Column, Select, by_name
from myapp.kit.suggestions import MOST, suggest

type People = Collection[UUID] | sa.Select[UUID]
"""Ids, or a select of them for those who are many."""


@dataclass(frozen=True, slots=True)
class SuggestedMember:
    """A person to choose."""

    user_id: UUID
    name: str
    username: str


async def suggest_members(scope: Scope, words: str, *, but: People = (), limit: int = MOST) -> list[SuggestedMember]:
    """People of the organisation at hand whose name or user name begins with these words, then those who have them
    within it; all `but` some. For its members; nobody for others.
    """
    columns: tuple[Column, ...] = (
        col(User.id).label("user_id"), col(User.name), col(User.username), by_name(col(User.name)),
    )  # fmt: skip
    members: Select = queries.members(scope).with_only_columns(*columns).order_by(None)
    async with reading(scope):
        rows = await suggest(
            members.where(col(User.id).not_in(but)), by=[col(User.name), col(User.username)], words=words, limit=limit
        )
    return [SuggestedMember(row["user_id"], row["name"], row["username"]) for row in rows]

"""Who is in a room, in pages, and who could be: for those who may know. `rooms.py` lets people in and out."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from myapp import accounts
from myapp.accounts import SuggestedMember, User
from myapp.chat import policy, queries
from myapp.chat.cards import RoomPerson, Writer
from myapp.chat.rooms import get_room
from myapp.kit.pagination import KeysetPage, Order, keyset_page
from myapp.kit.repo import reading
from myapp.kit.scope import Scope
from myapp.kit.selects import by_name, fetch, named
from myapp.kit.suggestions import MOST

_BY_NAME: Order = [(by_name(col(User.name)), "asc"), (col(User.id), "asc")]


async def list_room_members(
    scope: Scope, room_id: UUID, *, after: str | None = None, before: str | None = None, limit: int = 50
) -> KeysetPage[RoomPerson]:
    """Who is in a room, by name, next to the cursor `after` or `before`: for members of the organisation.

    Raises NotFound, Forbidden and InvalidCursor.
    """
    async with reading(scope):
        await _authorise(scope, "see_members", room_id)
        page = await keyset_page(queries.people(room_id), order=_BY_NAME, after=after, before=before, limit=limit)
    return KeysetPage([RoomPerson(**row) for row in named(page.entries)], page.before, page.after)


async def fetch_room_members(scope: Scope, room_id: UUID, user_ids: Collection[UUID]) -> list[RoomPerson]:
    """Those of these people who are in a room, in no order. Raises NotFound and Forbidden."""
    among = col(User.id) == sa.any_(sa.cast(list(user_ids), sa.ARRAY(sa.Uuid())))
    async with reading(scope):
        await _authorise(scope, "see_members", room_id)
        return [RoomPerson(**row) for row in await fetch(queries.people(room_id).where(among))]


async def fetch_writer(scope: Scope, room_id: UUID, user_id: UUID) -> Writer | None:
    """A person as the messages of a room show them, if there are any of theirs. Raises NotFound."""
    async with reading(scope):
        await get_room(scope, room_id)
        found = await fetch(queries.writer(room_id, user_id))
    return Writer(**found[0]) if found else None


async def suggest_members(scope: Scope, room_id: UUID, words: str, *, limit: int = MOST) -> list[SuggestedMember]:
    """Members of the organisation who are not in a room, as `accounts.suggest_members` finds them: for those who may
    let them in. Raises NotFound and Forbidden.
    """
    async with reading(scope):
        await _authorise(scope, "manage_members", room_id)
        return await accounts.suggest_members(scope, words, but=queries.those_inside(room_id), limit=limit)


async def _authorise(scope: Scope, action: policy.Action, room_id: UUID) -> None:
    policy.authorise(scope, action, await get_room(scope, room_id))

"""Whose a room is that a topic names."""

from __future__ import annotations

from uuid import UUID

from myapp import accounts, chat
from myapp.accounts import Principal
from myapp.chat import RoomCard
from myapp.kit.scope import Scope


async def org_of_room(room_id: UUID) -> UUID:
    """The organisation of a room, which says nothing of who may know of it. Raises NotFound."""
    return (await chat.get_room(Scope.system("to know whose room it is"), room_id)).org_id


async def place_of_room(who: Principal, room_id: UUID) -> tuple[Scope, RoomCard]:
    """What a person is in the organisation of a room, and the room as that person finds it. Raises NotFound."""
    scope = await accounts.scope_for(who, org_id=await org_of_room(room_id))
    return scope, await chat.get_room(scope, room_id)

"""Whose a room is that a topic names."""

from __future__ import annotations

from uuid import UUID

from myapp import accounts, chat
from myapp.accounts import Principal
from myapp.chat import RoomCard
from myapp.kit.scope import Scope


async def place_of_room(who: Principal, room_id: UUID) -> tuple[Scope, RoomCard]:
    """What a person is in the organisation of a room, and the room as that person finds it. Raises NotFound."""
    place = await chat.get_room(Scope.system("to know whose room it is"), room_id)
    scope = await accounts.scope_for(who, org_id=place.org_id)
    return scope, await chat.get_room(scope, room_id)

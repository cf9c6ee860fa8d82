"""What of the chat is a person's own, and what becomes of it when the person goes."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from myapp.chat.schemas import ChatRoom, Message, RoomMember
from myapp.kit.own_data import Part, owner, parts
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope
from myapp.kit.selects import pick

_GONE = Scope.system("the person has deleted the account")


async def own_data(scope: Scope) -> AsyncGenerator[Part]:
    """Messages, and the rooms that the person is in. Raises Unauthenticated, and Forbidden for who acts by a key."""
    user_id = owner(scope)
    said = (
        pick(
            col(Message.id),
            col(Message.room_id),
            col(ChatRoom.name).label("room"),
            col(Message.body),
            col(Message.inserted_at),
            col(Message.edited_at),
            col(Message.deleted_at),
        )
        .join(ChatRoom, col(ChatRoom.id) == col(Message.room_id))
        .where(col(Message.user_id) == user_id)
    )
    rooms = (
        pick(col(ChatRoom.id), col(ChatRoom.name), col(ChatRoom.slug))
        .join(RoomMember, col(RoomMember.room_id) == col(ChatRoom.id))
        .where(col(RoomMember.user_id) == user_id)
    )
    for name, statement, key in (("chat/messages", said, Message.id), ("chat/rooms", rooms, ChatRoom.id)):
        async for part in parts(name, statement, col(key)):
            yield part


async def leave_all_rooms(scope: Scope) -> None:
    """A person who goes is in no room any more; what was said stays. Within the transaction of what it is done for."""
    gone: Any = sa.delete(RoomMember).where(col(RoomMember.user_id) == owner(scope))
    async with transaction(_GONE) as session:
        await session.exec(gone.execution_options(synchronize_session=False))

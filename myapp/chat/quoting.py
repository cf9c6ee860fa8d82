"""Messages by their ids, for whoever refers to them from elsewhere."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from myapp.chat import queries
from myapp.chat.schemas import ChatRoom, Message
from myapp.kit.repo import reading
from myapp.kit.scope import Scope
from myapp.kit.selects import Values, fetch, pick


@dataclass(frozen=True, slots=True)
class QuotedMessage:
    """What somebody said, and where."""

    id: UUID
    room_id: UUID
    room_name: str
    room_slug: str
    body_html: str
    mentions: tuple[UUID, ...]


async def fetch_messages(scope: Scope, message_ids: Collection[UUID]) -> list[QuotedMessage]:
    """Those of these messages that the scope may read and that have not been deleted, in no order."""
    wanted = sa.any_(sa.cast(list(message_ids), sa.ARRAY(sa.Uuid())))
    statement = (
        pick(
            col(Message.id), col(Message.room_id), col(ChatRoom.name).label("room_name"),
            col(ChatRoom.slug).label("room_slug"), col(Message.body_html), col(Message.mentions),
        )
        .join(ChatRoom, col(ChatRoom.id) == col(Message.room_id))
        .where(queries.readable(scope), col(Message.id) == wanted, col(Message.deleted_at).is_(None))
    )  # fmt: skip
    async with reading(scope):
        rows = await fetch(statement) if message_ids else []
    return [_quoted(row) for row in rows]


def _quoted(row: Values) -> QuotedMessage:
    values: Values = {**row, "mentions": tuple(row["mentions"])}
    return QuotedMessage(**values)

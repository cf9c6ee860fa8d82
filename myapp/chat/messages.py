"""Messages: in the database before anybody sees them, numbered in one order, in once however often they are sent.

The number is counted in the room's own row, which stays locked until the commit. So whoever hears of message 7 can read
messages 1 to 6, and how many are unread is a subtraction.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from myapp import accounts
from myapp.accounts import Visibility
from myapp.chat import policy, queries
from myapp.chat.cards import MessageCard, MessagePage, RoomCard, to_message
from myapp.chat.events import (
    MessageCreated,
    MessageDeleted,
    MessageEvent,
    MessageUpdated,
    RoomGrew,
    RoomRead,
    topic_reads,
    topic_room,
    topic_talk,
)
from myapp.chat.rooms import get_room
from myapp.chat.schemas import Message
from myapp.chat.schemas.changesets import message_changeset
from myapp.kit import audit, repo
from myapp.kit.changeset import Attrs, Changeset, change
from myapp.kit.clock import now
from myapp.kit.errors import Invalid, NotFound
from myapp.kit.markup import render_note
from myapp.kit.mentions import usernames_in, with_mentions
from myapp.kit.pubsub import broadcast
from myapp.kit.repo import reading, savepoint, transaction
from myapp.kit.scope import Scope
from myapp.kit.selects import fetch

MAX_PAGE = 100


async def list_messages(
    scope: Scope, room_id: UUID, *, before_seq: int | None = None, after_seq: int | None = None, limit: int = 50
) -> MessagePage:
    """The last messages of a room, the last ones before a number, or the first ones after one; oldest first.

    At most 100. Deleted ones are among them, without words. Raises NotFound.
    """
    size, seq = min(max(limit, 1), MAX_PAGE), col(Message.seq)
    statement = queries.message_cards(col(Message.room_id) == room_id)
    if before_seq is not None:
        statement = statement.where(seq < _held(before_seq))
    if after_seq is not None:
        statement = statement.where(seq > _held(after_seq))
    forwards = after_seq is not None
    async with reading(scope):
        await get_room(scope, room_id)
        rows = await fetch(statement.order_by(seq.asc() if forwards else seq.desc()).limit(size + 1))
    cards = [to_message(row) for row in rows[:size]]
    return MessagePage(cards if forwards else cards[::-1], len(rows) > size)


def _held(seq: int) -> int:
    """A number that the column's type can hold, whatever was asked for."""
    return min(max(seq, 0), 2**63 - 1)


async def create_message(scope: Scope, room_id: UUID, attrs: Attrs) -> MessageCard:
    """Say something. What was sent before under the same `client_id` is given back, and nothing happens.

    Raises Invalid, NotFound and Forbidden.
    """
    async with transaction(scope):
        room = await get_room(scope, room_id)
        policy.authorise(scope, "write", room)
        message = Message(org_id=room.org_id, room_id=room_id, user_id=policy.person(scope))
        changeset = message_changeset(message, attrs)
        if not changeset.valid:
            raise Invalid(changeset)
        earlier = await _sent_before(changeset)
        if earlier is not None:
            return earlier
        changeset = await _derived(scope, room, changeset)
        try:
            room, message = await _insert(scope, room, changeset)
        except Invalid:
            earlier = await _sent_before(changeset)  # by another process, while we waited for our turn
            if earlier is None:
                raise
            return earlier
        await _read_up_to(room, policy.person(scope), message.seq)
        card = await _card(message.id)
        _tell(MessageCreated(card))
        grown = RoomGrew(room.org_id, room_id, room.visibility, card.seq, policy.person(scope), card.mentions)
        broadcast(topic_talk(room.org_id), grown)
    return card


async def update_message(scope: Scope, message_id: UUID, attrs: Attrs) -> MessageCard:
    """Change the words of one's own message. Raises Invalid, NotFound and Forbidden."""
    async with transaction(scope):
        message = await _locked(scope, message_id, "update_message")
        changeset = message_changeset(message, attrs)
        if not changeset.valid:
            raise Invalid(changeset)
        if not changeset.changes:
            return await _card(message_id)
        changeset = await _derived(scope, await get_room(scope, message.room_id), changeset)
        await repo.update(change(changeset, edited_at=now(), version=message.version + 1))
        card = await _card(message_id)
        _tell(MessageUpdated(card))
    return card


async def delete_message(scope: Scope, message_id: UUID) -> MessageCard:
    """Take the words of a message away, one's own or, as a moderator, anybody's; its empty place is given back."""
    async with transaction(scope):
        message = await _locked(scope, message_id, "delete_message")
        empty: dict[str, object] = {"body": "", "body_html": "", "mentions": [], "deleted_at": now()}
        await repo.update(change(message, **empty, version=message.version + 1))
        if message.user_id != scope.user_id:
            before = {"room_id": message.room_id, "user_id": message.user_id, "seq": message.seq}
            await audit.record(scope, "chat.message.deleted", "chat_message", message_id, before=before)
        card = await _card(message_id)
        _tell(MessageDeleted(card))
    return card


async def mark_read(scope: Scope, room_id: UUID, seq: int) -> int:
    """Note that the person has read the room up to a message, never backwards; how far that person has read now.

    Who reads a private room by office, without being in it, is not followed. Raises NotFound and Forbidden.
    """
    async with transaction(scope):
        room = await get_room(scope, room_id)
        policy.authorise(scope, "mark_read", room)
        user_id = policy.person(scope)
        last_read_seq = await _read_up_to(room, user_id, min(max(seq, 0), room.last_seq))
        if last_read_seq > room.last_read_seq:
            broadcast(topic_reads(user_id), RoomRead(room.org_id, room_id, user_id, last_read_seq))
    return last_read_seq


async def _read_up_to(room: RoomCard, user_id: UUID, seq: int) -> int:
    """Who was not in a public room comes in by it."""
    enters = room.visibility == Visibility.PUBLIC and not room.is_member
    noted = queries.enter if enters else queries.read_up_to
    conditions = [queries.is_public()] if enters else []
    result: sa.Result[Any] = await repo.current_session().exec(noted(room.id, user_id, seq, *conditions))
    return result.scalar_one_or_none() or 0


async def _insert(scope: Scope, was: RoomCard, changeset: Changeset[Message]) -> tuple[RoomCard, Message]:
    """Write it under the room's next number: the room as it is then, and the message.

    What is refused leaves no gap: the counting is undone with it. Whoever was shown out before it was their turn is
    refused, and who may hear of a room that was closed before is asked again.
    """
    async with savepoint():
        counted: sa.Result[Any] = await repo.current_session().exec(queries.next_seq(was.id))
        found = counted.one_or_none()
        if found is None:
            raise NotFound
        seq, room = found.last_seq, was
        if {was.visibility, found.visibility} != {Visibility.PUBLIC}:
            room = await get_room(scope, was.id)
            if room.visibility != was.visibility or changeset.get_field("mentions"):
                changeset = await _derived(scope, room, changeset)
        return room, await repo.insert(change(changeset, seq=seq, inserted_at=now()))


async def _sent_before(changeset: Changeset[Message]) -> MessageCard | None:
    new = changeset.data
    same = (
        col(Message.room_id) == new.room_id,
        col(Message.user_id) == new.user_id,
        col(Message.client_id) == changeset.get_field("client_id"),
    )
    rows = await fetch(queries.message_cards(*same))
    return to_message(rows[0]) if rows else None


async def _card(message_id: UUID) -> MessageCard:
    return to_message((await fetch(queries.message_cards(col(Message.id) == message_id)))[0])


async def _locked(scope: Scope, message_id: UUID, action: policy.Action) -> Message:
    async with transaction(scope) as session:
        found = queries.messages(scope).where(col(Message.id) == message_id).with_for_update(of=Message)
        message = (await session.exec(found, execution_options={"populate_existing": True})).one_or_none()
    if message is None:
        raise NotFound
    policy.authorise(scope, action, message)
    return message


async def _derived(scope: Scope, room: RoomCard, changeset: Changeset[Message]) -> Changeset[Message]:
    """With the HTML of the words, and with whom they name: members who can read the room."""
    body = changeset.get_field("body")
    html = render_note(body)
    people = await _mentioned(scope, room, usernames_in(html))
    return change(changeset, body_html=with_mentions(html, people), mentions=list(dict.fromkeys(people.values())))


async def _mentioned(scope: Scope, room: RoomCard, usernames: list[str]) -> dict[str, UUID]:
    """Ids by username, as it was typed."""
    if not usernames:
        return {}
    found = await accounts.find_members(scope, usernames)
    people = {username: member.user_id for username, member in found.items()}
    if room.visibility == Visibility.PUBLIC:
        return people
    async with reading(scope) as session:
        inside = set((await session.exec(queries.inside(room.id, people.values()))).all())
    return {username: user_id for username, user_id in people.items() if user_id in inside}


def _tell(event: MessageEvent) -> None:
    broadcast(topic_room(event.message.room_id), event)

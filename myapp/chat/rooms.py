"""Rooms: made, changed and deleted by an organisation's admins, who also say who is in the private ones.

A person can always leave. A public room that becomes private keeps those who have read or written in it. Whoever leaves
the organisation leaves its rooms, and has to be let in again after coming back.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from myapp import accounts
from myapp.chat import policy, queries
from myapp.chat.cards import RoomCard
from myapp.chat.events import (
    RoomCreated,
    RoomDeleted,
    RoomEvent,
    RoomMemberAdded,
    RoomMemberRemoved,
    RoomUpdated,
    topic_room,
    topic_rooms,
)
from myapp.chat.schemas import ChatRoom, RoomMember
from myapp.chat.schemas.changesets import room_changeset
from myapp.kit import audit, repo
from myapp.kit.changeset import Attrs, Changeset, change, messages
from myapp.kit.changeset.casting import is_storable
from myapp.kit.errors import Invalid, NotFound
from myapp.kit.pubsub import Callback, Subscription, broadcast, subscribe
from myapp.kit.repo import reading, savepoint, transaction
from myapp.kit.scope import Scope
from myapp.kit.selects import fetch
from myapp.kit.slugs import free_slug, slugify

_RECORDED = ("name", "slug", "purpose", "visibility")


async def list_rooms(scope: Scope) -> list[RoomCard]:
    """The rooms that the scope may read, by name, with what of them it has not read: one query."""
    found = queries.room_cards(scope).order_by(sa.func.lower(col(ChatRoom.name)), col(ChatRoom.id))
    async with reading(scope):
        return [RoomCard(**row) for row in await fetch(found)]


async def get_room(scope: Scope, room_id: UUID) -> RoomCard:
    """Raises NotFound for a room that the scope may not read."""
    return await _get(scope, col(ChatRoom.id) == room_id)


async def get_room_by_slug(scope: Scope, slug: str) -> RoomCard:
    """The room of the organisation at hand under this slug. Raises NotFound."""
    if scope.org_id is None or not is_storable(slug):
        raise NotFound
    return await _get(scope, col(ChatRoom.slug) == slug)


async def _get(scope: Scope, condition: queries.Condition) -> RoomCard:
    async with reading(scope):
        rows = await fetch(queries.room_cards(scope).where(condition))
    if not rows:
        raise NotFound
    return RoomCard(**rows[0])


async def change_room(scope: Scope, room_id: UUID | None, attrs: Attrs) -> Changeset[ChatRoom]:
    """The changeset of a form, for a new room or one to be changed, with the same complaints as on save."""
    if room_id is None:
        policy.authorise(scope, "create_room")
        return room_changeset(_blank(scope), attrs).with_action("validate")
    async with transaction(scope):
        return room_changeset(await _locked(scope, room_id, "update_room"), attrs).with_action("validate")


async def create_room(scope: Scope, attrs: Attrs) -> ChatRoom:
    """Make a room; who makes it is in it. Raises Invalid."""
    policy.authorise(scope, "create_room")
    async with transaction(scope) as session:
        room = await _insert_with_slug(room_changeset(_blank(scope), attrs))
        if scope.user_id is not None:
            await session.exec(queries.enter(room.id, scope.user_id, 0))
        after = {name: getattr(room, name) for name in _RECORDED}
        await audit.record(scope, "chat.room.created", "chat_room", room.id, after=after)
        _tell(RoomCreated(room.org_id, room.id))
    return room


async def update_room(scope: Scope, room_id: UUID, attrs: Attrs) -> ChatRoom:
    """Change what `attrs` names; the slug stays unless it is among that. Raises Invalid."""
    async with transaction(scope):
        room = await _locked(scope, room_id, "update_room")
        changeset = room_changeset(room, attrs)
        changed = {name: getattr(room, name) for name in _RECORDED if name in changeset.changes}
        room = await repo.update(changeset)
        if changed:
            after = {name: getattr(room, name) for name in changed}
            await audit.record(scope, "chat.room.updated", "chat_room", room.id, before=changed, after=after)
            _tell(RoomUpdated(room.org_id, room.id))
    return room


async def delete_room(scope: Scope, room_id: UUID) -> None:
    """Delete a room with all that was said in it."""
    async with transaction(scope):
        room = await _locked(scope, room_id, "delete_room")
        await repo.delete(room)
        before = {name: getattr(room, name) for name in (*_RECORDED, "last_seq")}
        await audit.record(scope, "chat.room.deleted", "chat_room", room.id, before=before)
        _tell(RoomDeleted(room.org_id, room.id))


async def add_member(scope: Scope, room_id: UUID, user_id: UUID) -> None:
    """Let a member of the organisation into a room; what was said before counts as read. Raises Invalid."""
    async with transaction(scope) as session:
        room = await _locked(scope, room_id, "manage_members")
        if (await session.exec(queries.inside(room_id, [user_id]))).first() is not None:
            return
        let_in: sa.Result[Any] = await session.exec(queries.enter(room_id, user_id, room.last_seq))
        if let_in.one_or_none() is None:
            raise Invalid(change(RoomMember(room_id=room_id, user_id=user_id)).add_error("user_id", messages.MISSING))
        await audit.record(scope, "chat.room.member_added", "chat_room", room_id, after={"user_id": user_id})
        _tell(RoomMemberAdded(room.org_id, room_id, user_id))


async def remove_member(scope: Scope, room_id: UUID, user_id: UUID) -> None:
    """Take a person out of a room, or leave it oneself. Raises NotFound for one who is not in it."""
    async with transaction(scope) as session:
        room = await _locked(scope, room_id, None if user_id == scope.user_id else "manage_members")
        gone = sa.delete(RoomMember).where(col(RoomMember.room_id) == room_id, col(RoomMember.user_id) == user_id)
        if (await session.exec(gone.returning(col(RoomMember.user_id)))).one_or_none() is None:
            raise NotFound
        await audit.record(scope, "chat.room.member_removed", "chat_room", room_id, before={"user_id": user_id})
        _tell(RoomMemberRemoved(room.org_id, room_id, user_id))


async def subscribe_rooms(scope: Scope, callback: Callback) -> Subscription:
    """Hear of the rooms of the organisation at hand. Events name rooms that the scope may not read: ask `get_room`.

    Raises NotFound for an organisation that the scope may not look into.
    """
    if scope.org_id is None:
        raise NotFound
    await accounts.get_organization(scope, scope.org_id)
    return subscribe(topic_rooms(scope.org_id), callback)


async def subscribe_room(scope: Scope, room_id: UUID, callback: Callback) -> Subscription:
    """Hear what is said in a room. Raises NotFound for one that the scope may not read."""
    await get_room(scope, room_id)
    return subscribe(topic_room(room_id), callback)


async def _locked(scope: Scope, room_id: UUID, action: policy.Action | None) -> ChatRoom:
    """The row, nobody else's to change until the transaction ends. Raises NotFound and Forbidden."""
    async with transaction(scope) as session:
        found = queries.rooms(scope).where(col(ChatRoom.id) == room_id).with_for_update(of=ChatRoom)
        room = (await session.exec(found, execution_options={"populate_existing": True})).one_or_none()
    if room is None:
        raise NotFound
    if action is not None:
        policy.authorise(scope, action, room)
    return room


async def _insert_with_slug(changeset: Changeset[ChatRoom]) -> ChatRoom:
    """A slug that was asked for is not replaced: it is complained about."""
    if "slug" in changeset.changes or not changeset.valid:
        return await repo.insert(changeset)
    org_id = changeset.data.org_id
    async with savepoint() as session, repo.advisory_lock(f"chat rooms of {org_id}"):
        taken = (await session.exec(select(ChatRoom.slug).where(col(ChatRoom.org_id) == org_id))).all()
        slug = free_slug(slugify(changeset.get_field("name")), set(taken))
        return await repo.insert(changeset.put_change("slug", slug))


def _blank(scope: Scope) -> ChatRoom:
    if scope.org_id is None:
        raise NotFound
    return ChatRoom(org_id=scope.org_id)


def _tell(event: RoomEvent) -> None:
    broadcast(topic_rooms(event.org_id), event)

"""Every select of the chat, filtered by what the scope may read.

The rule of reading, in one place (`readable`): public rooms are read by everybody who may look into the organisation,
private ones by their members; the organisation's admins and owners, who answer for its rooms, the system and operators
read all of them.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from myapp.accounts import Membership, Organization, User, Visibility, avatar_key_of
from myapp.chat.schemas import ChatRoom, Mention, Message, RoomMember
from myapp.kit.scope import Role, Scope
from myapp.kit.selects import Column, Condition, Select, by_name, pick


def readable(scope: Scope) -> Condition:
    """Which rooms the scope may read."""
    if scope.at_least(Role.ADMIN):
        return _here(scope)
    if scope.is_member:
        return sa.and_(_here(scope), sa.or_(is_public(), _has_member(scope.user_id)))
    public = sa.select(col(Organization.id)).where(
        col(Organization.id) == col(ChatRoom.org_id), col(Organization.visibility) == Visibility.PUBLIC
    )
    return sa.and_(_here(scope), is_public(), public.correlate(ChatRoom).exists())


def _here(scope: Scope) -> Condition:
    return col(ChatRoom.org_id) == scope.org_id if scope.org_id else sa.true()


def is_public() -> Condition:
    """Whether a room is for everybody who may look into its organisation."""
    return col(ChatRoom.visibility) == Visibility.PUBLIC


def _has_member(user_id: UUID | None) -> Condition:
    inside = sa.select(sa.literal(1)).where(
        col(RoomMember.room_id) == col(ChatRoom.id), col(RoomMember.user_id) == user_id
    )
    return inside.correlate(ChatRoom).exists()


def rooms(scope: Scope) -> SelectOfScalar[ChatRoom]:
    """Rows, to change them."""
    return select(ChatRoom).where(readable(scope))


def room_cards(scope: Scope) -> Select:
    """What a `RoomCard` is made of: one statement, whatever the number of rooms."""
    mine = sa.and_(col(RoomMember.room_id) == col(ChatRoom.id), col(RoomMember.user_id) == scope.user_id)
    # Not coalesce(): PostgreSQL does not hold it for leakproof, and would look for what is unread in no index.
    mine_read = sa.case((col(RoomMember.last_read_seq).is_(None), 0), else_=col(RoomMember.last_read_seq))
    last_read = mine_read if scope.user_id else col(ChatRoom.last_seq)
    return (
        pick(
            col(ChatRoom.id), col(ChatRoom.org_id), col(ChatRoom.name), col(ChatRoom.slug), col(ChatRoom.purpose),
            col(ChatRoom.visibility), col(ChatRoom.last_seq), last_read.label("last_read_seq"),
            _mention_count(scope.user_id, last_read).label("mention_count"),
            col(RoomMember.user_id).is_not(None).label("is_member"), col(ChatRoom.inserted_at),
        )
        .outerjoin(RoomMember, mine)
        .where(readable(scope))
    )  # fmt: skip


def _mention_count(user_id: UUID | None, last_read: Column) -> Column:
    if user_id is None:
        return sa.literal(0)
    counted = sa.select(sa.func.count()).where(
        col(Mention.user_id) == user_id, col(Mention.room_id) == col(ChatRoom.id), col(Mention.seq) > last_read
    )
    return counted.correlate(ChatRoom, RoomMember).scalar_subquery()


def messages(scope: Scope) -> SelectOfScalar[Message]:
    """Rows, to change them: those that have not been deleted."""
    found = select(Message).join(ChatRoom, col(ChatRoom.id) == col(Message.room_id))
    return found.where(readable(scope), col(Message.deleted_at).is_(None))


def message_cards(*conditions: Condition) -> Select:
    """What a `MessageCard` is made of. Whether the room may be read is up to the caller."""
    return (
        pick(
            col(Message.id), col(Message.org_id), col(Message.room_id), col(Message.seq), col(Message.client_id),
            col(Message.user_id), sa.func.coalesce(col(User.name), "").label("user_name"),
            avatar_key_of(col(Message.user_id)).label("user_avatar"), col(Message.body),
            col(Message.body_html), col(Message.mentions), col(Message.inserted_at), col(Message.edited_at),
            col(Message.deleted_at), col(Message.version),
        )
        .outerjoin(User, col(User.id) == col(Message.user_id))
        .where(*conditions)
    )  # fmt: skip


def people(room_id: UUID) -> Select:
    """Who is in a room and still belongs to its organisation. Whether it may be read is up to the caller."""
    return (
        pick(
            col(User.id).label("user_id"),
            col(User.name),
            col(User.username),
            avatar_key_of(col(User.id)),
            by_name(col(User.name)),
        )
        .join(RoomMember, col(RoomMember.user_id) == col(User.id))
        .join(ChatRoom, col(ChatRoom.id) == col(RoomMember.room_id))
        .join(
            Membership, sa.and_(col(Membership.org_id) == col(ChatRoom.org_id), col(Membership.user_id) == col(User.id))
        )
        .where(col(RoomMember.room_id) == room_id)
    )


def writer(room_id: UUID, user_id: UUID) -> Select:
    """A person, if there are messages of theirs in a room. Whether it may be read is up to the caller."""
    wrote = sa.exists().where(col(Message.room_id) == room_id, col(Message.user_id) == user_id)
    shown = pick(col(User.id).label("user_id"), col(User.name), avatar_key_of(col(User.id)))
    return shown.where(col(User.id) == user_id, wrote)


def those_inside(room_id: UUID) -> sa.Select[UUID]:
    """The ids of all who are in a room."""
    return sa.select(col(RoomMember.user_id)).where(col(RoomMember.room_id) == room_id)


def inside(room_id: UUID, user_ids: Collection[UUID]) -> SelectOfScalar[UUID]:
    """Which of these people are in a room."""
    wanted = sa.any_(sa.cast(list(user_ids), ARRAY(sa.Uuid())))
    return select(RoomMember.user_id).where(col(RoomMember.room_id) == room_id, col(RoomMember.user_id) == wanted)


def next_seq(room_id: UUID) -> sa.UpdateBase:
    """Count one message: its number, and whom the room is for now. The row stays locked until the transaction ends, so
    numbers are given in order of commits, and neither that nor who is inside changes before.
    """
    counted = sa.update(ChatRoom).where(col(ChatRoom.id) == room_id).values(last_seq=col(ChatRoom.last_seq) + 1)
    return counted.returning(col(ChatRoom.last_seq), col(ChatRoom.visibility))


def read_up_to(room_id: UUID, user_id: UUID, seq: int) -> sa.UpdateBase:
    """Note how far somebody who is in the room has read, never backwards."""
    return (
        sa.update(RoomMember)
        .where(col(RoomMember.room_id) == room_id, col(RoomMember.user_id) == user_id)
        .values(last_read_seq=sa.func.greatest(col(RoomMember.last_read_seq), seq))
        .returning(col(RoomMember.last_read_seq))
    )


def enter(room_id: UUID, user_id: UUID, seq: int, *conditions: Condition) -> sa.UpdateBase:
    """Put a member of the organisation into a room that meets the conditions, and say how far they have read it.

    Room and membership stay as they are until the transaction ends: who is changing either is waited for, and it is
    asked again. No room that was closed meanwhile lets anybody in, and nobody who has left the organisation.
    """
    belongs = sa.and_(col(Membership.org_id) == col(ChatRoom.org_id), col(Membership.user_id) == user_id)
    may = pick(col(ChatRoom.id), col(Membership.user_id), sa.literal(seq)).join(Membership, belongs)
    may = may.where(col(ChatRoom.id) == room_id, *conditions).with_for_update(read=True, key_share=True)
    new = insert(RoomMember).from_select(["room_id", "user_id", "last_read_seq"], may)
    further = sa.func.greatest(col(RoomMember.last_read_seq), new.excluded.last_read_seq)
    known = new.on_conflict_do_update(index_elements=["room_id", "user_id"], set_={"last_read_seq": further})
    return known.returning(col(RoomMember.last_read_seq))

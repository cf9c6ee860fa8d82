"""How people are shown to others: what they are called, and their picture; and who is told when that is another."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from myapp.accounts import queries
from myapp.accounts.events import FACES, USERS, FaceChanged, PersonUpdated, UserUpdated, topic_people, topic_person
from myapp.accounts.schemas import Membership, Profile, User
from myapp.kit.errors import Forbidden, NotFound, Unauthenticated
from myapp.kit.pubsub import broadcast
from myapp.kit.repo import reading
from myapp.kit.scope import Scope
from myapp.kit.selects import Column, Select, fetch, pick


@dataclass(frozen=True, slots=True)
class Face:
    """How a person is shown to others."""

    user_id: UUID
    name: str
    username: str
    avatar_key: str | None


@dataclass(frozen=True, slots=True)
class OwnFace(Face):
    """The same of oneself, and which address one has yet to confirm."""

    unconfirmed: str


async def get_own_face(scope: Scope) -> OwnFace:
    """Of oneself. Raises Unauthenticated for nobody."""
    unconfirmed = sa.case((col(User.confirmed_at).is_(None), col(User.email)), else_="").label("unconfirmed")
    async with reading(scope):
        rows = await fetch(_faces(unconfirmed).where(col(User.id) == scope.user_id))
    if not rows:
        raise Unauthenticated
    return OwnFace(**rows[0])


async def get_face(scope: Scope, user_id: UUID) -> Face:
    """Of oneself, or of a fellow member. Raises NotFound for everybody else."""
    known = queries.users(scope).with_only_columns(col(User.id)).where(col(User.id) == user_id)
    async with reading(scope):
        rows = await fetch(_faces().where(col(User.id).in_(known)))
    if not rows:
        raise NotFound
    return Face(**rows[0])


def _faces(*more: Column) -> Select:
    user_id: Column = col(User.id).label("user_id")
    mine: tuple[Column, ...] = (user_id, col(User.name), col(User.username), avatar_key_of(col(User.id)))
    return pick(*mine, *more)


def avatar_key_of(user_id: Column) -> Column:
    """The key of somebody's picture, or null, as a column of another select."""
    return (
        sa.select(col(Profile.avatar_key)).where(col(Profile.user_id) == user_id).scalar_subquery().label("avatar_key")
    )


async def fetch_faces(scope: Scope, user_ids: Collection[UUID]) -> list[Face]:
    """Of these people, in no order; for the system, which shows them to whoever sees what they have written."""
    if not scope.is_system or scope.org_id is not None:
        raise Forbidden if scope.user_id or scope.is_system else Unauthenticated
    among = col(User.id) == sa.any_(sa.cast(list(user_ids), sa.ARRAY(sa.Uuid())))
    async with reading(scope):
        return [Face(**row) for row in await fetch(_faces().where(among))]


async def tell_face(user_id: UUID) -> None:
    """Within the transaction in which a person got another name or picture: tell whoever shows them.

    Their own tabs, the people pages of the organisations they belong to, operators, and lists of what they wrote.
    """
    event = FaceChanged(user_id)
    broadcast(FACES, event)
    broadcast(topic_person(user_id), PersonUpdated(user_id))
    broadcast(USERS, UserUpdated(user_id))
    for row in await fetch(pick(col(Membership.org_id)).where(col(Membership.user_id) == user_id)):
        broadcast(topic_people(row["org_id"]), event)

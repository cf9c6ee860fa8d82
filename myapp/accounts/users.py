"""People and their history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from pydantic_core import to_jsonable_python
from sqlmodel import col

from myapp.accounts import queries
from myapp.accounts.passwords import hash_password
from myapp.accounts.schemas import Activity, User
from myapp.accounts.schemas.changesets import registration_changeset, user_changeset
from myapp.accounts.sessions import Device, StartedSession, start_session
from myapp.kit import audit, repo
from myapp.kit.changeset import Attrs, new
from myapp.kit.clock import now
from myapp.kit.errors import Forbidden, NotFound
from myapp.kit.repo import reading, transaction
from myapp.kit.scope import Role, Scope


@dataclass(frozen=True, slots=True)
class DemoUser:
    """A person of the demonstration, and the organisation where that person means most."""

    id: UUID
    name: str
    username: str
    role: Role
    org_slug: str
    org_name: str


async def get_user(scope: Scope, user_id: UUID) -> User:
    """Oneself or a fellow member. Raises NotFound for everybody else."""
    async with reading(scope) as session:
        user = (await session.exec(queries.users(scope).where(col(User.id) == user_id))).one_or_none()
    if user is None:
        raise NotFound
    return user


async def list_demo_users() -> list[DemoUser]:
    """The people of the demonstration, by name, whom the log-in page offers in development."""
    async with reading(Scope.system("to show the people of the demonstration")) as session:
        rows = (await session.exec(queries.demo_users())).all()
    first: dict[UUID, DemoUser] = {}
    for user, role, organization in rows:
        place = DemoUser(user.id, user.name, user.username, Role(role), organization.slug, organization.name)
        first.setdefault(user.id, place)
    return sorted(first.values(), key=lambda person: person.name)


async def log_in_as_demo_user(scope: Scope, user_id: UUID, device: Device) -> StartedSession:
    """A session of a person of the demonstration, without any proof; the edge offers it in development only.

    Raises NotFound for everybody else.
    """
    if user_id not in {person.id for person in await list_demo_users()}:
        raise NotFound
    return await start_session(scope, user_id, device)


async def create_user(scope: Scope, attrs: Attrs) -> User:
    """A person, with a password if one is given. Only the system and operators do so, who vouch for the address.

    Raises Invalid.
    """
    queries.require_site_wide(scope)
    has_password = "password" in attrs
    row = new(User, confirmed_at=now())
    changeset = registration_changeset(row, attrs) if has_password else user_changeset(row, attrs)
    if has_password and changeset.valid:
        changeset = changeset.put_change("hashed_password", await hash_password(changeset.get_change("password")))
    async with transaction(scope):
        user = await repo.insert(changeset)
        await audit.record(scope, "accounts.user.created", "user", user.id)
    return user


async def record_activity(
    scope: Scope, user_id: UUID, verb: str, subject_type: str, subject_id: UUID, details: Mapping[str, object]
) -> Activity:
    """Write a line into a person's history in the organisation at hand; within the transaction of what happened."""
    if scope.org_id is None or not (scope.is_member or queries.sees_all(scope)):
        raise Forbidden
    activity = Activity(
        org_id=scope.org_id,
        actor_id=scope.user_id,
        user_id=user_id,
        verb=verb,
        subject_type=subject_type,
        subject_id=subject_id,
        details=to_jsonable_python(dict(details)),
    )
    async with transaction(scope) as session:
        session.add(activity)
    return activity


async def list_activities(scope: Scope, user_id: UUID, *, limit: int = 50) -> list[Activity]:
    """What happened to a person in the organisation at hand, newest first: for that person and for its admins."""
    async with reading(scope) as session:
        return list((await session.exec(queries.activities(scope, user_id).limit(limit))).all())

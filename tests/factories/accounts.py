"""People, organisations and scopes."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from uuid import UUID

from myapp.accounts import Device, Membership, Organization, User, Visibility
from myapp.accounts.sessions import start_session
from myapp.kit.clock import now
from myapp.kit.repo import transaction
from myapp.kit.scope import Role, Scope
from tests.factories import SYSTEM

_numbers = count(1)


async def make_user(name: str = "", *, is_operator: bool = False) -> User:
    """A person."""
    user = _user(name, is_operator=is_operator)
    async with transaction(SYSTEM) as session:
        session.add(user)
    return user


def _user(name: str, *, is_operator: bool = False) -> User:
    number = next(_numbers)
    return User(
        email=f"person{number}@example.com",
        username=f"person{number}",
        name=name or f"Person {number}",
        is_operator=is_operator,
        confirmed_at=now(),
    )


async def make_organization(visibility: Visibility = Visibility.PUBLIC, *, language: str = "english") -> Organization:
    """An organisation without members."""
    number = next(_numbers)
    organization = Organization(name=f"Org {number}", slug=f"org-{number}", visibility=visibility, language=language)
    async with transaction(SYSTEM) as session:
        session.add(organization)
    return organization


async def make_member(organization: Organization, role: Role = Role.MEMBER, *, name: str = "") -> Scope:
    """A new person in the organisation: the scope that person acts with."""
    user = _user(name)
    async with transaction(SYSTEM) as session:
        session.add(user)
        await session.flush()
        session.add(Membership(org_id=organization.id, user_id=user.id, role=role))
    return Scope(user_id=user.id, org_id=organization.id, role=role)


async def make_session(user_id: UUID | None, *, is_remembered: bool = False) -> str:
    """A person who is logged in: what the session cookie holds."""
    assert user_id is not None
    device = Device("192.0.2.1", "A browser")
    return (await start_session(Scope.anonymous(), user_id, device, is_remembered=is_remembered)).token


async def with_sudo(scope: Scope) -> Scope:
    """The same person in a session in which they have just shown who they are."""
    assert scope.user_id is not None
    return replace(scope, session_id=(await start_session(Scope.anonymous(), scope.user_id, Device())).id)

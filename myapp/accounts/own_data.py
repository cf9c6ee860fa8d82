"""What of accounts is a person's own: who they are here, where they belong, and how they log in."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

from sqlmodel import col

from myapp.accounts.schemas import (
    Activity,
    ApiKey,
    Membership,
    Organization,
    Profile,
    Session,
    TokenFamily,
    User,
    UserSettings,
)
from myapp.kit.own_data import Part, owner, parts
from myapp.kit.scope import Scope
from myapp.kit.selects import Select, pick

_USER = ("id", "email", "username", "name", "locale", "is_operator", "confirmed_at", "inserted_at", "updated_at")
_OF_A_PERSON: dict[type[Any], tuple[str, tuple[str, ...]]] = {
    Profile: ("accounts/profile", ("id", "bio", "age", "address", "updated_at")),
    UserSettings: ("accounts/settings", ("id", "wants_mail", "updated_at")),
    Session: ("accounts/sessions", ("id", "user_agent", "ip", "is_remembered", "inserted_at", "last_seen_at")),
    TokenFamily: ("accounts/programs", ("id", "user_agent", "ip", "inserted_at", "last_used_at", "expires_at")),
    ApiKey: (
        "accounts/api_keys",
        ("id", "name", "prefix", "scopes", "inserted_at", "last_used_at", "expires_at", "revoked_at"),
    ),
    Activity: ("accounts/history", ("id", "org_id", "verb", "subject_type", "subject_id", "details", "inserted_at")),
}


async def own_data(scope: Scope) -> AsyncGenerator[Part]:
    """All of it, table by table. Raises Unauthenticated, and Forbidden for who acts by a key."""
    user_id = owner(scope)
    user = _columns(User, _USER).where(col(User.id) == user_id)
    async for part in parts("accounts/person", user, col(User.id)):
        yield part
    for model, (name, columns) in _OF_A_PERSON.items():
        async for part in parts(name, _columns(model, columns).where(col(model.user_id) == user_id), col(model.id)):
            yield part
    places = (
        pick(
            col(Membership.id),
            col(Organization.slug).label("organization"),
            col(Organization.name),
            col(Membership.role),
            col(Membership.inserted_at).label("since"),
        )
        .join(Organization, col(Organization.id) == col(Membership.org_id))
        .where(col(Membership.user_id) == user_id)
    )
    async for part in parts("accounts/organizations", places, col(Membership.id)):
        yield part


def _columns(model: type[Any], names: tuple[str, ...]) -> Select:
    return pick(*(col(getattr(model, name)) for name in names))

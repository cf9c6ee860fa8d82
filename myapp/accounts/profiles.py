"""What a person says of themselves.

    profile = await get_profile(scope)
    await update_profile(scope, {"bio": "Counts tides."}, seen=profile.fields)

A profile is shown in forms of several tabs. Only what differs from what the form has shown (`seen`) is changed, so one
tab never takes back what another has saved; where both changed the same field, the second is told (`Conflict`). Nobody
changes anybody else's: there is no argument that would say whose.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from myapp.accounts import queries
from myapp.accounts.events import PersonUpdated, topic_person
from myapp.accounts.faces import tell_face
from myapp.accounts.schemas import Address, Profile, User
from myapp.accounts.schemas.changesets import names_changeset, profile_changeset
from myapp.kit import audit, repo
from myapp.kit.changeset import Attrs, Changeset, new, unsafe_validate_unique
from myapp.kit.errors import Conflict, Forbidden, Invalid, Unauthenticated
from myapp.kit.i18n import gettext_noop
from myapp.kit.pubsub import broadcast
from myapp.kit.repo import reading, transaction
from myapp.kit.scope import Scope

ADDRESS = tuple(Address.model_fields)


class ChangedElsewhere(Conflict):
    """A field was saved in another tab since this one has shown it."""

    message = gettext_noop("You have changed this in another window. Look at it again, and save once more.")


@dataclass(frozen=True, slots=True)
class OwnProfile:
    """Everything of one's own profile: what others see, and what they do not."""

    user_id: UUID
    email: str
    name: str
    username: str
    locale: str | None
    bio: str
    age: int | None
    address: Address | None
    avatar_key: str | None

    @property
    def fields(self) -> dict[str, str]:
        """As a form shows it: texts by the names that `update_profile` takes."""
        address = self.address.model_dump() if self.address else {}
        plain = {"name": self.name, "username": self.username, "bio": self.bio, "locale": self.locale or ""}
        where = {f"address.{part}": str(address.get(part) or "") for part in ADDRESS}
        return {**plain, "age": "" if self.age is None else str(self.age), **where}


async def get_profile(scope: Scope) -> OwnProfile:
    """One's own. Raises Unauthenticated."""
    async with reading(scope.outside):
        user, profile = await _rows(scope)
    return _own(user, profile)


async def change_profile(scope: Scope, attrs: Attrs) -> Changeset[Any]:
    """What would be wrong with these fields; nothing is written."""
    async with reading(scope.outside):
        user, profile = await _rows(scope)
        names = await _names(user, attrs)
    return _together(names, profile_changeset(profile, _nested(attrs, profile)))


async def update_profile(scope: Scope, attrs: Attrs, *, seen: Mapping[str, str] | None = None) -> OwnProfile:
    """Change it. Raises Invalid, ChangedElsewhere, and Forbidden for a key that may not write."""
    if not scope.may_write:
        raise Forbidden
    scope = scope.outside
    async with transaction(scope):
        user, profile = await _rows(scope, for_update=True)
        was = _own(user, profile).fields
        attrs = _touched(attrs, seen, was)
        names, rest = await _names(user, attrs), profile_changeset(profile, _nested(attrs, profile))
        together = _together(names, rest)
        if not together.valid:
            raise Invalid(together)
        await repo.update(names)
        await (repo.update(rest) if _is_kept(profile) else repo.insert(rest))
        now = _own(user, profile)
        changed = sorted(name for name, value in now.fields.items() if value != was[name])
        if changed:
            # What it was and became is the person's own business: it has to go when the person goes.
            await audit.record(scope, "accounts.profile.updated", "user", user.id, after={"fields": changed})
            if {"name", "username"} & set(changed):
                await tell_face(user.id)
            else:
                broadcast(topic_person(user.id), PersonUpdated(user.id))
    return now


async def _names(user: User, attrs: Attrs) -> Changeset[User]:
    """With the complaint about a user name that is taken: beside all others, not only once they are put right."""
    return await unsafe_validate_unique(names_changeset(user, attrs), "username", ignore_case=True)


async def _rows(scope: Scope, *, for_update: bool = False) -> tuple[User, Profile]:
    """In the open transaction: the person, and the profile, which may not be written yet."""
    user_id = queries.person(scope)
    users, profiles = (
        select(User).where(col(User.id) == user_id, col(User.anonymised_at).is_(None)),
        select(Profile).where(col(Profile.user_id) == user_id),
    )
    if for_update:
        users, profiles = users.with_for_update(), profiles.with_for_update()
    session = repo.current_session()
    user = (await session.exec(users)).one_or_none()
    if user is None:
        raise Unauthenticated
    return user, (await session.exec(profiles)).one_or_none() or new(Profile, user_id=user_id)


def _is_kept(profile: Profile) -> bool:
    return profile in repo.current_session()


def _own(user: User, profile: Profile) -> OwnProfile:
    return OwnProfile(
        user.id,
        user.email,
        user.name,
        user.username,
        user.locale,
        profile.bio,
        profile.age,
        profile.address,
        profile.avatar_key,
    )


def _touched(attrs: Attrs, seen: Mapping[str, str] | None, now: Mapping[str, str]) -> dict[str, object]:
    """The fields that the person has really changed. Raises ChangedElsewhere when one is not what was shown."""
    if seen is None:
        return dict(attrs)
    touched = {name: value for name, value in attrs.items() if name in now and value != seen.get(name, "")}
    if any(seen.get(name, "") != now[name] and value != now[name] for name, value in touched.items()):
        raise ChangedElsewhere
    return touched


def _nested(attrs: Attrs, profile: Profile) -> dict[str, object]:
    """Fields called `address.zip` as one field `address`. An address whose every line is empty is none."""
    flat = {name.removeprefix("address."): value for name, value in attrs.items() if name.startswith("address.")}
    others = {name: value for name, value in attrs.items() if not name.startswith("address.")}
    if not flat:
        return others
    whole = {**(profile.address or Address()).model_dump(), **flat}
    lines = [str(value or "").strip() for name, value in whole.items() if name != "country"]
    return {**others, "address": whole if any(lines) else None}


def _together(names: Changeset[User], rest: Changeset[Profile]) -> Changeset[Profile]:
    """One changeset that complains of both."""
    for error in names.errors:
        rest = rest.add_error(error.field, error.message, **error.opts)
    return rest

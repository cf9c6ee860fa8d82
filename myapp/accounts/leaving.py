"""A person who deletes the account: what says who it was goes, and the row that others lead to stays, as nobody's.

`anonymise_person` is one step of `personal_data.delete_account`, which asks the other rooms for theirs.
"""

from __future__ import annotations

from functools import partial
from secrets import token_hex
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from myapp.accounts import queries
from myapp.accounts.everywhere import end_access
from myapp.accounts.faces import tell_face
from myapp.accounts.memberships import delete_membership
from myapp.accounts.schemas import (
    Activity,
    Invitation,
    Membership,
    Organization,
    Profile,
    User,
    UserSettings,
)
from myapp.kit import audit, mailer, repo, storage
from myapp.kit.changeset import Attrs, Changeset, cast, change
from myapp.kit.clock import now
from myapp.kit.errors import Conflict, Unauthenticated
from myapp.kit.i18n import gettext, gettext_noop
from myapp.kit.query_log import repeats_allowed
from myapp.kit.repo import after_commit, current_session, reading, transaction
from myapp.kit.scope import Role, Scope

WHO_LEFT = gettext_noop("Somebody who left")
LEFT_DOMAIN = "left.invalid"
NOT_YOUR_NAME = gettext_noop("is not your username")
_LEAVING = Scope.system("somebody deletes the account")


class OwnsAlone(Conflict):
    """Organisations would be left without an owner."""

    def __init__(self, names: list[str]) -> None:
        text = gettext("You are the only owner of %(names)s. Make somebody else an owner there, or delete it, first.")
        super().__init__(text % {"names": ", ".join(names)})


async def change_leaving(scope: Scope, attrs: Attrs) -> Changeset[User]:
    """What is wrong with the form that deletes the account: `confirmation` is the username, `posts` keep or delete."""
    async with reading(_LEAVING):
        user = await _person(queries.holder(scope))
    return (
        cast(user, attrs, [], virtual={"confirmation": str, "posts": str})
        .validate_required("confirmation", "posts")
        .validate_inclusion("posts", ["keep", "delete"])
        .validate_change(
            "confirmation", lambda typed: None if typed.strip().lower() == user.username.lower() else NOT_YOUR_NAME
        )
    )


async def list_places_owned_alone(scope: Scope) -> list[str]:
    """The names of the organisations that nobody else owns."""
    user_id = queries.holder(scope)
    others = sa.select(sa.literal(1)).where(
        col(Membership.org_id) == col(Organization.id),
        col(Membership.role) == Role.OWNER,
        col(Membership.user_id) != user_id,
    )
    own = select(Membership.org_id).where(col(Membership.user_id) == user_id, col(Membership.role) == Role.OWNER)
    alone = select(Organization.name).where(col(Organization.id).in_(own), ~others.exists())
    async with reading(_LEAVING) as session:
        return list((await session.exec(alone.order_by(col(Organization.name)))).all())


async def require_may_leave(scope: Scope) -> None:
    """Raise OwnsAlone for who has to leave an organisation to somebody first."""
    names = await list_places_owned_alone(scope)
    if names:
        raise OwnsAlone(names)


async def anonymise_person(scope: Scope) -> None:
    """Make the person nobody, within the transaction of the whole. Raises OwnsAlone."""
    user_id = queries.holder(scope)
    async with transaction(_LEAVING):
        user = await _person(user_id, for_update=True)
        await require_may_leave(scope)
        email, name, username = user.email, user.name, user.username
        await end_access(_LEAVING, user_id)
        await _leave_all_places(user_id)
        await _forget_rows(user_id, email)
        await mailer.forget(email, name, username)
        await audit.forget(user_id, email, name, username)
        await repo.update(
            change(
                user,
                email=f"{user_id.hex}@{LEFT_DOMAIN}",
                username=f"left-{token_hex(10)}",  # one that nobody can have taken beforehand
                name=WHO_LEFT,
                locale=None,
                is_operator=False,
                hashed_password=None,
                confirmed_at=None,
                anonymised_at=now(),
            )
        )
        await audit.record(Scope(user_id=user_id), "accounts.user.anonymised", "user", user_id)
        await tell_face(user_id)


async def _leave_all_places(user_id: UUID) -> None:
    places = select(Membership.org_id).where(col(Membership.user_id) == user_id)
    ids = (await current_session().exec(places)).all()
    with repeats_allowed():
        for org_id in ids:
            await delete_membership(Scope.system(_LEAVING.reason, org_id), org_id, user_id)


async def _forget_rows(user_id: UUID, email: str) -> None:
    """What was only the person's: profile with its picture, wishes, history, invitations to the address."""
    session = current_session()
    profile = (await session.exec(select(Profile).where(col(Profile.user_id) == user_id))).one_or_none()
    if profile is not None and profile.avatar_key:
        after_commit(partial(storage.current().delete, profile.avatar_key))
    conditions: dict[type[Any], sa.ColumnElement[bool]] = {
        Profile: col(Profile.user_id) == user_id,
        UserSettings: col(UserSettings.user_id) == user_id,
        Activity: col(Activity.user_id) == user_id,
        Invitation: sa.func.lower(col(Invitation.email)) == sa.func.lower(email),
    }
    for model, condition in conditions.items():
        gone: Any = sa.delete(model).where(condition)
        await session.exec(gone.execution_options(synchronize_session=False))


async def _person(user_id: UUID, *, for_update: bool = False) -> User:
    found = select(User).where(col(User.id) == user_id, col(User.anonymised_at).is_(None))
    user = (await current_session().exec(found.with_for_update() if for_update else found)).one_or_none()
    if user is None:
        raise Unauthenticated
    return user

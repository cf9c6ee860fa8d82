"""Becoming a person here, and showing that the address is one's own.

    await register(scope, {"email": …, "username": …, "name": …, "password": …, "password_confirmation": …})

What always holds: nobody learns from it whether there is an account with an address. The answer is the same, so is the
work, and whoever has the address is told by mail. A user name is no secret: that one is taken is a complaint.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import sqlalchemy as sa
from sqlmodel import col, select

from myapp.accounts import mails
from myapp.accounts.events import PersonUpdated, topic_person
from myapp.accounts.links import LinkInvalid, delete_links_of, make_link, use_link
from myapp.accounts.passwords import hash_password
from myapp.accounts.schemas import Profile, TokenContext, User, UserSettings
from myapp.accounts.schemas.changesets import (
    email_changeset,
    profile_changeset,
    registration_changeset,
    settings_changeset,
)
from myapp.accounts.scopes import is_active
from myapp.kit import audit, mailer, rate_limit, repo
from myapp.kit.changeset import Attrs, Changeset, change, new, unsafe_validate_unique
from myapp.kit.changeset.casting import is_storable
from myapp.kit.clock import now
from myapp.kit.errors import Invalid, Unauthenticated
from myapp.kit.multi import Multi, MultiError
from myapp.kit.pubsub import broadcast
from myapp.kit.rate_limit import Limit, network_of
from myapp.kit.repo import reading, savepoint, transaction
from myapp.kit.scope import Scope

type Later = Callable[[], Awaitable[None]]

REGISTER = Limit("register", count=20, seconds=300)
MAIL = Limit("mail", count=5, seconds=300)
"""Mails that somebody can have sent to an address, and from where they ask."""
HASHES = Limit("passwords of a person", count=30, seconds=300)
"""What somebody who is logged in can have hashed, rightly or wrongly: it keeps a core as busy as twenty pages."""
BY_ADDRESS = Scope.system("somebody shows an address, or what was sent to it")


async def change_registration(scope: Scope, attrs: Attrs) -> Changeset[User]:  # noqa: ARG001 - for anybody
    """What would come of registering, for the form; whether there is an account with the address is not looked at."""
    changeset = registration_changeset(new(User), attrs)
    async with reading(BY_ADDRESS):
        return await unsafe_validate_unique(changeset, "username", ignore_case=True)


async def register(scope: Scope, attrs: Attrs, *, ip: str | None = None, back: str = "") -> None:
    """Make the person, profile, settings and the mail with the link that confirms the address, or none of them.

    With an address that has an account already, that one's owner gets a mail, and nothing else happens. The mail leads
    on to `back`. Raises Invalid and RateLimited.
    """
    await rate_limit.spend(REGISTER, network_of(ip))
    changeset = await change_registration(scope, attrs)
    if not changeset.valid:
        raise Invalid(changeset)
    hashed = await hash_password(changeset.get_change("password"))
    try:
        await registration(changeset.put_change("hashed_password", hashed), back).execute(BY_ADDRESS)
    except MultiError as failure:
        if not isinstance(failure.error, Invalid):
            raise
        if failure.error.errors.keys() != {"email"}:
            raise failure.error from failure
        await _tell_owner(changeset.get_field("email"), back)


def registration(changeset: Changeset[User], back: str = "") -> Multi:
    """The steps."""
    return (
        Multi()
        .insert("user", changeset)
        .insert("profile", lambda done: profile_changeset(new(Profile, user_id=done["user"].id), {}))
        .insert("settings", lambda done: settings_changeset(new(UserSettings, user_id=done["user"].id), {}))
        .run("mail", lambda done: _send_confirmation(done["user"], back))
        .run("audit", lambda done: _record(done["user"], "accounts.user.registered"))
    )


async def _send_confirmation(user: User, back: str = "") -> bool:
    token = await make_link(user.id, TokenContext.CONFIRM, sent_to=user.email)
    return await mailer.enqueue(mails.confirmation(user, token, back))


async def _tell_owner(email: str, back: str) -> None:
    async with transaction(BY_ADDRESS):
        owner = await find_by_address(email)
        if owner is not None:
            await mailer.enqueue(mails.already_registered(owner, back))


async def find_by_address(email: str) -> User | None:
    """Whose address it is, in the open transaction; nobody who is kept out."""
    if not is_storable(email):
        return None
    found = select(User).where(sa.func.lower(col(User.email)) == sa.func.lower(email), is_active())
    return (await repo.current_session().exec(found)).one_or_none()


def folded(email: str) -> str:
    """An address as tries are counted for it: the same for all that PostgreSQL's `lower()`, which finds the person,
    takes for one.

    It looks at each letter by itself, while Python's makes two of some and minds where the word ends.

    >>> folded("mİa@example.com") == folded("Mia@Example.com"), folded("ΑΣ@example.com") == folded("ασ@example.com")
    (True, True)
    """
    return "".join(letter.lower()[0] for letter in email)


async def spend_mail(scope: Scope, email: str, ip: str | None) -> None:
    """Count that somebody asks for a mail to this address. Raises RateLimited."""
    if not scope.is_system:
        await rate_limit.spend(MAIL, folded(email.strip()), network_of(ip))


async def request_confirmation_to(scope: Scope, email: str, *, ip: str | None = None, back: str = "") -> Later:
    """Somebody wants the link again that confirms an address. Raises RateLimited.

    What it returns sends it, if there is an account whose address this is and that has not confirmed it: to be called
    after the answer, whose time would tell otherwise.
    """
    await spend_mail(scope, email, ip)

    async def send() -> None:
        async with transaction(BY_ADDRESS):
            user = await find_by_address(email.strip())
            if user is not None and user.confirmed_at is None:
                await _send_confirmation(user, back)

    return send


async def request_confirmation(scope: Scope, *, ip: str | None = None) -> None:
    """Send the link that confirms the address again, to somebody who is logged in. Raises RateLimited."""
    if scope.user_id is None:
        raise Unauthenticated
    await rate_limit.spend(MAIL, f"user {scope.user_id}", network_of(ip))
    async with transaction(scope):
        user = (await repo.current_session().exec(select(User).where(col(User.id) == scope.user_id))).one()
        if user.confirmed_at is None:
            await _send_confirmation(user)


async def confirm(scope: Scope, token: str) -> None:  # noqa: ARG001 - the link says who it is
    """The address is the person's: that of the registration, or the new one of somebody who changes it.

    Raises LinkInvalid, also when somebody else has got the address meanwhile.
    """
    async with transaction(BY_ADDRESS) as session:
        used = await use_link(token, TokenContext.CONFIRM, TokenContext.CHANGE_EMAIL)
        user = (await session.exec(select(User).where(col(User.id) == used.user_id))).one()
        if used.context is TokenContext.CHANGE_EMAIL:
            await _change_address(user, used.sent_to)
        await confirm_user(user)


async def _change_address(user: User, email: str) -> None:
    former = user.email
    try:
        async with savepoint():
            await repo.update(email_changeset(user, {"email": email}))
    except Invalid:
        raise LinkInvalid from None
    await delete_links_of(user.id)
    await mailer.enqueue(mails.address_changed(user, former))
    await _record(user, "accounts.user.email_changed")
    broadcast(topic_person(user.id), PersonUpdated(user.id))


async def confirm_user(user: User) -> None:
    """Note, in the open transaction, that the address is the person's."""
    if user.confirmed_at is None:
        await repo.update(change(user, confirmed_at=now()))
        await _record(user, "accounts.user.confirmed")
        broadcast(topic_person(user.id), PersonUpdated(user.id))


async def _record(user: User, deed: str) -> None:
    await audit.record(Scope(user_id=user.id), deed, "user", user.id)

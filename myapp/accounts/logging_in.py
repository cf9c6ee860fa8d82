"""Logging in: with a password, or with a link by mail; and showing once more who one is.

    started = await log_in(scope, {"email": …, "password": …, "is_remembered": True}, device)
    started.token                                       # for the browser's cookie

What always holds: of an address that nobody has, and of one without a password, no more is told than that something was
wrong, after the same work. Five tries within five minutes, for an address or from a network, are enough, whatever came
of them: each is counted right before its check, of which few happen at once, so hurrying gains nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select

from myapp.accounts import mails
from myapp.accounts.links import make_link, use_link
from myapp.accounts.passwords import PasswordCheck, check_password, hash_password, turn
from myapp.accounts.proofs import prove_address
from myapp.accounts.registration import BY_ADDRESS, HASHES, Later, find_by_address, folded, spend_mail
from myapp.accounts.schemas import TokenContext, User
from myapp.accounts.schemas.changesets import EMAIL, MAX_PASSWORD
from myapp.accounts.scopes import is_active
from myapp.accounts.sessions import Device, StartedSession, note_sudo, start_session
from myapp.accounts.token_families import Tokens, create_token_family
from myapp.kit import mailer, rate_limit, repo, telemetry
from myapp.kit.changeset import Attrs, Changeset, cast, change, new
from myapp.kit.errors import Forbidden, Unauthenticated
from myapp.kit.i18n import gettext_noop
from myapp.kit.rate_limit import Limit, network_of
from myapp.kit.repo import reading, transaction
from myapp.kit.scope import Scope

LOG_IN = Limit("log in", count=5, seconds=300)
SUDO = Limit("password again", count=5, seconds=300)
"""Wrong passwords of somebody who is logged in; of right ones there may be more (`HASHES`)."""


class WrongPassword(Unauthenticated):
    """Address and password do not belong together; which of them is wrong is not said."""

    message = gettext_noop("The address or the password is wrong.")


class NotYou(Forbidden):
    """Somebody who is logged in gave another password than theirs."""

    message = gettext_noop("The password is wrong.")


def change_log_in(attrs: Attrs) -> Changeset[User]:
    """What the form is complained about: whether it is filled in, and never whether it is right."""
    return (
        cast(new(User), attrs, [], virtual={"email": str, "password": str})
        .validate_required("email", "password")
        .validate_format("email", EMAIL)
    )


def change_sudo(attrs: Attrs) -> Changeset[User]:
    """The same for a form that asks for the password alone."""
    return cast(new(User), attrs, [], virtual={"password": str}).validate_required("password")


def change_address(attrs: Attrs) -> Changeset[User]:
    """The same for a form that asks for an address alone."""
    return cast(new(User), attrs, [], virtual={"email": str}).validate_required("email").validate_format("email", EMAIL)


async def log_in(scope: Scope, attrs: Attrs, device: Device) -> StartedSession:
    """A new session of whoever has this address and password; the browser's last one is over.

    `attrs`: email, password, is_remembered. Raises WrongPassword and RateLimited.
    """
    shown = await _authenticate(attrs, device)
    async with transaction(BY_ADDRESS):
        user_id = await _accepted(shown)
        return await start_session(scope, user_id, device, is_remembered=_is_ticked(attrs))


async def log_in_program(scope: Scope, attrs: Attrs, device: Device) -> Tokens:  # noqa: ARG001 - attrs say who it is
    """The first tokens of a program of whoever has this address and password. Raises WrongPassword and RateLimited."""
    shown = await _authenticate(attrs, device)
    async with transaction(BY_ADDRESS):
        return await create_token_family(Scope(user_id=await _accepted(shown)), device)


@dataclass(frozen=True, slots=True)
class _Shown:
    """Whose password somebody has given: it was right for this hash, in whose place another may be put."""

    user_id: UUID
    hashed: str | None
    renewed: str | None


async def _authenticate(attrs: Attrs, device: Device) -> _Shown:
    email, password = _text(attrs, "email").strip(), _text(attrs, "password")
    names = (folded(email), network_of(device.ip))
    async with turn():
        await rate_limit.spend(LOG_IN, *names)
        async with reading(BY_ADDRESS):
            user = await find_by_address(email)
        check = await _check(user, password)
        if user is None or not check.is_right:
            telemetry.execute("accounts.log_in.failed")
            raise WrongPassword
        renewed = await hash_password(password) if check.is_outdated else None
    return _Shown(user.id, user.hashed_password, renewed)


async def _accepted(shown: _Shown) -> UUID:
    """Who it is, in the open transaction, until whose end the password stays. Raises WrongPassword.

    Checking takes its time, more where many wait: meanwhile there may be another password, or the person kept out, and
    what that ends is not to begin behind it.
    """
    found = select(User).where(col(User.id) == shown.user_id, is_active()).with_for_update(key_share=True)
    session = repo.current_session()
    user = (await session.exec(found, execution_options={"populate_existing": True})).one_or_none()
    if user is None or user.hashed_password != shown.hashed:
        raise WrongPassword
    if shown.renewed is not None:
        await repo.update(change(user, hashed_password=shown.renewed))
    return user.id


async def request_log_in_link(scope: Scope, email: str, *, ip: str | None = None, back: str = "") -> Later:
    """Somebody wants a link that logs in. Raises RateLimited.

    What it returns sends it, if there is an account with this address: to be called after the answer, whose time
    would tell otherwise. The link leads on to `back`.
    """
    await spend_mail(scope, email, ip)

    async def send() -> None:
        async with transaction(BY_ADDRESS):
            user = await find_by_address(email.strip())
            if user is not None:
                token = await make_link(user.id, TokenContext.LOG_IN, sent_to=user.email)
                await mailer.enqueue(mails.log_in_link(user, token, back))

    return send


async def log_in_with_link(scope: Scope, token: str, device: Device, *, is_remembered: bool = False) -> StartedSession:
    """A new session of whoever got the link, whose address is confirmed by it (`proofs.py`). Raises LinkInvalid."""
    async with transaction(BY_ADDRESS) as session:
        used = await use_link(token, TokenContext.LOG_IN)
        user = (await session.exec(select(User).where(col(User.id) == used.user_id))).one()
        await prove_address(user)
        return await start_session(scope, user.id, device, is_remembered=is_remembered)


async def confirm_password(scope: Scope, password: str, *, ip: str | None = None) -> None:
    """Somebody who is logged in gives the password again: `require_sudo` lets them pass. Raises NotYou, RateLimited."""
    if scope.user_id is None or scope.session_id is None:
        raise Unauthenticated
    names = (f"user {scope.user_id}", network_of(ip))
    async with turn():
        await rate_limit.check(SUDO, *names)
        await rate_limit.spend(HASHES, names[0])
        check = await _check(await _user(scope.user_id), password)
        if not check.is_right:
            await rate_limit.count(SUDO, *names)
            raise NotYou
    await note_sudo(scope)


async def _check(user: User | None, password: str) -> PasswordCheck:
    """A text that is too long for a password is none, and takes as long as any other."""
    is_possible = len(password) <= MAX_PASSWORD
    return await check_password(user.hashed_password if user and is_possible else None, password[:MAX_PASSWORD])


async def _user(user_id: UUID) -> User | None:
    async with reading(BY_ADDRESS) as session:
        return (await session.exec(select(User).where(col(User.id) == user_id))).one_or_none()


def _text(attrs: Attrs, name: str) -> str:
    value = attrs.get(name)
    return value if isinstance(value, str) else ""


def _is_ticked(attrs: Attrs) -> bool:
    return attrs.get("is_remembered") in {True, "true", "on", "1"}

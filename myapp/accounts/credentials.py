"""Another password, or another address.

What always holds: who changes either has shown lately who they are (`require_sudo`), or has a link by mail; a new
password ends every other session and makes every link that was sent before worthless, and its owner is told by mail; a
new address is not the person's before it was confirmed from there.
"""

from __future__ import annotations

from uuid import UUID

from sqlmodel import col, select

from myapp.accounts import mails
from myapp.accounts.links import delete_links_of, make_link, require_link, use_link
from myapp.accounts.passwords import hash_password
from myapp.accounts.proofs import prove_address
from myapp.accounts.registration import BY_ADDRESS, HASHES, MAIL, Later, find_by_address, folded, spend_mail
from myapp.accounts.schemas import TokenContext, User
from myapp.accounts.schemas.changesets import email_changeset, password_changeset
from myapp.accounts.sessions import end_sessions_of, require_sudo
from myapp.accounts.token_families import end_programs_of
from myapp.kit import audit, mailer, rate_limit, repo
from myapp.kit.changeset import Attrs, Changeset, change, new
from myapp.kit.errors import Invalid, Unauthenticated
from myapp.kit.rate_limit import network_of
from myapp.kit.repo import reading, transaction
from myapp.kit.scope import Scope


def change_password_form(attrs: Attrs) -> Changeset[User]:
    """What a new password is complained about: it needs nothing from the database."""
    return password_changeset(new(User), attrs)


async def change_password(scope: Scope, attrs: Attrs) -> None:
    """One's own: `password` and `password_confirmation`. Raises SudoRequired, Invalid and RateLimited."""
    await require_sudo(scope)
    changeset = _valid(change_password_form(attrs))
    await rate_limit.spend(HASHES, f"user {scope.user_id}")
    hashed = await hash_password(changeset.get_change("password"))
    async with transaction(scope.outside):
        user = await _still_in(scope)
        await _set_password(user, hashed, but=scope.session_id)


async def request_reset(scope: Scope, email: str, *, ip: str | None = None, back: str = "") -> Later:
    """Somebody has forgotten the password. Raises RateLimited.

    What it returns sends a link to choose another, if there is an account with this address: to be called after the
    answer, whose time would tell otherwise. The link leads on to `back`.
    """
    await spend_mail(scope, email, ip)

    async def send() -> None:
        async with transaction(BY_ADDRESS):
            user = await find_by_address(email.strip())
            if user is not None:
                token = await make_link(user.id, TokenContext.RESET, sent_to=user.email)
                await mailer.enqueue(mails.reset(user, token, back))

    return send


async def reset_password(scope: Scope, token: str, attrs: Attrs) -> None:  # noqa: ARG001 - the link says who it is
    """A new password for whoever got the link, whose address is confirmed by it; all their sessions are over.

    Raises Invalid, and the link is still good; and LinkInvalid.
    """
    changeset = _valid(change_password_form(attrs))
    async with reading(BY_ADDRESS):
        await require_link(token, TokenContext.RESET)  # first: a hash is the dearest thing that anybody can ask for
    hashed = await hash_password(changeset.get_change("password"))
    async with transaction(BY_ADDRESS):
        used = await use_link(token, TokenContext.RESET)
        user = await _user(used.user_id)
        await prove_address(user)
        await _set_password(user, hashed)


async def change_email_form(scope: Scope, attrs: Attrs) -> Changeset[User]:
    """What would come of another address, for the form; whether somebody has it is not looked at."""
    async with reading(scope):
        return email_changeset(await _user(scope.user_id), attrs)


async def request_email_change(scope: Scope, attrs: Attrs, *, ip: str | None = None) -> None:
    """Send a link to the new address, which is the person's once it was used; nothing where somebody else has it.

    Raises SudoRequired, Invalid and RateLimited.
    """
    await require_sudo(scope)
    email = _valid(await change_email_form(scope, attrs)).get_field("email")
    await rate_limit.spend(MAIL, f"user {scope.user_id}", folded(email), network_of(ip))
    async with transaction(BY_ADDRESS):
        user = await _still_in(scope)
        owner = await find_by_address(email)
        if email != user.email and (owner is None or owner.id == user.id):
            token = await make_link(user.id, TokenContext.CHANGE_EMAIL, sent_to=email)
            await mailer.enqueue(mails.change_of_address(user, email, token))


async def _set_password(user: User, hashed: str, *, but: UUID | None = None) -> None:
    person = Scope(user_id=user.id)
    await repo.update(change(user, hashed_password=hashed))
    await delete_links_of(user.id)
    await end_sessions_of(person, user.id, but=but)
    await end_programs_of(person, user.id)
    await mailer.enqueue(mails.password_changed(user))
    await audit.record(person, "accounts.user.password_changed", "user", user.id)


async def _still_in(scope: Scope) -> User:
    """The person, whose password nobody changes until the transaction ends. Raises SudoRequired.

    It was asked before what has taken its time: whoever waited for a hash while the owner chose another password is
    out by now.
    """
    user = await _user(scope.user_id, locks=True)
    await require_sudo(scope.outside)
    return user


async def _user(user_id: UUID | None, *, locks: bool = False) -> User:
    """In the open transaction. Raises Unauthenticated for nobody."""
    found = select(User).where(col(User.id) == user_id)
    if locks:
        found = found.with_for_update(key_share=True)
    user = (await repo.current_session().exec(found, execution_options={"populate_existing": locks})).one_or_none()
    if user is None:
        raise Unauthenticated
    return user


def _valid(changeset: Changeset[User]) -> Changeset[User]:
    if not changeset.valid:
        raise Invalid(changeset)
    return changeset

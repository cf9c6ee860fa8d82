"""What asks for the password again, and what a new password or address brings."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from myapp import accounts
from myapp.accounts import (
    LinkInvalid,
    NotYou,
    SudoRequired,
)
from myapp.kit.errors import RateLimited, Unauthenticated
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope
from tests.accounts.entrance import (
    NOBODY,
    OTHER,
    PASSWORD,
    SYSTEM,
    ada,
    hashes,
    link_in_the_last_mail,
    log_in,
    mails,
    user_of,
)

__all__ = ["hashes"]


async def stale(scope: Scope) -> None:
    async with transaction(SYSTEM) as session:
        await (await session.connection()).execute(sa.text("UPDATE sessions SET sudo_at = now() - interval '1 hour'"))
        session.expire_all()


async def test_the_password_opens_what_needs_it_and_a_wrong_one_does_not() -> None:
    await ada()
    scope = await log_in()
    await stale(scope)
    new_password = {"password": OTHER, "password_confirmation": OTHER}
    with pytest.raises(SudoRequired):
        await accounts.change_password(scope, new_password)
    with pytest.raises(SudoRequired):
        await accounts.request_email_change(scope, {"email": "new@example.com"})
    with pytest.raises(NotYou):
        await accounts.confirm_password(scope, OTHER)
    await accounts.confirm_password(scope, PASSWORD)
    there = await log_in()
    await accounts.change_password(scope, new_password)
    alive = [(await accounts.scope_for_session(each.session_id)).session_id is not None for each in (scope, there)]
    assert alive == [True, False], "every other session is over"


async def test_guesses_of_the_password_are_counted_there_too() -> None:
    await ada()
    scope = await log_in()
    for _ in range(5):
        with pytest.raises(NotYou):
            await accounts.confirm_password(scope, OTHER)
    with pytest.raises(RateLimited):
        await accounts.confirm_password(scope, PASSWORD)
    with pytest.raises(Unauthenticated):
        await accounts.confirm_password(Scope(user_id=scope.user_id), PASSWORD)


async def test_a_new_address_is_the_persons_once_it_is_confirmed_from_there() -> None:
    user = await ada()
    scope = await log_in()
    await accounts.request_email_change(scope, {"email": "new@example.com", "is_operator": True})
    [mail] = await mails()
    assert mail.recipient == "new@example.com"
    assert await user_of("new@example.com") is None
    await accounts.confirm(NOBODY, await link_in_the_last_mail())
    changed = await user_of("new@example.com")
    assert changed is not None
    assert (changed.id, changed.is_operator) == (user.id, False)
    assert [(each.recipient, each.kind) for each in await mails()][1:] == [
        ("Ada@example.com", "accounts.email_changed")
    ]


async def test_an_address_that_somebody_has_is_not_said_to_be_and_not_given() -> None:
    await ada()
    await ada(email="eve@example.com", username="eve")
    scope = await log_in(email="eve@example.com")
    assert (await accounts.change_email_form(scope, {"email": "ada@example.com"})).valid
    await accounts.request_email_change(scope, {"email": "ada@example.com"})
    assert await mails() == []
    await accounts.request_email_change(scope, {"email": "free@example.com"})
    link = await link_in_the_last_mail()
    await ada(email="FREE@example.com", username="faster")
    with pytest.raises(LinkInvalid):
        await accounts.confirm(NOBODY, link)

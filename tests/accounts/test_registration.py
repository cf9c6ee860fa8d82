"""Becoming a person: all of it or nothing, and no word about whose address is known."""

from __future__ import annotations

import pytest
from sqlmodel import select

from myapp import accounts
from myapp.accounts import (
    Profile,
    User,
    UserSettings,
)
from myapp.accounts.registration import registration
from myapp.accounts.schemas.changesets import registration_changeset
from myapp.kit.changeset import new
from myapp.kit.errors import Invalid, RateLimited
from myapp.kit.repo import transaction
from tests.accounts.entrance import ADA, NOBODY, SYSTEM, TWICE, ada, hashes, log_in, mails, user_of

__all__ = ["hashes"]


async def test_who_registers_gets_a_profile_settings_and_a_mail() -> None:
    await accounts.register(NOBODY, {**ADA, **TWICE}, ip="192.0.2.9")
    user = await user_of("ada@example.com")
    assert user is not None
    assert (user.username, user.name, user.is_operator, user.confirmed_at) == ("ada-o", "Ada Okafor", False, None)
    async with transaction(SYSTEM) as session:
        assert (await session.exec(select(Profile).where(Profile.user_id == user.id))).one()
        assert (await session.exec(select(UserSettings).where(UserSettings.user_id == user.id))).one()
    [mail] = await mails()
    assert (mail.recipient, mail.kind) == ("Ada@example.com", "accounts.confirm")
    assert (await log_in()).user_id == user.id


def test_the_steps_of_a_registration_are_listed_without_a_database() -> None:
    steps = registration(registration_changeset(new(User), {**ADA, **TWICE}))
    assert steps.names == ["user", "profile", "settings", "mail", "audit"]


async def test_with_an_address_that_has_an_account_the_answer_and_the_work_are_the_same(hashes: list[str]) -> None:
    answers: list[object] = []
    work: list[list[str]] = []
    for username in ("ada-o", "eve"):
        hashes.clear()
        answers.append(await accounts.register(NOBODY, {**ADA, **TWICE, "username": username}))
        work.append(list(hashes))
    assert answers == [None, None]
    assert work == [["hash"], ["hash"]]
    assert [mail.kind for mail in await mails()] == ["accounts.confirm", "accounts.already_registered"]
    async with transaction(SYSTEM) as session:
        assert (await session.exec(select(User.username).where(User.username == "eve"))).one_or_none() is None


async def test_a_taken_user_name_is_said_whether_or_not_the_address_has_an_account() -> None:
    await ada()
    for email in ("ada@example.com", "new@example.com"):
        with pytest.raises(Invalid) as refused:
            await accounts.register(NOBODY, {**ADA, **TWICE, "email": email, "username": "ADA-O"})
        assert refused.value.errors == {"username": ["has already been taken"]}


async def test_the_form_never_says_that_an_address_has_an_account() -> None:
    await ada()
    assert (await accounts.change_registration(NOBODY, {**ADA, **TWICE, "username": "other"})).valid


async def test_nobody_registers_as_an_operator_or_confirmed() -> None:
    sent = {**ADA, **TWICE, "is_operator": "true", "confirmed_at": "2026-01-01", "hashed_password": "x"}
    await accounts.register(NOBODY, sent)
    user = await user_of("ada@example.com")
    assert user is not None
    assert (user.is_operator, user.confirmed_at, user.hashed_password == "x") == (False, None, False)


async def test_when_the_mail_fails_nobody_is_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(_mail: object) -> bool:
        raise RuntimeError("the outbox")

    monkeypatch.setattr(accounts.registration.mailer, "enqueue", fails)  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(RuntimeError):
        await accounts.register(NOBODY, {**ADA, **TWICE})
    assert await user_of("ada@example.com") is None


async def test_a_network_registers_so_many_only() -> None:
    for number in range(20):
        with pytest.raises(Invalid):
            await accounts.register(NOBODY, {"username": f"n{number}"}, ip="192.0.2.9")
    with pytest.raises(RateLimited):
        await accounts.register(NOBODY, {**ADA, **TWICE}, ip="192.0.2.9")


@pytest.mark.parametrize("email", ["a@imported.invalid", "a@LEFT.Invalid", "a@b.imported.invalid", " a@x.invalid "])
async def test_nobody_registers_with_an_address_that_stands_for_nobody(email: str) -> None:
    """An import lets in whoever has a placeholder's address, which can be reckoned out."""
    with pytest.raises(Invalid) as refused:
        await accounts.register(NOBODY, {**ADA, **TWICE, "email": email})
    assert refused.value.errors == {"email": ["has invalid format"]}

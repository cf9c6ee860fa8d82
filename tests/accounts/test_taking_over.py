"""Keeping an account that is somebody else's, or getting it back once one was put out: by what began before that."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from sqlmodel import col

from myapp import accounts
from myapp.accounts import InvalidKey, LinkInvalid, SudoRequired, User, WrongPassword, credentials, logging_in
from myapp.accounts.registration import HASHES
from myapp.kit.errors import RateLimited
from myapp.kit.repo import transaction
from tests.accounts.entrance import (
    ADA,
    HERE,
    NOBODY,
    OTHER,
    PASSWORD,
    SYSTEM,
    TWICE,
    ada,
    hashes,
    link_in_the_last_mail,
    log_in,
    mails,
    user_of,
)

__all__ = ["hashes"]

NEW_PASSWORD = {"password": OTHER, "password_confirmation": OTHER}


async def reset_by_the_owner() -> None:
    await (await accounts.request_reset(NOBODY, ADA["email"]))()
    await accounts.reset_password(NOBODY, await link_in_the_last_mail(), NEW_PASSWORD)


async def log_in_by_the_owner() -> None:
    await (await accounts.request_log_in_link(NOBODY, ADA["email"]))()
    await accounts.log_in_with_link(NOBODY, await link_in_the_last_mail(), HERE)


@pytest.mark.parametrize("proves", [log_in_by_the_owner, reset_by_the_owner])
async def test_who_registered_a_strangers_address_keeps_nothing_once_its_owner_comes(
    proves: Callable[[], Awaitable[None]],
) -> None:
    await accounts.register(NOBODY, {**ADA, **TWICE})
    stranger = await log_in()
    key = (await accounts.create_api_key(stranger, {"name": "For later", "scopes": ["manage", "write"]})).key
    await accounts.request_email_change(stranger, {"email": "stranger@example.com"})
    to_my_address = await link_in_the_last_mail()
    await proves()
    with pytest.raises(InvalidKey):
        await accounts.scope_for_api_key(key)
    with pytest.raises(LinkInvalid):
        await accounts.confirm(NOBODY, to_my_address)
    assert await user_of("ada@example.com") is not None


async def test_a_key_of_somebody_whose_address_was_proved_before_stays() -> None:
    await ada()
    key = (await accounts.create_api_key(await log_in(), {"name": "Backup", "scopes": ["read"]})).key
    await reset_by_the_owner()
    await log_in_by_the_owner()
    assert (await accounts.scope_for_api_key(key)).user_id


def meanwhile(monkeypatch: pytest.MonkeyPatch, deed: Callable[[], Awaitable[object]]) -> None:
    """Have this done once the next password was found to be right, while its owner still waits."""
    check = logging_in.check_password

    async def checked(hashed: str | None, password: str) -> object:
        found = await check(hashed, password)
        monkeypatch.setattr(logging_in, "check_password", check)
        await deed()
        return found

    monkeypatch.setattr(logging_in, "check_password", checked)


@pytest.mark.parametrize("into", ["a browser", "a program"])
async def test_a_log_in_that_is_under_way_does_not_outlive_the_password(
    monkeypatch: pytest.MonkeyPatch, into: str
) -> None:
    await ada()
    meanwhile(monkeypatch, reset_by_the_owner)
    attrs = {"email": ADA["email"], "password": PASSWORD}
    with pytest.raises(WrongPassword):
        await (accounts.log_in if into == "a browser" else accounts.log_in_program)(NOBODY, attrs, HERE)
    monkeypatch.undo()
    owner = await log_in(OTHER)
    assert len(await accounts.list_sessions(owner)) == 1
    assert await accounts.list_programs(owner) == []


async def test_a_log_in_that_makes_the_hash_anew_does_not_bring_back_the_password_of_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    user = await ada()
    old = PasswordHasher(time_cost=3, memory_cost=16, parallelism=1).hash(PASSWORD)
    async with transaction(SYSTEM) as session:
        await session.exec(sa.update(User).where(col(User.id) == user.id).values(hashed_password=old))
        session.expire_all()
    meanwhile(monkeypatch, reset_by_the_owner)
    with pytest.raises(WrongPassword):
        await log_in()
    assert (await log_in(OTHER)).user_id == user.id


async def test_a_log_in_that_is_under_way_does_not_outlive_that_one_is_kept_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    user = await ada()
    meanwhile(monkeypatch, lambda: accounts.deactivate_user(SYSTEM, user.id))
    with pytest.raises(WrongPassword):
        await log_in()
    await accounts.reactivate_user(SYSTEM, user.id)
    assert len(await accounts.list_sessions(await log_in())) == 1


async def test_a_session_that_ends_meanwhile_chooses_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    await ada()
    thief = await log_in()
    make = credentials.hash_password

    async def slowly(password: str) -> str:
        monkeypatch.setattr(credentials, "hash_password", make)
        await reset_by_the_owner()
        return await make(password)

    monkeypatch.setattr(credentials, "hash_password", slowly)
    mine = "Thieves are here 3"
    with pytest.raises(SudoRequired):
        await accounts.change_password(thief, {"password": mine, "password_confirmation": mine})
    with pytest.raises(WrongPassword):
        await log_in(mine)
    await log_in(OTHER)


async def test_a_session_that_ends_meanwhile_has_no_link_sent_to_another_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await ada()
    thief = await log_in()
    spend = credentials.rate_limit.spend

    async def slowly(*args: object) -> None:
        monkeypatch.undo()
        await reset_by_the_owner()

    monkeypatch.setattr(credentials.rate_limit, "spend", slowly)
    with pytest.raises(SudoRequired):
        await accounts.request_email_change(thief, {"email": "thief@example.com"})
    assert credentials.rate_limit.spend is spend
    assert {mail.recipient for mail in await mails()} == {"Ada@example.com"}


async def test_who_has_no_link_gets_no_password_made(hashes: list[str]) -> None:
    """Argon2 is the dearest thing that a stranger can ask for."""
    await ada()
    hashes.clear()
    for link in ("", "x" * 43, "nonsense"):
        with pytest.raises(LinkInvalid):
            await accounts.reset_password(NOBODY, link, NEW_PASSWORD)
    assert hashes == []


@pytest.mark.parametrize("asks", ["for the password again", "for another password"])
async def test_who_is_logged_in_keeps_nobody_else_from_logging_in(asks: str, hashes: list[str]) -> None:
    await ada()
    scope = await log_in()
    hashes.clear()

    async def ask() -> None:
        if asks == "for another password":
            await accounts.change_password(scope, {"password": PASSWORD, "password_confirmation": PASSWORD})
        else:
            await accounts.confirm_password(scope, PASSWORD)

    for _ in range(HASHES.count):
        await ask()
    with pytest.raises(RateLimited):
        await ask()
    assert len(hashes) == HASHES.count


async def test_the_letters_of_an_address_give_no_more_tries() -> None:
    """PostgreSQL finds Ada by each of these, and Python takes the first for another address."""
    for number, email in enumerate(["mİa.kIng@example.com", "mia.kİng@example.com", "Mia.King@example.com"] * 2):
        with pytest.raises(WrongPassword if number < 5 else RateLimited):
            await log_in(OTHER, email, ip=f"192.0.2.{number}")

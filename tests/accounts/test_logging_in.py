"""Logging in: what works, and what nobody learns or gains by trying."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from sqlmodel import col

from myapp import accounts
from myapp.accounts import (
    User,
    WrongPassword,
    passwords,
)
from myapp.kit import rate_limit
from myapp.kit.clock import now
from myapp.kit.errors import AppError, RateLimited
from myapp.kit.repo import transaction
from tests.accounts.entrance import HERE, NOBODY, OTHER, PASSWORD, SYSTEM, ada, hashes, log_in, user_of

__all__ = ["hashes"]

AS_IN_THE_PRODUCT = passwords.HASHER  # tests have cheap ones, from when they begin


async def test_one_logs_in_with_address_and_password_in_any_case(hashes: list[str]) -> None:
    user = await ada()
    scope = await log_in()
    assert scope.user_id == user.id
    await accounts.require_sudo(scope)


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("ada@example.com", OTHER),
        ("ada@example.com", ""),
        ("ada@example.com", PASSWORD + "x" * 200),
        ("nobody@example.com", PASSWORD),
        ("", PASSWORD),
        ("ada\0@example.com", PASSWORD),
        ("no-password@example.com", PASSWORD),
        ("no-password@example.com", "the password of nobody"),
        ("gone@example.com", PASSWORD),
    ],
)
async def test_whatever_is_wrong_the_same_is_said_after_the_same_work(
    hashes: list[str], email: str, password: str
) -> None:
    await ada()
    await accounts.create_user(SYSTEM, {"email": "no-password@example.com", "username": "nop", "name": "No Password"})
    gone = await ada(email="gone@example.com", username="gone")
    async with transaction(SYSTEM) as session:
        await session.exec(sa.update(User).where(col(User.id) == gone.id).values(deactivated_at=now()))
    hashes.clear()
    with pytest.raises(WrongPassword) as refused:
        await log_in(password, email)
    assert str(refused.value) == "The address or the password is wrong."
    assert hashes == ["verify"]


async def test_after_five_tries_an_address_is_refused_even_with_the_right_password() -> None:
    await ada()
    for number in range(5):
        with pytest.raises(WrongPassword):
            await log_in(OTHER, "ada@example.com", ip=f"192.0.2.{number}")
    with pytest.raises(RateLimited) as refused:
        await log_in(ip="192.0.2.77")
    assert 0 < refused.value.retry_after <= 300
    assert "minutes" in str(refused.value)


async def test_after_five_tries_a_network_is_refused_for_every_address() -> None:
    await ada()
    for number in range(5):
        with pytest.raises(WrongPassword):
            await log_in(OTHER, f"guess{number}@example.com", ip=f"2001:db8:1:2::{number}")
    with pytest.raises(RateLimited):
        await log_in(ip="2001:db8:1:2:ffff::")
    await log_in(ip="2001:db8:1:3::1")


async def test_those_who_log_in_rightly_are_counted_too() -> None:
    await ada()
    for _ in range(5):
        await log_in()
    with pytest.raises(RateLimited):
        await log_in(ip="192.0.2.77")


async def test_whether_an_address_is_known_makes_no_difference_to_when_one_is_refused(hashes: list[str]) -> None:
    await ada()
    hashes.clear()
    for email in ("ada@example.com", "nobody@example.com"):
        for number in range(5):
            with pytest.raises(WrongPassword):
                await log_in(OTHER, email, ip=f"192.0.2.{number}" if email[0] == "a" else f"198.51.100.{number}")
        with pytest.raises(RateLimited):
            await log_in(OTHER, email, ip="203.0.113.1" if email[0] == "a" else "203.0.113.2")
    assert hashes == ["verify"] * 10


async def test_many_guesses_at_once_are_no_more_than_five(monkeypatch: pytest.MonkeyPatch, hashes: list[str]) -> None:
    await ada()
    hashes.clear()
    monkeypatch.setattr(passwords, "_turns", asyncio.Semaphore(1))

    async def guess(number: int) -> str:
        try:
            await accounts.log_in(NOBODY, {"email": "ada@example.com", "password": f"Guess {number}"}, HERE)
        except AppError as error:
            return type(error).__name__
        return "in"

    said = await asyncio.gather(*(asyncio.create_task(guess(number)) for number in range(20)))
    assert said.count("WrongPassword") == 5
    assert said.count("RateLimited") == 15
    assert hashes == ["verify"] * 5


async def test_too_many_who_wait_are_told_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_waiting", passwords.MAX_WAITING)
    with pytest.raises(RateLimited):
        await log_in()
    with pytest.raises(RateLimited):
        await passwords.hash_password(PASSWORD)


async def test_a_hash_of_other_parameters_is_made_anew_at_the_next_log_in() -> None:
    user = await ada()
    old = PasswordHasher(time_cost=3, memory_cost=16, parallelism=1).hash(PASSWORD)
    async with transaction(SYSTEM) as session:
        await session.exec(sa.update(User).where(col(User.id) == user.id).values(hashed_password=old))
        session.expire_all()
    await log_in()
    renewed = await user_of("ada@example.com")
    assert renewed is not None
    assert renewed.hashed_password not in {None, old}
    await log_in()


async def test_a_password_is_kept_as_argon2id_of_the_recommended_strength_and_off_the_loop() -> None:
    assert AS_IN_THE_PRODUCT.hash("x").startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    user = await ada()
    assert user.hashed_password is not None
    assert PASSWORD not in user.hashed_password
    assert "hashed_password" not in repr(user)


async def test_a_storage_that_fails_lets_everybody_through(caplog: pytest.LogCaptureFixture) -> None:
    class Broken:
        async def wait_of(self, *_: object) -> float:
            raise ConnectionError("no Redis")

        async def add(self, *_: object) -> None:
            raise ConnectionError("no Redis")

    rate_limit.use(Broken())  # pyright: ignore[reportArgumentType]
    await ada()
    for _ in range(9):
        with pytest.raises(WrongPassword):
            await log_in(OTHER)
    await log_in()
    assert "let through" in caplog.text


async def test_a_window_moves_along_with_time(monkeypatch: pytest.MonkeyPatch) -> None:
    limit = rate_limit.Limit("a test", count=2, seconds=1)
    await rate_limit.spend(limit, "ada")
    await rate_limit.spend(limit, "ada")
    with pytest.raises(RateLimited):
        await rate_limit.spend(limit, "ada", "mei")
    await rate_limit.spend(limit, "mei", None)

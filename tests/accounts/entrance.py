"""What tests of logging in, registering and forgetting share: Ada, her password, cheap hashes, and the mails."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from sqlmodel import col, select

from myapp import accounts
from myapp.accounts import (
    Device,
    User,
    passwords,
)
from myapp.accounts.schemas import UserToken
from myapp.kit.clock import now
from myapp.kit.mailer import MailRow
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope

SYSTEM = Scope.system("a test")
NOBODY = Scope.anonymous()
HERE = Device("192.0.2.9", "A browser")
PASSWORD, OTHER = "Correct horse 1", "Another horse 2"
ADA = {"email": "Ada@example.com", "username": "ada-o", "name": "Ada Okafor"}
TWICE = {"password": PASSWORD, "password_confirmation": PASSWORD}


@pytest.fixture(autouse=True)
def hashes(db: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Cheap ones, and which work was done for what."""
    done: list[str] = []

    class Counting(PasswordHasher):
        def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
            done.append("hash")
            return super().hash(password, salt=salt)

        def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # type: ignore[override]  # noqa: A002
            done.append("verify")
            return super().verify(hash, password)

    monkeypatch.setattr(passwords, "HASHER", Counting(time_cost=1, memory_cost=8, parallelism=1))
    passwords._nobodys_hash.cache_clear()
    passwords._nobodys_hash()
    done.clear()
    yield done
    passwords._nobodys_hash.cache_clear()


async def ada(**more: object) -> User:
    return await accounts.create_user(SYSTEM, {**ADA, **TWICE, **more})


async def log_in(password: str = PASSWORD, email: str = "ada@EXAMPLE.com", ip: str = "192.0.2.9") -> Scope:
    started = await accounts.log_in(NOBODY, {"email": email, "password": password}, Device(ip, ""))
    return await accounts.scope_for_session(started.token)


async def mails() -> list[MailRow]:
    async with transaction(SYSTEM) as session:
        return list((await session.exec(select(MailRow).order_by(col(MailRow.id)))).all())


async def link_in_the_last_mail() -> str:
    found = re.search(r"/(?:confirm|reset|log-in)/([\w-]{43})", (await mails())[-1].text)
    assert found is not None
    return found[1]


async def user_of(email: str) -> User | None:
    async with transaction(SYSTEM) as session:
        found = select(User).where(sa.func.lower(User.email) == email.lower())
        return (await session.exec(found.execution_options(populate_existing=True))).one_or_none()


async def age_links(by: timedelta) -> None:
    async with transaction(SYSTEM) as session:
        await session.exec(sa.update(UserToken).values(inserted_at=now() - by))
        session.expire_all()

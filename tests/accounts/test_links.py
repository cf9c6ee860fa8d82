"""What is sent by mail: good for one thing, for a time, once, and never kept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from myapp import accounts
from myapp.accounts import (
    LinkInvalid,
    User,
    WrongPassword,
)
from myapp.kit import jobs, rate_limit, storage
from myapp.kit.errors import Invalid, RateLimited, Unauthenticated
from myapp.kit.repo import transaction
from tests.accounts.entrance import (
    ADA,
    HERE,
    NOBODY,
    OTHER,
    SYSTEM,
    TWICE,
    ada,
    age_links,
    hashes,
    link_in_the_last_mail,
    log_in,
    mails,
    user_of,
)
from tests.queue import drain

__all__ = ["hashes"]

type Ask = Callable[..., Awaitable[object]]
type AssertQueries = Callable[[int], AbstractContextManager[list[str]]]


async def test_the_address_is_confirmed_once() -> None:
    await accounts.register(NOBODY, {**ADA, **TWICE})
    link = await link_in_the_last_mail()
    await accounts.confirm(NOBODY, link)
    user = await user_of("ada@example.com")
    assert user is not None
    assert user.confirmed_at is not None
    with pytest.raises(LinkInvalid):
        await accounts.confirm(NOBODY, link)


@pytest.mark.parametrize(
    "ask", [accounts.request_confirmation_to, accounts.request_log_in_link, accounts.request_reset]
)
async def test_nothing_is_looked_for_before_the_answer(ask: Ask, assert_queries: AssertQueries) -> None:
    """So that how long the answer takes tells nothing of an address."""
    await ada()
    for email in ("ada@example.com", "nobody@example.com"):
        with assert_queries(0):
            await ask(NOBODY, email, ip="192.0.2.9")


async def asked_for(kind: str) -> str:
    """A link that a mail of this kind holds, to Ada."""
    if kind == "confirm":
        await accounts.register(NOBODY, {**ADA, **TWICE})
        return await link_in_the_last_mail()
    await ada()
    asked = accounts.request_reset if kind == "reset" else accounts.request_log_in_link
    await (await asked(NOBODY, " ada@example.com ", ip="192.0.2.9"))()
    return await link_in_the_last_mail()


async def use(kind: str, link: str) -> None:
    if kind == "confirm":
        await accounts.confirm(NOBODY, link)
    elif kind == "reset":
        await accounts.reset_password(NOBODY, link, {"password": OTHER, "password_confirmation": OTHER})
    else:
        await accounts.log_in_with_link(NOBODY, link, HERE)


GOOD_FOR = [("confirm", timedelta(days=7)), ("reset", timedelta(days=1)), ("log_in", timedelta(minutes=15))]


@pytest.mark.parametrize(("kind", "good_for"), GOOD_FOR)
async def test_a_link_is_good_for_its_time_and_thing_and_once(kind: str, good_for: timedelta) -> None:
    link = await asked_for(kind)
    for other in {"confirm", "reset", "log_in"} - {kind}:
        with pytest.raises(LinkInvalid):
            await use(other, link)
    await age_links(good_for + timedelta(seconds=1))
    with pytest.raises(LinkInvalid):
        await use(kind, link)
    await age_links(good_for - timedelta(seconds=30))
    await use(kind, link)
    with pytest.raises(LinkInvalid):
        await use(kind, link)


@pytest.mark.parametrize("kind", ["confirm", "reset", "log_in"])
async def test_a_link_is_kept_as_its_hash_only(kind: str) -> None:
    link = await asked_for(kind)
    async with transaction(SYSTEM) as session:
        rows = (
            (await (await session.connection()).execute(sa.text("SELECT t::text FROM user_tokens t"))).scalars().all()
        )
        logged = (
            (await (await session.connection()).execute(sa.text("SELECT a::text FROM audit_logs a"))).scalars().all()
        )
    assert rows
    assert link not in "".join([*rows, *logged])
    for wrong in ("", "x", link[:-1], link.swapcase(), link + "x", "\0" * 43):
        with pytest.raises(LinkInvalid):
            await use(kind, wrong)


@pytest.mark.parametrize("kind", ["confirm", "reset", "log_in"])
async def test_a_link_is_worth_nothing_once_the_person_has_another_address(kind: str) -> None:
    link = await asked_for(kind)
    async with transaction(SYSTEM) as session:
        await session.exec(sa.update(User).values(email="new@example.com"))
        session.expire_all()
    with pytest.raises(LinkInvalid):
        await use(kind, link)


async def test_a_newer_link_makes_the_older_worthless() -> None:
    older = await asked_for("reset")
    await (await accounts.request_reset(NOBODY, "ada@example.com"))()
    with pytest.raises(LinkInvalid):
        await use("reset", older)
    await use("reset", await link_in_the_last_mail())


@pytest.mark.parametrize("ask", [accounts.request_reset, accounts.request_log_in_link])
async def test_asking_for_a_mail_does_the_same_for_every_address_before_the_answer(ask: object) -> None:
    await ada()
    before = len(await mails())
    for email in ("ada@example.com", "nobody@example.com", "no\0body@example.com"):
        send = await ask(NOBODY, email, ip="192.0.2.9")  # pyright: ignore[reportCallIssue]
        assert len(await mails()) == before, "what depends on the account is for after the answer"
        await send()
        before = len(await mails())
    assert [mail.recipient for mail in await mails()] == ["Ada@example.com"]


async def test_mails_are_asked_for_five_times_in_five_minutes_whoever_has_the_address() -> None:
    for email in ("ada@example.com", "nobody@example.com"):
        for number in range(5):
            await accounts.request_reset(NOBODY, email, ip=f"192.0.2.{number}")
        with pytest.raises(RateLimited):
            await accounts.request_log_in_link(NOBODY, email.upper(), ip="192.0.2.99")
        rate_limit.use(rate_limit.OwnWindows())


async def test_a_new_password_ends_every_session_and_makes_other_links_worthless() -> None:
    await ada()
    scope = await log_in()
    await (await accounts.request_log_in_link(NOBODY, "ada@example.com"))()
    to_log_in = await link_in_the_last_mail()
    await (await accounts.request_reset(NOBODY, "ada@example.com"))()
    to_reset = await link_in_the_last_mail()
    with pytest.raises(Invalid):
        await accounts.reset_password(NOBODY, to_reset, {"password": "short", "password_confirmation": "short"})
    await use("reset", to_reset)
    assert (await accounts.scope_for_session(scope.session_id)).session_id is None
    with pytest.raises(LinkInvalid):
        await use("log_in", to_log_in)
    with pytest.raises(WrongPassword):
        await log_in()
    await log_in(OTHER)
    assert (await mails())[-1].kind == "accounts.password_changed"


async def test_a_link_that_first_proves_the_address_ends_what_was_there_before_it() -> None:
    await accounts.register(NOBODY, {**ADA, **TWICE})  # by somebody else, who waits for the owner
    waiting = await log_in()
    await (await accounts.request_log_in_link(NOBODY, "ada@example.com"))()
    started = await accounts.log_in_with_link(NOBODY, await link_in_the_last_mail(), HERE, is_remembered=True)
    assert started.max_age == 60 * 24 * 3600
    user = await user_of("ada@example.com")
    assert user is not None
    assert user.confirmed_at is not None
    assert (await accounts.scope_for_session(started.token)).user_id == user.id
    assert (await accounts.scope_for_session(waiting.session_id)).session_id is None
    with pytest.raises(WrongPassword):
        await log_in()


async def test_old_links_are_cleared_away() -> None:
    await asked_for("reset")
    assert await accounts.delete_old_links(SYSTEM) == 0
    await age_links(timedelta(days=2))
    assert await accounts.delete_old_links(SYSTEM) == 1
    with pytest.raises(Unauthenticated):
        await accounts.delete_old_links(NOBODY)


@pytest.mark.usefixtures("queue")
async def test_that_is_done_every_night(tmp_path: Path) -> None:
    await asked_for("reset")
    await age_links(timedelta(days=2))
    await jobs.run_by_hand("myapp.accounts.jobs.CleanUp")
    async with storage.running(None, tmp_path):
        assert (await drain("default", raises=True))["completed"] == 1
    assert await accounts.delete_old_links(SYSTEM) == 0

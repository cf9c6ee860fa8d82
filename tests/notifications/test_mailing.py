"""What one has not read within a minute comes by mail, once, to those who want it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from myapp import blog, notifications
from myapp.accounts import UserSettings
from myapp.kit.clock import new_id
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope
from myapp.kit.selects import Values
from myapp.notifications import Notification, NotificationCard, mailing
from tests.factories.accounts import make_member, make_organization
from tests.factories.blog import make_comment, make_post
from tests.factories.mails import link_to, mails_to
from tests.factories.notifications import confirm, grow_old, told

SYSTEM = Scope.system("a test")


async def comments(ada: Scope, mei: Scope, *bodies: str) -> None:
    post = await make_post(ada, title="On tea")
    for body in bodies or ("I prefer coffee.",):
        await make_comment(mei, post, body)


async def test_within_a_minute_no_mail_is_sent(ada: Scope, mei: Scope) -> None:
    address = await confirm(ada)
    await comments(ada, mei)
    assert await notifications.mail_unread(SYSTEM) == 0
    await grow_old(seconds=61)
    assert await notifications.mail_unread(SYSTEM) == 1
    [mail] = await mails_to(address)
    assert mail.subject == "Mei commented on “On tea”"
    assert "> I prefer coffee." in mail.text
    assert await link_to(address) == (await told(ada))[0].path


async def test_what_was_read_is_not_mailed(ada: Scope, mei: Scope) -> None:
    address = await confirm(ada)
    await comments(ada, mei)
    await notifications.mark_all_read(ada)
    await grow_old(seconds=61)
    assert await notifications.mail_unread(SYSTEM) == 0
    assert await mails_to(address) == []


async def test_each_is_mailed_once_and_several_in_one_mail(ada: Scope, mei: Scope) -> None:
    address = await confirm(ada)
    await comments(ada, mei, "One", "Two", *(f"Number {number}" for number in range(10)))
    await grow_old(seconds=61)
    for _ in range(2):
        await notifications.mail_unread(SYSTEM)
    [mail] = await mails_to(address)
    assert mail.subject == "12 pieces of news for you"
    assert "And 2 more." in mail.text
    assert await link_to(address) == "/notifications"
    await comments(ada, mei, "Three")
    await grow_old(seconds=61)
    await notifications.mail_unread(SYSTEM)
    assert len(await mails_to(address)) == 2


@pytest.mark.parametrize(
    "values",
    [{"confirmed_at": None}, {"deactivated_at": sa.func.now()}, {"anonymised_at": sa.func.now()}],
    ids=["has not confirmed the address", "is kept out", "has left"],
)
async def test_no_mail_goes_to_who(ada: Scope, mei: Scope, values: dict[str, object]) -> None:
    address = await confirm(ada, **values)
    await comments(ada, mei)
    await grow_old(seconds=61)
    await notifications.mail_unread(SYSTEM)
    assert await mails_to(address) == []


async def test_who_does_not_want_mail_gets_none(ada: Scope, mei: Scope) -> None:
    address = await confirm(ada)
    assert ada.user_id is not None
    async with transaction(SYSTEM) as session:
        session.add(UserSettings(user_id=ada.user_id, wants_mail=False))
    await comments(ada, mei)
    await grow_old(seconds=61)
    await notifications.mail_unread(SYSTEM)
    assert await mails_to(address) == []


async def test_who_changes_their_mind_while_others_are_written_to_is_heeded(
    real_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    organization = await make_organization()
    ada, mei, kim = [await make_member(organization) for _ in range(3)]
    first, second, third = [await confirm(each) for each in (ada, mei, kim)]
    for person in (ada, mei, kim):
        await make_comment(await make_member(organization), await make_post(person))
    await grow_old(seconds=61)
    see = mailing.with_subjects

    async def seen(person: Scope, rows: Iterable[Values]) -> list[NotificationCard]:
        """Ada is written to; Mei and Kim are next."""
        if person.user_id == ada.user_id:
            await asyncio.create_task(change_their_minds())
        return await see(person, rows)

    async def change_their_minds() -> None:
        await confirm(kim, email="kim@example.net")
        async with transaction(SYSTEM) as session:
            session.add(UserSettings(user_id=mei.user_id or new_id(), wants_mail=False))

    monkeypatch.setattr(mailing, "with_subjects", seen)
    assert await notifications.mail_unread(SYSTEM) == 2
    written = {address: len(await mails_to(address)) for address in (first, second, third, "kim@example.net")}
    assert written == {first: 1, second: 0, third: 0, "kim@example.net": 1}


async def test_what_may_not_be_read_any_more_is_not_mailed(ada: Scope, mei: Scope) -> None:
    address = await confirm(mei)
    post = await make_post(ada, title="Sesame")
    comment = await make_comment(mei, post)
    await make_comment(ada, post, parent_id=comment.id)
    await blog.unpublish_post(ada, post.id)
    await grow_old(seconds=61)
    await notifications.mail_unread(SYSTEM)
    assert await mails_to(address) == []


async def test_news_of_yesterday_is_none(ada: Scope, mei: Scope) -> None:
    address = await confirm(ada)
    await comments(ada, mei)
    await grow_old(days=2)
    await notifications.mail_unread(SYSTEM)
    assert await mails_to(address) == []


async def test_two_processes_mail_it_once(real_db: str) -> None:
    organization = await make_organization()
    ada, mei = await make_member(organization), await make_member(organization, name="Mei")
    address = await confirm(ada)
    await comments(ada, mei)
    await grow_old(seconds=61)
    sent = await asyncio.gather(*(notifications.mail_unread(SYSTEM) for _ in range(3)))
    assert sum(sent) == 1
    assert len(await mails_to(address)) == 1
    async with transaction(SYSTEM) as session:
        left = select(sa.func.count()).select_from(Notification).where(col(Notification.mailed_at).is_(None))
        assert (await session.exec(left)).one() == 0

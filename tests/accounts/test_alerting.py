"""Who runs the site is told, in their language, and nobody else is."""

from __future__ import annotations

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import select

from myapp import accounts
from myapp.kit.alerts import Alert
from myapp.kit.errors import Forbidden, Unauthenticated
from myapp.kit.mailer import MailRow
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope
from tests.factories import SYSTEM

ALERT = Alert("failed_job", "The periodic job “publish due posts” failed.", {"job": "<b>x</b>"}, since_last=3)


async def mails() -> list[MailRow]:
    async with transaction(SYSTEM) as session:
        return list((await session.exec(select(MailRow).order_by(MailRow.recipient))).all())


async def person(username: str, *, runs_the_site: bool, locale: str | None = None, confirmed: bool = True) -> None:
    attrs = {"email": f"{username}@example.org", "username": username, "name": username.title(), "locale": locale}
    user = await accounts.create_user(SYSTEM, attrs)
    async with transaction(SYSTEM) as session:
        user.is_operator, user.locale = runs_the_site, locale
        if not confirmed:
            user.confirmed_at = None
        session.add(user)


async def test_every_operator_gets_a_mail_and_nobody_else(db: AsyncConnection) -> None:
    await person("grace", runs_the_site=True)
    await person("hans", runs_the_site=True, locale="de")
    await person("ida", runs_the_site=False)
    await person("unconfirmed", runs_the_site=True, confirmed=False)

    count = await accounts.mail_operators(SYSTEM, ALERT)

    to_grace, to_hans = await mails()
    assert count == 2
    assert (to_grace.recipient, to_grace.locale) == ("grace@example.org", "en")
    assert to_grace.subject == "Alert: The periodic job “publish due posts” failed."
    assert "3 more times" in to_grace.text
    assert "<b>" not in to_grace.html.replace("&lt;b&gt;", "")
    assert (to_hans.recipient, to_hans.locale) == ("hans@example.org", "de")


async def test_several_processes_write_one_mail(db: AsyncConnection) -> None:
    await person("grace", runs_the_site=True)

    await accounts.mail_operators(SYSTEM, ALERT)
    await accounts.mail_operators(SYSTEM, ALERT)

    assert len(await mails()) == 1


async def test_only_the_system_raises_alerts(ada: Scope) -> None:
    with pytest.raises(Forbidden):
        await accounts.mail_operators(ada, ALERT)
    with pytest.raises(Unauthenticated):
        await accounts.mail_operators(Scope.anonymous(), ALERT)

"""Mails that were promised, as their recipients would get them."""

from __future__ import annotations

import re
from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import col, select

from myapp.kit.clock import now
from myapp.kit.mailer import Button, Mail, MailRow, compose
from myapp.kit.repo import reading, transaction
from tests.factories import SYSTEM


def make_mail(to: str = "ada@example.com", subject: str = "Hello", **options: str) -> Mail:
    """A mail with a link that holds a secret."""
    button = Button("Open", "/log-in/sesame")
    return compose(to, kind="test.mail", subject=subject, paragraphs=["Some words."], button=button, **options)


async def mails_to(address: str) -> list[MailRow]:
    """Every mail to somebody, the oldest first."""
    async with reading(SYSTEM) as session:
        query = select(MailRow).where(MailRow.recipient == address).order_by(col(MailRow.id))
        return list((await session.exec(query, execution_options={"populate_existing": True})).all())


async def link_to(address: str) -> str:
    """The path that the last mail to somebody leads to."""
    found = re.search(r"^https?://[^/\s]+(/\S+)$", (await mails_to(address))[-1].text, re.MULTILINE)
    assert found is not None
    return found[1]


async def let_time_pass(**span: float) -> None:
    """Make every mail so much older."""
    past = timedelta(**span)
    async with transaction(SYSTEM) as session:
        await session.exec(
            sa.update(MailRow).values(
                next_attempt_at=MailRow.next_attempt_at - past,
                inserted_at=MailRow.inserted_at - past,
                updated_at=now() - past,
            )
        )

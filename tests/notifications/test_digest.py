"""Once a week a mail says what was published, to those who want it and to whom there is something to say."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import col

from myapp import accounts, notifications
from myapp.blog import Post
from myapp.kit.clock import now
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope
from tests.factories import SYSTEM
from tests.factories.accounts import make_member, make_organization
from tests.factories.blog import make_post
from tests.factories.mails import mails_to
from tests.factories.notifications import confirm
from tests.queue import all_jobs, drain

DELIVER = "myapp.notifications.jobs.DeliverDigest"


async def published(scope: Scope, title: str, *, days_ago: int = 1) -> Post:
    post = await make_post(scope, title=title)
    async with transaction(SYSTEM) as session:
        moment = now() - timedelta(days=days_ago)
        await session.exec(sa.update(Post).where(col(Post.id) == post.id).values(published_at=moment))
    return post


async def sunday() -> None:
    """Do what the clock and the queue would do."""
    await notifications.queue_digests(SYSTEM)
    await drain()


async def test_it_says_what_others_published_in_the_week(ada: Scope, mei: Scope, queue: None) -> None:
    address = await confirm(ada)
    await published(mei, "On tea")
    await published(mei, "Long ago", days_ago=9)
    await published(ada, "My own")
    await sunday()
    [mail] = await mails_to(address)
    assert mail.subject == "What was published this week"
    assert "“On tea” by Mei" in mail.text
    assert "Long ago" not in mail.text
    assert "My own" not in mail.text


async def test_one_a_day_however_often_it_is_asked_for(ada: Scope, mei: Scope, queue: None) -> None:
    address = await confirm(ada)
    await published(mei, "On tea")
    await sunday()
    await sunday()
    assert len(await all_jobs(DELIVER)) == 1
    assert len(await mails_to(address)) == 1


async def test_who_wants_no_mail_gets_none(ada: Scope, mei: Scope, queue: None) -> None:
    address = await confirm(ada)
    await published(mei, "On tea")
    await notifications.queue_digests(SYSTEM)
    await accounts.update_settings(ada, {"wants_mail": False})
    await drain()
    assert await mails_to(address) == []


async def test_where_nothing_was_published_nothing_is_said(ada: Scope, mei: Scope, queue: None) -> None:
    await confirm(ada)
    await published(ada, "My own")
    stranger = await make_member(await make_organization())
    await published(stranger, "Elsewhere")
    await make_post(mei, title="A draft", status="draft")
    await notifications.queue_digests(SYSTEM)
    assert str(ada.user_id) not in {job.args["user_id"] for job in await all_jobs(DELIVER)}


async def test_a_long_week_is_cut_short(ada: Scope, mei: Scope, queue: None) -> None:
    address = await confirm(ada)
    for number in range(12):
        await published(mei, f"Post {number}")
    await sunday()
    [mail] = await mails_to(address)
    assert mail.text.count("“Post ") == 10
    assert "And more." in mail.text

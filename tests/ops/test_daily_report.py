"""Once a day a mail says to those who run the site what the day before was like."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from myapp import ops
from myapp.accounts import User
from myapp.blog import Post
from myapp.kit import jobs
from myapp.kit.clock import now
from myapp.kit.jobs import JobState
from myapp.kit.jobs.tables import oban_jobs
from myapp.kit.repo import transaction
from myapp.kit.scope import Role
from tests.factories import SYSTEM
from tests.factories.accounts import make_member, make_organization, make_user
from tests.factories.blog import make_post
from tests.factories.mails import mails_to
from tests.queue import all_jobs, drain

REPORT = "myapp.ops.jobs.SendDailyReport"
YESTERDAY = now().date() - timedelta(days=1)


async def operator(*, is_confirmed: bool = True) -> str:
    """Registered long ago; the address."""
    user = await make_user(is_operator=True)
    async with transaction(SYSTEM) as session:
        confirmed = now() if is_confirmed else None
        values = {"confirmed_at": confirmed, "inserted_at": now() - timedelta(days=30)}
        await session.exec(sa.update(User).where(col(User.id) == user.id).values(values))
    return user.email


async def test_it_counts_what_came_in_that_day_and_nothing_else(db: AsyncConnection, queue: None) -> None:
    address = await operator()
    author = await make_member(await make_organization(), Role.ADMIN)
    posts = [await make_post(author, title=f"Post {n}") for n in range(3)]
    lost = await jobs.enqueue(REPORT)
    async with transaction(SYSTEM) as session:
        then = now() - timedelta(days=1)
        await session.exec(sa.update(Post).where(col(Post.id) != posts[0].id).values(inserted_at=then))
        await session.exec(sa.update(User).where(col(User.id) == author.user_id).values(inserted_at=then))
        given_up = sa.update(oban_jobs).where(oban_jobs.c.id == lost.id)
        await (await session.connection()).execute(given_up.values(state=JobState.DISCARDED, discarded_at=then))

    assert await ops.send_daily_report(SYSTEM, then.date()) == 1

    [mail] = await mails_to(address)
    assert mail.subject == f"The site on {then.date().isoformat()}"
    for line in ("New people: 1", "New posts: 2", "New comments: 0", "New messages: 0", "Jobs that were given up: 1"):
        assert line in mail.text
        assert line in mail.html


async def test_only_operators_with_an_address_of_their_own_get_it(db: AsyncConnection, queue: None) -> None:
    unsure = await operator(is_confirmed=False)
    person = await make_user()
    assert await ops.send_daily_report(SYSTEM, YESTERDAY) == 0
    assert await mails_to(unsure) == await mails_to(person.email) == []


async def test_there_is_one_a_day(db: AsyncConnection, queue: None) -> None:
    address = await operator()
    for _ in range(2):
        await jobs.enqueue(REPORT)
        await drain(recursive=True)
    assert [job.state for job in await all_jobs(REPORT)] == [JobState.COMPLETED]
    assert len(await mails_to(address)) == 1

"""Once a day a mail says to those who run the site what the day before was like."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from myapp import ops
from myapp.accounts import User
from myapp.blog import Post
from myapp.kit import jobs, pubsub
from myapp.kit.clock import now
from myapp.kit.jobs import JobState
from myapp.kit.jobs._cron import tick
from myapp.kit.jobs.tables import oban_jobs
from myapp.kit.logs import Line, Ring, _setup
from myapp.kit.repo import transaction
from myapp.kit.scope import Role
from myapp.ops import daily_report, exchange
from myapp.ops.exchange import Answered, Asked, exchanging, own_name
from tests.factories import SYSTEM
from tests.factories.accounts import make_member, make_organization, make_user
from tests.factories.blog import make_post
from tests.factories.mails import mails_to
from tests.queue import all_jobs, drain

REPORT = "myapp.ops.jobs.SendDailyReport"


def yesterday() -> date:
    """Of the moment in which the test asks: a run may last over midnight."""
    return now().date() - timedelta(days=1)


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


def logged(*days: date) -> Ring:
    """The log of a process with an error on each of these days, and a warning."""
    ring = Ring(max_lines=1)
    for day in days:
        for level in ("error", "warning"):
            ring.add(Line(datetime.combine(day, time(23, 59), UTC), level, "myapp.tea", "no cake", {}))
    return ring


async def test_errors_are_those_of_all_processes_also_when_their_lines_are_gone(
    db: AsyncConnection, queue: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = await operator()
    monkeypatch.setattr(_setup, "ring", logged(yesterday(), yesterday(), now().date()))

    def elsewhere(_topic: str, event: object) -> None:
        if isinstance(event, Asked) and event.asker == own_name():
            told = {"who:": "here", f"errors_on:{yesterday().isoformat()}": "40"}
            pubsub.broadcast(exchange.TOPIC, Answered("elsewhere:7", event.question, told[event.question]))

    pubsub.subscribe(exchange.TOPIC, elsewhere)
    async with exchanging():
        await ops.send_daily_report(SYSTEM, yesterday())
    [mail] = await mails_to(address)
    assert "Errors in the logs of the processes that run: 42" in mail.text
    assert "did not answer" not in mail.text


async def test_it_names_the_processes_whose_errors_are_missing(
    db: AsyncConnection, queue: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = await operator()
    monkeypatch.setattr(daily_report, "PATIENCE", 0.01)
    async with exchanging():
        pubsub.broadcast(exchange.TOPIC, Answered("elsewhere:7", "who:", "here"))
        await ops.send_daily_report(SYSTEM, yesterday())
    [mail] = await mails_to(address)
    assert "did not answer in time, so that their errors are missing: elsewhere:7" in " ".join(mail.text.split())


async def test_a_process_says_how_many_errors_it_logged_on_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_setup, "ring", logged(yesterday(), now().date(), yesterday()))
    answers: list[object] = []
    pubsub.subscribe(exchange.TOPIC, lambda _, event: answers.append(event) if isinstance(event, Answered) else None)
    question = f"errors_on:{yesterday().isoformat()}"
    async with exchanging():
        pubsub.broadcast(exchange.TOPIC, Asked("elsewhere:7", question))
    assert answers == [Answered(own_name(), question, "2")]


async def test_only_operators_with_an_address_of_their_own_get_it(db: AsyncConnection, queue: None) -> None:
    unsure = await operator(is_confirmed=False)
    person = await make_user()
    assert await ops.send_daily_report(SYSTEM, yesterday()) == 0
    assert await mails_to(unsure) == await mails_to(person.email) == []


async def test_there_is_one_for_each_day_also_when_one_is_caught_up_late(db: AsyncConnection, queue: None) -> None:
    address = await operator()
    today = now().replace(hour=0, minute=0, second=0, microsecond=0)
    await tick(today - timedelta(hours=12))
    for moment in (today + timedelta(hours=8), today + timedelta(days=1, hours=2)):
        assert REPORT in await tick(moment)
        await drain(recursive=True)
    days = {yesterday().isoformat(), today.date().isoformat()}
    assert {job.args["day"] for job in await all_jobs(REPORT)} == days
    assert {mail.subject for mail in await mails_to(address)} == {f"The site on {day}" for day in days}


async def test_there_is_none_twice_for_a_day(db: AsyncConnection, queue: None) -> None:
    address = await operator()
    for _ in range(2):
        await jobs.enqueue(REPORT, {"day": yesterday()})
        await drain(recursive=True)
    assert [job.state for job in await all_jobs(REPORT)] == [JobState.COMPLETED]
    assert len(await mails_to(address)) == 1


async def test_by_hand_it_is_about_yesterday(db: AsyncConnection, queue: None) -> None:
    address = await operator()
    await jobs.run_by_hand(REPORT)
    await drain(recursive=True)
    assert [mail.subject for mail in await mails_to(address)] == [f"The site on {yesterday().isoformat()}"]

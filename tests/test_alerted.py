"""What operators are mailed about: each of its triggers, from what happened to the words of the one mail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import select

from myapp import application
from myapp.accounts import User
from myapp.kit import alerts, jobs, query_log
from myapp.kit.alerts import Alert
from myapp.kit.jobs._telling import telling
from myapp.kit.mailer import MailRow
from myapp.kit.memory_watch import MB, MemoryWatch
from myapp.kit.repo import transaction
from myapp.kit.scheduler import Periodic, Scheduler
from tests.factories import SYSTEM
from tests.factories.accounts import make_user
from tests.kit.jobs.workers import HERE
from tests.queue import drain


class Post:
    """Operators' mail as the application sends it, and how to wait for what was raised."""

    def __init__(self, operator: User) -> None:
        self._operator = operator
        self._mark = asyncio.Event()
        self._is_wanted = asyncio.Event()

    async def deliver(self, alert: Alert) -> None:
        """Not beside what is tested: there is one connection for both."""
        await self._is_wanted.wait()
        if alert.kind == "mark":
            self._mark.set()
        else:
            await application._mail_operators(alert)

    async def mails(self) -> list[MailRow]:
        """Those that were written, once all that was raised before has been looked at."""
        alerts.raise_alert("mark", "that all before it was looked at")
        self._is_wanted.set()
        async with asyncio.timeout(30):
            await self._mark.wait()
        async with transaction(SYSTEM) as session:
            found = list((await session.exec(select(MailRow))).all())
        assert {mail.recipient for mail in found} <= {self._operator.email}
        return found


@pytest.fixture
async def post(db: AsyncConnection, queue: None) -> AsyncGenerator[Post]:
    await make_user("Mia Member")
    post = Post(await make_user("Ona Operator", is_operator=True))
    async with alerts.running(post.deliver):
        yield post


async def test_a_job_is_mailed_about_when_all_its_attempts_are_used_and_once_however_many_there_are(
    post: Post,
) -> None:
    for _ in range(3):
        await jobs.enqueue(f"{HERE}.Fail", {"who": "a secret"}, max_attempts=1)
    await jobs.enqueue(f"{HERE}.Fail", max_attempts=2)
    with telling():
        await drain(recursive=True)
    [mail] = await post.mails()
    assert mail.subject == f"Alert: A job of {HERE}.Fail is given up after 1 attempts."
    assert "ValueError" in mail.text
    assert "a secret" not in mail.text + mail.html


async def test_one_that_is_tried_again_is_not_mailed_about(post: Post) -> None:
    await jobs.enqueue(f"{HERE}.Fail", max_attempts=2)
    with telling():
        await drain()
    assert await post.mails() == []


async def test_a_very_slow_query_is_mailed_about_without_its_values(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(query_log, "SLOW", 0.0)
    async with transaction(SYSTEM) as session:
        await (await session.connection()).execute(sa.text("SELECT pg_sleep(0.01)"))
        monkeypatch.setattr(query_log, "VERY_SLOW", 0.0)
        connection = await session.connection()
        await connection.execute(sa.text("SELECT id FROM users WHERE name = :name"), {"name": "a secret"})
        monkeypatch.setattr(query_log, "VERY_SLOW", 3600.0)
    [mail] = await post.mails()
    assert mail.subject == "Alert: A query took 0.0 s."
    assert "SELECT id FROM users WHERE name =" in mail.text
    assert "pg_sleep" not in mail.text
    assert "a secret" not in mail.text + mail.html


async def test_memory_that_grows_is_mailed_about_once_with_what_grew(post: Post) -> None:
    used = iter((200 * MB, 310 * MB, 315 * MB, 420 * MB))
    watch = MemoryWatch(lambda: next(used))
    await watch.look()
    kept = [bytearray(1) for _ in range(50_000)]
    for _ in range(3):
        await watch.look()
    [mail] = await post.mails()
    assert mail.subject == "Alert: A process has 110 MB more than it began with."
    assert "grower 1" in mail.text
    assert kept


async def test_periodic_work_that_fails_is_mailed_about(post: Post) -> None:
    async def fail() -> None:
        raise ZeroDivisionError

    scheduler = Scheduler(None)  # type: ignore[arg-type]
    await scheduler._run(Periodic("sweep the yard", fail, every=60))
    [mail] = await post.mails()
    assert mail.subject == "Alert: The periodic job “sweep the yard” failed."


async def test_a_new_kind_is_mailed_beside_one_that_is_held_back(post: Post) -> None:
    for number in range(50):
        alerts.raise_alert("slow_query", f"A query took {number} s.")
    alerts.raise_alert("memory", "A process has 120 MB more than it began with.")
    subjects = sorted(mail.subject for mail in await post.mails())
    assert subjects == ["Alert: A process has 120 MB more than it began with.", "Alert: A query took 0 s."]

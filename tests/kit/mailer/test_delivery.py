"""Mails go to a real SMTP server, which may be good, refuse, say nothing, or go away in the middle."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from myapp.kit import jobs, mailer
from myapp.kit.jobs import JobState
from myapp.kit.mailer import Kept, MailRow, Smtp, _outbox, _transport
from myapp.kit.repo import transaction
from tests.factories import SYSTEM
from tests.factories.mails import let_time_pass, mails_to, make_mail
from tests.kit.mailer.smtp import Inbox, rude_server, smtp_server
from tests.queue import Watch, all_jobs, drain

ADA = "ada@example.com"
SENDER = "MyApp <no-reply@example.org>"


@asynccontextmanager
async def delivering(url: str) -> AsyncGenerator[None]:
    async with mailer.running(Smtp(url), sender=SENDER, site="https://example.org"):
        yield


@asynccontextmanager
async def serving(url: str, real_db: str, *, lanes: int = 5) -> AsyncGenerator[Watch]:
    """The same in a process that works its queue off."""
    with Watch() as watch:
        async with delivering(url), jobs.running(real_db, {"mailers": lanes}):
            yield watch


async def outcome() -> tuple[JobState, int]:
    """What became of the only job, and its attempts."""
    [job] = await all_jobs()
    return job.state, job.attempt


async def promise(*subjects: str) -> None:
    async with transaction(SYSTEM):
        for subject in subjects or ("Hello",):
            await mailer.enqueue(make_mail(ADA, subject))


def answering(where: str, answer: str) -> Inbox:
    return Inbox(to_recipient=answer) if where == "recipient" else Inbox(to_data=answer)


async def the_mail() -> MailRow:
    [row] = await mails_to(ADA)
    return row


async def test_a_mail_arrives_with_both_kinds_of_words(db: object, queue: None) -> None:
    await promise("Grüße aus München")
    async with smtp_server() as inbox, delivering(inbox.url):
        assert (await drain("mailers"))["completed"] == 1
    [mail], [envelope] = inbox.mails, inbox.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == ("no-reply@example.org", [ADA])
    assert (mail["from"], mail["to"], mail["subject"]) == (SENDER, ADA, "Grüße aus München")
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert "https://example.org/log-in/sesame" in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert mail["message-id"].endswith("@example.org>")
    assert mail["auto-submitted"] == "auto-generated"


async def test_the_words_of_a_delivered_mail_are_not_kept(db: object, queue: None) -> None:
    await promise()
    async with smtp_server() as inbox, delivering(inbox.url):
        await drain("mailers")
    row = await the_mail()
    assert (row.text, row.html) == ("", "")
    assert row.sent_at is not None
    assert "sesame" not in repr(row.model_dump())


async def test_a_commit_delivers_at_once(real_db: str) -> None:
    arrived = asyncio.Event()

    async def notice() -> None:
        arrived.set()

    async with smtp_server(Inbox(before_data=notice)) as inbox, serving(inbox.url, real_db) as watch:
        async with transaction(SYSTEM):
            await mailer.enqueue(make_mail())
            await asyncio.sleep(0)
            assert not arrived.is_set()
        await asyncio.wait_for(arrived.wait(), 10)
        await watch.until_all(JobState.COMPLETED)


async def test_what_was_promised_before_the_start_is_delivered_by_it(real_db: str) -> None:
    await promise("One", "Two")
    async with smtp_server() as inbox, serving(inbox.url, real_db) as watch:
        await watch.until_all(JobState.COMPLETED)
    assert sorted(inbox.subjects) == ["One", "Two"]


async def test_one_that_hangs_holds_up_no_other(real_db: str) -> None:
    release, arrivals = asyncio.Event(), asyncio.Semaphore(0)
    first = True

    async def hang_once() -> None:
        nonlocal first
        arrivals.release()
        if first:
            first = False
            await release.wait()

    async with smtp_server(Inbox(before_data=hang_once)) as inbox, serving(inbox.url, real_db) as watch:
        await promise("Hangs")
        await asyncio.wait_for(arrivals.acquire(), 10)
        await promise("Goes through")
        await asyncio.wait_for(arrivals.acquire(), 10)
        release.set()
        await watch.until_all(JobState.COMPLETED)
    assert sorted(inbox.subjects) == ["Goes through", "Hangs"]


async def test_a_burst_is_delivered_by_a_few_at_a_time(real_db: str) -> None:
    here, most = 0, 0

    async def count() -> None:
        nonlocal here, most
        here += 1
        most = max(most, here)
        await asyncio.sleep(0)
        here -= 1

    async with smtp_server(Inbox(before_data=count)) as inbox, serving(inbox.url, real_db, lanes=3) as watch:
        await promise(*(f"Mail {number}" for number in range(20)))
        await watch.until_all(JobState.COMPLETED)
    assert sorted(inbox.subjects) == sorted(f"Mail {number}" for number in range(20))
    assert most <= 3


@pytest.mark.parametrize("where", ["recipient", "data"])
async def test_a_server_that_is_busy_is_asked_three_times(db: object, queue: None, where: str) -> None:
    await promise()
    inbox = answering(where, "451 come back later")
    async with smtp_server(inbox), delivering(inbox.url):
        for attempt in (1, 2):
            await drain("mailers", scheduled=attempt > 1, recursive=False)
            assert await outcome() == (JobState.RETRYABLE, attempt)
            await drain("mailers")
            assert (await the_mail()).attempts == attempt, "it waits"
        await drain("mailers", scheduled=True, recursive=False)
    assert await outcome() == (JobState.DISCARDED, 3)
    row = await the_mail()
    assert row.failed_at is not None
    assert "451" in (row.last_error or "")
    assert row.text == ""


@pytest.mark.parametrize("where", ["recipient", "data"])
async def test_what_a_server_refuses_for_good_is_given_up_at_once(db: object, queue: None, where: str) -> None:
    await promise()
    inbox = answering(where, "550 nobody here")
    async with smtp_server(inbox), delivering(inbox.url):
        await drain("mailers")
    row = await the_mail()
    assert (row.attempts, row.sent_at) == (1, None)
    assert row.failed_at is not None
    assert await outcome() == (JobState.CANCELLED, 1)


async def test_a_mail_goes_when_the_server_is_well_again(db: object, queue: None) -> None:
    await promise()
    inbox = Inbox(to_data="421 not now")
    async with smtp_server(inbox), delivering(inbox.url):
        await drain("mailers")
        inbox.to_data = "250 OK"
        await drain("mailers", scheduled=True)
    assert inbox.subjects == ["Hello"]
    assert (await the_mail()).last_error is None


async def test_a_server_that_says_nothing_is_left_in_time(
    db: object, queue: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_transport, "PATIENCE", 0.05)
    await promise()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with rude_server(say_nothing) as url, delivering(url):
        await drain("mailers")
    row = await the_mail()
    assert (row.sent_at, row.failed_at, row.attempts) == (None, None, 1)
    assert "Timeout" in (row.last_error or "")


async def test_a_server_that_goes_away_amid_a_mail_gets_it_again(db: object, queue: None) -> None:
    await promise()

    async def hang_up_amid_data(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while (line := await reader.readline()) and not line.upper().startswith(b"DATA"):
            writer.write(b"250 OK\r\n")
        writer.write(b"354 go on\r\n")
        await reader.readline()

    async with rude_server(hang_up_amid_data) as url, delivering(url):
        await drain("mailers")
    assert "Disconnected" in ((await the_mail()).last_error or "")
    async with smtp_server() as inbox, delivering(inbox.url):
        await drain("mailers", scheduled=True)
    assert inbox.subjects == ["Hello"]


async def test_a_server_that_does_not_say_goodbye_gets_the_mail_once(db: object, queue: None) -> None:
    await promise()

    async def leave_after_the_mail(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while not (await reader.readline()).upper().startswith(b"DATA"):
            writer.write(b"250 OK\r\n")
        writer.write(b"354 go on\r\n")
        with contextlib.suppress(asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n.\r\n")
        writer.write(b"250 I have it\r\n")
        await writer.drain()

    async with rude_server(leave_after_the_mail) as url, delivering(url):
        await drain("mailers")
    assert (await the_mail()).sent_at is not None


async def test_where_nobody_listens_the_mail_waits(db: object, queue: None) -> None:
    await promise()
    async with smtp_server() as inbox:
        url = inbox.url
    async with delivering(url):
        await drain("mailers")
    row = await the_mail()
    assert (row.sent_at, row.failed_at) == (None, None)


async def test_a_developer_keeps_the_words(db: object, queue: None) -> None:
    await promise()
    async with mailer.running(Kept(), sender=SENDER, site="https://example.org"):
        await drain("mailers")
    row = await the_mail()
    assert row.sent_at is not None
    assert "sesame" in row.text


async def test_a_process_without_a_way_out_loses_nothing(db: object, queue: None) -> None:
    async with mailer.running(None, sender=SENDER, site="https://example.org"):
        await promise()
        await drain("mailers")
    assert await outcome() == (JobState.RETRYABLE, 1)
    assert (await the_mail()).sent_at is None


async def test_one_that_was_forgotten_is_not_missed(db: object, queue: None) -> None:
    await promise()
    async with transaction(SYSTEM):
        await mailer.forget(ADA)
    async with smtp_server() as inbox, delivering(inbox.url):
        assert (await drain("mailers"))["completed"] == 1
    assert inbox.mails == []


async def test_a_job_that_comes_a_second_time_sends_nothing(db: object, queue: None) -> None:
    await promise()
    async with smtp_server() as inbox, delivering(inbox.url):
        await drain("mailers")
        [job] = await all_jobs()
        assert await jobs.retry_jobs([job.id]) == 1
        assert (await drain("mailers"))["completed"] == 1
    assert inbox.subjects == ["Hello"]


async def test_what_somebody_else_has_claimed_waits_for_that_one(db: object, queue: None) -> None:
    await promise()
    assert await _outbox.claim((await the_mail()).id) is not None
    async with smtp_server() as inbox, delivering(inbox.url):
        assert (await drain("mailers"))["scheduled"] == 1
        assert inbox.mails == []
        await let_time_pass(seconds=_outbox.LEASE.total_seconds() + 1)
        assert (await drain("mailers", scheduled=True))["completed"] == 1
    assert inbox.subjects == ["Hello"]

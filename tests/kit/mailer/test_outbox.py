"""A mail is promised with the deed, and what becomes of it is written down."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from myapp.kit import jobs, mailer
from myapp.kit.mailer import Kept, Mail, _outbox
from myapp.kit.mailer._transport import PATIENCE
from myapp.kit.repo import transaction
from tests.factories import SYSTEM
from tests.factories.mails import let_time_pass, mails_to, make_mail
from tests.queue import all_jobs, drain

ADA = "ada@example.com"


async def promise(mail: Mail) -> bool:
    async with transaction(SYSTEM):
        return await mailer.enqueue(mail)


async def test_outside_of_a_transaction_no_mail_is_taken(db: object) -> None:
    with pytest.raises(RuntimeError, match="inside transaction"):
        await mailer.enqueue(make_mail())


async def test_a_deed_that_is_rolled_back_sends_no_mail(db: object) -> None:
    with pytest.raises(ZeroDivisionError):
        async with transaction(SYSTEM):
            await mailer.enqueue(make_mail(ADA))
            raise ZeroDivisionError
    assert await mails_to(ADA) == []


async def test_the_same_mail_is_taken_once_a_minute(db: object) -> None:
    assert await promise(make_mail(ADA))
    assert not await promise(make_mail(ADA))
    assert not await promise(make_mail(ADA.upper()))
    await let_time_pass(seconds=61)
    assert await promise(make_mail(ADA))


async def test_another_word_or_another_person_makes_another_mail(db: object) -> None:
    for mail in (make_mail(ADA), make_mail(ADA, "Another"), make_mail("mei@example.com")):
        assert await promise(mail)


async def test_a_key_says_which_mails_are_the_same(db: object) -> None:
    assert await promise(make_mail(ADA, "One", key="post 7"))
    assert not await promise(make_mail(ADA, "Two", key="post 7"))
    assert await promise(make_mail(ADA, "Two", key="post 8"))


async def test_two_at_once_promise_the_same_mail_once(real_db: str) -> None:
    promised = await asyncio.gather(*(promise(make_mail(ADA)) for _ in range(5)))
    assert sorted(promised) == [False, False, False, False, True]
    assert len(await mails_to(ADA)) == 1


async def promised(mail: Mail) -> UUID:
    """Its id."""
    assert await promise(mail)
    return (await mails_to(mail.to))[-1].id


async def test_it_has_a_job_that_names_it(db: object, queue: None) -> None:
    mail_id = await promised(make_mail(ADA))
    assert not await promise(make_mail(ADA))
    [job] = await all_jobs()
    assert (job.worker, job.args) == ("myapp.kit.mailer.jobs.DeliverMail", {"id": str(mail_id)})
    assert (job.queue, job.max_attempts, job.priority) == ("mailers", 3, 1)
    assert "sesame" not in repr(job)


async def test_one_claims_a_mail_and_the_others_leave_it_alone(real_db: str) -> None:
    mail_id = await promised(make_mail(ADA))
    claimed = await asyncio.gather(*(_outbox.claim(mail_id) for _ in range(8)))
    assert len([row for row in claimed if row is not None]) == 1
    wait = await _outbox.wait_for(mail_id)
    assert wait is not None
    assert wait <= _outbox.LEASE.total_seconds()


async def test_who_claims_a_mail_and_dies_lets_go_of_it_after_a_while(db: object) -> None:
    mail_id = await promised(make_mail())
    assert await _outbox.claim(mail_id) is not None
    assert await _outbox.claim(mail_id) is None
    await let_time_pass(seconds=_outbox.LEASE.total_seconds() + 1)
    second = await _outbox.claim(mail_id)
    assert second is not None
    assert second.attempts == 2


async def test_who_was_thought_dead_does_not_undo_what_the_next_one_does(db: object) -> None:
    mail_id = await promised(make_mail(ADA))
    late = await _outbox.claim(mail_id)
    assert late is not None
    first_try = late.attempts
    await let_time_pass(seconds=_outbox.LEASE.total_seconds() + 1)
    assert await _outbox.claim(mail_id) is not None
    late.attempts = first_try
    await _outbox.mark_failed(late, "too late", is_final=True)
    [row] = await mails_to(ADA)
    assert (row.failed_at, row.attempts) == (None, 2)


async def test_a_mail_without_a_job_is_given_up_and_one_with_a_job_is_not(db: object, queue: None) -> None:
    """An operator cancelled it, or it took its processes with it until its attempts were over."""
    await promised(make_mail(ADA))
    await promised(make_mail("mei@example.com"))
    await jobs.cancel_jobs([(await all_jobs())[0].id])
    await mailer.prune()
    [lost], [waits] = await mails_to(ADA), await mails_to("mei@example.com")
    assert (lost.failed_at is not None, lost.text, lost.html) == (True, "", "")
    assert (waits.failed_at, waits.text != "") == (None, True)


async def test_what_is_long_over_is_forgotten_and_what_waits_is_not(db: object, queue: None) -> None:
    await promise(make_mail(ADA))
    async with mailer.running(Kept(), sender="MyApp <no-reply@example.org>", site="https://example.org"):
        await drain("mailers")
    await promise(make_mail("mei@example.com"))
    await let_time_pass(days=mailer.KEEP_DAYS + 1)
    await jobs.run_by_hand("myapp.kit.mailer.jobs.PruneMails")
    assert (await drain())["completed"] == 1
    assert await mails_to(ADA) == []
    assert len(await mails_to("mei@example.com")) == 1


def test_a_lease_lasts_longer_than_a_job_and_a_job_is_lost_after_it() -> None:
    jobs.load_workers()
    options = jobs.workers()["myapp.kit.mailer.jobs.DeliverMail"]
    assert PATIENCE < options.timeout.total_seconds() < _outbox.LEASE.total_seconds()
    assert options.rescue_after > _outbox.LEASE

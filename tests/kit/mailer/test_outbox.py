"""A mail is promised with the deed, and what becomes of it is written down."""

from __future__ import annotations

import asyncio

import pytest

from myapp.kit import mailer
from myapp.kit.mailer import Kept, Mail, _outbox
from myapp.kit.mailer._outbox import backoff
from myapp.kit.repo import transaction
from tests.factories import SYSTEM
from tests.factories.mails import let_time_pass, mails_to, make_mail

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


async def test_one_claims_a_mail_and_the_others_leave_it_alone(real_db: str) -> None:
    for number in range(5):
        await promise(make_mail(ADA, f"Mail {number}"))
    claimed = await asyncio.gather(*(_outbox.claim() for _ in range(8)))
    found = [row.id for row in claimed if row is not None]
    assert len(found) == len(set(found)) == 5


async def test_who_claims_a_mail_and_dies_lets_go_of_it_after_a_while(db: object) -> None:
    await promise(make_mail())
    first = await _outbox.claim()
    assert first is not None
    assert await _outbox.claim() is None
    await let_time_pass(seconds=_outbox.LEASE.total_seconds() + 1)
    second = await _outbox.claim()
    assert second is not None
    assert (second.id, second.attempts) == (first.id, 2)


async def test_who_was_thought_dead_does_not_undo_what_the_next_one_does(db: object) -> None:
    await promise(make_mail(ADA))
    late = await _outbox.claim()
    assert late is not None
    first_try = late.attempts
    await let_time_pass(seconds=_outbox.LEASE.total_seconds() + 1)
    assert await _outbox.claim() is not None
    late.attempts = first_try
    await _outbox.mark_failed(late, "too late", is_final=True)
    [row] = await mails_to(ADA)
    assert (row.failed_at, row.attempts) == (None, 2)


async def test_a_mail_that_took_its_processes_with_it_is_given_up(db: object) -> None:
    await promise(make_mail(ADA))
    for _ in range(3):
        assert await _outbox.claim() is not None
        await let_time_pass(seconds=_outbox.LEASE.total_seconds() + 1)
    assert await _outbox.claim() is None
    await mailer.prune()
    [row] = await mails_to(ADA)
    assert row.failed_at is not None
    assert row.text == row.html == ""


async def test_what_is_long_over_is_forgotten_and_what_waits_is_not(db: object) -> None:
    await promise(make_mail(ADA))
    async with mailer.running(Kept(), sender="MyApp <no-reply@example.org>", site="https://example.org"):
        await mailer.deliver_due()
    await promise(make_mail("mei@example.com"))
    await let_time_pass(days=mailer.KEEP_DAYS + 1)
    await mailer.prune()
    assert await mails_to(ADA) == []
    assert len(await mails_to("mei@example.com")) == 1


@pytest.mark.parametrize(("attempt", "least", "most"), [(1, 16, 46), (2, 31, 91)])
def test_the_wait_grows_with_every_attempt(attempt: int, least: float, most: float) -> None:
    waits = [backoff(attempt).total_seconds() for _ in range(100)]
    assert least <= min(waits)
    assert max(waits) <= most
    assert len(set(waits)) > 1

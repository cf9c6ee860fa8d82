"""The clock: each minute once, what passed meanwhile only where it is asked for, and nothing piles up."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from myapp.kit import jobs
from myapp.kit.clock import now
from myapp.kit.jobs import JobState, Outcome, Unique, Work, _cron, worker
from myapp.kit.jobs._cron import next_time, previous, tick
from myapp.kit.jobs._library import Expression
from tests.kit.jobs.workers import HERE
from tests.queue import all_jobs, drain

NIGHTLY, QUARTERLY, OF_A_DAY = f"{HERE}.Nightly", f"{HERE}.Quarterly", f"{__name__}.OfADay"
MINE = {NIGHTLY, QUARTERLY}
MONDAY = datetime(2026, 11, 30, tzinfo=UTC)


@worker(cron="0 2 * * *", catch_up=True, unique=Unique(keys=("day",)), cron_args=lambda due: {"day": due.date()})
class OfADay:
    """About the day whose time has come."""

    async def process(self, job: Work) -> Outcome: ...


def at(hours: int = 0, minutes: int = 0, *, days: int = 0, seconds: int = 0) -> datetime:
    return MONDAY + timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


async def added(moment: datetime) -> set[str]:
    return MINE & set(await tick(moment))


async def test_at_its_minute_it_is_added(db: AsyncConnection, queue: None) -> None:
    assert await added(at(1, 59, seconds=58)) == set()
    assert await added(at(2, 0, seconds=1)) == MINE
    assert await added(at(2, 1)) == set()
    (job,) = await all_jobs(NIGHTLY)
    assert job.meta["cron_at"] == at(2).isoformat()


async def test_whoever_leads_a_minute_is_dealt_with_once(db: AsyncConnection, queue: None) -> None:
    assert await added(at(2)) == MINE
    await drain()
    assert await added(at(2, seconds=30)) == set()
    assert await added(at(1, 59)) == set(), "a clock that was put back"


async def test_a_clock_that_was_far_ahead_does_not_hold_up_what_comes(
    db: AsyncConnection, queue: None, caplog: pytest.LogCaptureFixture
) -> None:
    await added(at(1, days=90))
    await drain()
    assert await added(at(2)) == MINE
    assert await added(at(2, seconds=30)) == set()
    assert caplog.text.count("ahead") == 1


async def test_the_clock_is_postgresqls_and_not_that_of_whoever_leads(
    real_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    dealt_with = asyncio.Event()

    async def noted(moment: datetime) -> list[str]:
        found = await tick(moment)
        dealt_with.set()
        return found

    monkeypatch.setattr(_cron, "tick", noted)
    monkeypatch.setattr(_cron, "now", lambda: now() + timedelta(hours=3))
    monkeypatch.setattr(_cron, "_until_next_minute", lambda _moment: 0.0)
    async with jobs.running(real_db, {"default": 1}):
        await asyncio.wait_for(dealt_with.wait(), 30)
    seen = {card.path: card.seen_at for card in await jobs.list_workers()}[NIGHTLY]
    assert seen is not None
    assert seen <= now()


async def test_two_that_lead_at_once_add_it_once(real_db: str) -> None:
    await asyncio.gather(*(tick(at(2)) for _ in range(4)))
    assert len(await all_jobs(NIGHTLY)) == len(await all_jobs(QUARTERLY)) == 1


async def test_the_first_time_nothing_is_late(db: AsyncConnection, queue: None) -> None:
    assert await added(at(3, 1)) == set()


async def test_what_passed_while_nothing_ran_is_caught_up_once_where_asked(db: AsyncConnection, queue: None) -> None:
    await added(at(1))
    await drain()
    assert await added(at(9, 7, days=3)) == {NIGHTLY}
    (job,) = await all_jobs(NIGHTLY)
    assert job.meta["cron_at"] == at(2, days=3).isoformat()
    await drain()
    assert await added(at(9, 8, days=3)) == set()


async def test_one_that_is_about_a_day_is_told_which_and_is_added_for_each(db: AsyncConnection, queue: None) -> None:
    await tick(at(1))
    assert OF_A_DAY in await tick(at(8, days=2)), "caught up"
    await drain()
    assert OF_A_DAY in await tick(at(2, days=3)), "and when its time comes, 18 hours later"
    await drain()
    assert [job.args for job in await all_jobs(OF_A_DAY)] == [{"day": "2026-12-02"}, {"day": "2026-12-03"}]


async def test_what_was_there_already_is_not_said_to_be_added(db: AsyncConnection, queue: None) -> None:
    await jobs.enqueue(OF_A_DAY, {"day": at().date()})
    assert OF_A_DAY not in await tick(at(2))
    assert len(await all_jobs(OF_A_DAY)) == 1


async def test_while_the_lead_changes_hands_nothing_is_lost(db: AsyncConnection, queue: None) -> None:
    await added(at(9, 14))
    assert await added(at(9, 17)) == {QUARTERLY}


async def test_one_that_has_not_run_yet_gets_no_second(db: AsyncConnection, queue: None) -> None:
    assert QUARTERLY in await added(at(2))
    await added(at(2, 15))
    assert len(await all_jobs(QUARTERLY)) == 1
    await drain()
    await added(at(2, 30))
    assert [job.state for job in await all_jobs(QUARTERLY)] == [JobState.COMPLETED, JobState.AVAILABLE]


async def test_one_that_is_switched_off_is_not_added_and_not_caught_up(db: AsyncConnection, queue: None) -> None:
    await added(at(1))
    await drain()
    await jobs.switch_off(NIGHTLY, reason="a test")
    assert await added(at(2)) == {QUARTERLY}
    await jobs.switch_on(NIGHTLY)
    assert NIGHTLY not in await added(at(3))


@pytest.mark.parametrize(
    ("cron", "expected"),
    [
        ("* * * * *", at(10, 31)),
        ("0 2 * * *", at(2, days=1)),
        ("0 0 * * SUN", at(days=6)),
        ("0 3 1 * *", datetime(2026, 12, 1, 3, tzinfo=UTC)),
        ("30 12 29 2 *", datetime(2028, 2, 29, 12, 30, tzinfo=UTC)),
        ("0 0 31 2 *", None),
    ],
)
def test_the_next_time_is_known(cron: str, expected: datetime | None) -> None:
    assert next_time(Expression.parse(cron), at(10, 30, seconds=15)) == expected


def test_the_last_time_is_looked_for_no_further_than_asked() -> None:
    nightly = Expression.parse("0 2 * * *")
    assert previous(nightly, at(2), at(1)) == at(2)
    assert previous(nightly, at(9), at(2)) is None
    assert previous(nightly, at(9), at(1, 59)) == at(2)


async def test_the_table_of_them_says_when_they_run_next(db: AsyncConnection, queue: None) -> None:
    await tick(at(2))
    cards = {card.path: card for card in await jobs.list_workers()}
    assert cards[NIGHTLY].seen_at == at(2)
    assert (cards[NIGHTLY].options.cron, cards[NIGHTLY].options.catch_up) == ("0 2 * * *", True)
    next_at = cards[NIGHTLY].next_at
    assert next_at is not None
    assert (next_at.hour, next_at.minute) == (2, 0)
    assert cards[f"{HERE}.Greet"].next_at is None

"""An alert is delivered at once, a storm as one, and nothing that goes wrong on the way reaches who raised it."""

from __future__ import annotations

import asyncio
import logging

import pytest

from myapp.kit import alerts, rate_limit
from myapp.kit.alerts import Alert, raise_alert


class Mailbox:
    """Whoever is told."""

    def __init__(self) -> None:
        self.alerts: asyncio.Queue[Alert] = asyncio.Queue()
        self.fails = 0
        """How many deliveries are still to fail."""
        self.has_failed = asyncio.Event()
        """All that were to fail have."""

    async def __call__(self, alert: Alert) -> None:
        if self.fails:
            self.fails -= 1
            if not self.fails:
                self.has_failed.set()
            raise ConnectionError("no mail today")
        await self.alerts.put(alert)

    async def next(self) -> Alert:
        async with asyncio.timeout(5):
            return await self.alerts.get()


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


async def test_a_storm_is_one_and_other_kinds_are_delivered_meanwhile(mailbox: Mailbox) -> None:
    async with alerts.running(mailbox):
        for number in range(1000):
            raise_alert("failed_job", f"job {number} failed")
        raise_alert("memory", "it grows", megabytes=100)
        first, second = sorted([await mailbox.next(), await mailbox.next()], key=lambda alert: alert.kind)
        raise_alert("failed_job", "and again")
        raise_alert("slow_query", "a mark that all before it was looked at")
        last = await mailbox.next()

    assert (first.what, first.since_last) == ("job 0 failed", 999)
    assert (second.what, second.details["megabytes"]) == ("it grows", "100")
    assert last.kind == "slow_query"
    assert mailbox.alerts.empty()


async def test_the_next_after_a_while_says_how_many_there_were(mailbox: Mailbox) -> None:
    async with alerts.running(mailbox):
        raise_alert("failed_job", "one")
        await mailbox.next()
        raise_alert("failed_job", "two")
        raise_alert("mark", "x")
        await mailbox.next()
        rate_limit.use(rate_limit.OwnWindows())  # a while later
        raise_alert("failed_job", "three")

        assert await mailbox.next() == Alert("failed_job", "three", {}, since_last=1)


async def test_who_raises_one_never_fails_and_it_is_in_the_log(
    mailbox: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    raise_alert("failed_job", "nobody delivers it")
    mailbox.fails = 1
    async with alerts.running(mailbox):
        raise_alert("failed_job", "it cannot be delivered")
        await mailbox.has_failed.wait()
        raise_alert("memory", "it goes on")
        assert (await mailbox.next()).what == "it goes on"

    assert "alert: nobody delivers it" in caplog.text
    assert "could not be delivered, and is tried again in 5 s: it cannot be delivered" in caplog.text
    assert [record.levelno for record in caplog.records if record.msg == "alert: %s"] == [logging.WARNING] * 3


async def test_one_that_could_not_be_delivered_is_tried_again_and_has_its_turn_already(mailbox: Mailbox) -> None:
    mailbox.fails = 3
    async with alerts.running(mailbox, pause=lambda _failures: 0):
        raise_alert("failed_job", "one")
        await mailbox.has_failed.wait()
        raise_alert("failed_job", "two")

        assert await mailbox.next() == Alert("failed_job", "one", {}, since_last=1)

        raise_alert("failed_job", "three")
        raise_alert("mark", "that all before it was looked at")
        assert (await mailbox.next()).kind == "mark"


async def test_other_kinds_are_delivered_while_one_waits_to_be_tried_again(mailbox: Mailbox) -> None:
    mailbox.fails = 1
    async with alerts.running(mailbox, pause=lambda _failures: 3600):
        raise_alert("failed_job", "it waits")
        raise_alert("memory", "it grows")
        assert (await mailbox.next()).kind == "memory"
        raise_alert("slow_query", "it is slow")
        assert (await mailbox.next()).kind == "slow_query"


async def test_one_that_never_can_be_delivered_is_given_up_and_the_next_counts_it(mailbox: Mailbox) -> None:
    mailbox.fails = alerts.TRIES
    pauses: list[int] = []
    async with alerts.running(mailbox, pause=lambda failures: pauses.append(failures) or 0):
        raise_alert("failed_job", "it cannot be delivered")
        await mailbox.has_failed.wait()
        rate_limit.use(rate_limit.OwnWindows())  # a while later
        raise_alert("failed_job", "and again")

        assert await mailbox.next() == Alert("failed_job", "and again", {}, since_last=1)

    assert pauses == list(range(1, alerts.TRIES))


def test_the_pauses_grow_for_more_than_the_time_in_which_one_of_a_kind_is_delivered() -> None:
    pauses = [alerts.pause_after(failures) for failures in range(1, alerts.TRIES)]
    assert pauses[:4] == [5, 10, 20, 40]
    assert max(pauses) == 300
    assert sum(pauses) > alerts.EVERY


async def test_an_alert_holds_no_secret(mailbox: Mailbox) -> None:
    async with alerts.running(mailbox):
        raise_alert("failed_job", "password='geheim12'", token="geheim12", statement="x = 'a' and Cookie: geheim12")

        assert "geheim12" not in repr(await mailbox.next())

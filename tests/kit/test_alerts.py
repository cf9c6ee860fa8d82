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
        self.fails = False
        self.has_failed = asyncio.Event()

    async def __call__(self, alert: Alert) -> None:
        if self.fails:
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
    mailbox.fails = True
    async with alerts.running(mailbox):
        raise_alert("failed_job", "it cannot be delivered")
        await mailbox.has_failed.wait()
        mailbox.fails = False
        raise_alert("memory", "it goes on")
        assert (await mailbox.next()).what == "it goes on"

    assert "alert: nobody delivers it" in caplog.text
    assert "could not be delivered: it cannot be delivered" in caplog.text
    assert [record.levelno for record in caplog.records if record.msg == "alert: %s"] == [logging.WARNING] * 3


async def test_an_alert_holds_no_secret(mailbox: Mailbox) -> None:
    async with alerts.running(mailbox):
        raise_alert("failed_job", "password='geheim12'", token="geheim12", statement="x = 'a' and Cookie: geheim12")

        assert "geheim12" not in repr(await mailbox.next())

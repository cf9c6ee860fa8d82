"""A mail that is under way when its process stops."""

from __future__ import annotations

import asyncio

import pytest

from myapp.kit.jobs import JobState
from tests.kit.mailer.smtp import Inbox, smtp_server
from tests.kit.mailer.test_delivery import outcome, promise, serving, the_mail


async def test_one_that_is_cut_off_because_its_process_stops_need_not_wait_for_its_lease(
    real_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("myapp.kit.jobs._running.GRACE", 0.01)
    begun = asyncio.Event()

    async def never() -> None:
        begun.set()
        await asyncio.Event().wait()

    async with smtp_server(Inbox(before_data=never)) as inbox:
        async with serving(inbox.url, real_db):
            await promise()
            await begun.wait()
        assert await outcome() == (JobState.AVAILABLE, 0)
        inbox.before_data = None
        async with serving(inbox.url, real_db) as watch:
            await watch.until_all(JobState.COMPLETED)
        assert inbox.subjects == ["Hello"]
    assert (await the_mail()).sent_at is not None

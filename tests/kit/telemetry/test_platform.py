"""The platform says what it does: mails, periodic jobs, limits, files and deeds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from myapp.kit import mailer, presence, pubsub, rate_limit, repo, run_log, storage
from myapp.kit.errors import NotFound, RateLimited
from myapp.kit.mailer import Smtp
from myapp.kit.pubsub import Resync
from myapp.kit.rate_limit import Limit
from myapp.kit.repo import transaction
from myapp.kit.scheduler import Periodic, running
from tests.ears import hearing
from tests.factories import SYSTEM
from tests.factories.mails import make_mail
from tests.kit.mailer.smtp import Inbox, smtp_server
from tests.queue import drain


@pytest.mark.usefixtures("db", "queue")
@pytest.mark.parametrize(
    ("answer", "outcome"), [(None, "sent"), ("450 later", "not delivered yet"), ("550 never", "given up")]
)
async def test_a_mail_is_told_by_its_kind_and_what_came_of_it(answer: str | None, outcome: str) -> None:
    async with transaction(SYSTEM):
        await mailer.enqueue(mail := make_mail("ada@example.com"))
    inbox = Inbox() if answer is None else Inbox(to_recipient=answer)
    with hearing("mailer.delivery.stop") as ear:
        async with (
            smtp_server(inbox) as served,
            mailer.running(Smtp(served.url), sender="a@example.org", site="https://example.org"),
        ):
            await drain("mailers")
    [told] = ear.heard
    assert (told.metadata["kind"], told.metadata["outcome"]) == (mail.kind, outcome)
    assert "ada@example.com" not in str(told.metadata)


async def test_a_periodic_job_is_told_and_its_last_runs_are_kept_for_operators() -> None:
    ran = asyncio.Semaphore(0)

    async def work() -> None:
        ran.release()

    async def fail() -> None:
        ran.release()
        raise ZeroDivisionError

    jobs = [Periodic("works", work, every=0.01), Periodic("fails", fail, every=0.01)]
    async with run_log.running():
        async with asyncio.timeout(10), running(jobs):
            for _ in range(60):
                await ran.acquire()
        runs = run_log.runs()
    assert {run.error for run in runs["works"]} == {""}
    assert {run.error for run in runs["fails"]} == {"ZeroDivisionError"}
    assert runs["works"] == sorted(runs["works"], key=lambda run: run.began_at, reverse=True)
    assert max(len(each) for each in runs.values()) == run_log.KEPT
    assert run_log.runs() == {}


async def test_who_tries_too_often_is_told_by_the_limit_alone() -> None:
    limit = Limit("knock", count=1, seconds=60)
    await rate_limit.spend(limit, "ada@example.com")
    with hearing("rate_limit.refused") as ear, pytest.raises(RateLimited):
        await rate_limit.spend(limit, "ada@example.com")
    [told] = ear.heard
    assert told.metadata == {"limit": "knock"}
    assert 0 < told.measurements["wait"] <= 60


async def test_a_file_is_told_by_its_size_and_what_was_asked_of_the_storage(tmp_path: Path) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"tea"
        yield b"pot"

    key = storage.new_key("avatars", "webp")
    with hearing("storage.kept", "storage.operation.stop", "storage.operation.exception") as ear:
        async with storage.running(None, tmp_path):
            await storage.current().put(key, chunks())
            await storage.current().get(key)
            assert await storage.current().exists(key)
            await storage.current().delete(key)
            assert [each async for each in storage.current().list("avatars")] == []
            with pytest.raises(NotFound):
                await storage.current().get(key)
    [kept] = ear.of("storage.kept")
    assert (kept.measurements, kept.metadata) == ({"bytes": 6}, {"folder": "avatars"})
    asked = [told.metadata["operation"] for told in ear.heard if told.event == "storage.operation.stop"]
    assert asked == ["put", "get", "exists", "delete"]
    assert [told.metadata["error"] for told in ear.of("storage.operation.exception")] == ["NotFound"]
    assert key not in str(ear.heard)


async def test_presence_tells_how_many_are_here() -> None:
    with hearing("presence.state") as ear:
        presence.figures()
        async with presence.running():
            presence.track("room:1", "ada")
            presence.track("room:1", "mei")
            presence.track("room:2", "ada")
            presence.figures()
    assert [told.measurements for told in ear.heard] == [{"topics": 2, "here": 3}]


@pytest.mark.usefixtures("db")
async def test_a_deed_is_told_after_its_commit_once_for_all_topics_and_never_when_it_is_undone() -> None:
    deed, undone = Resync(), Resync()
    with hearing("pubsub.resync") as ear:
        async with transaction(SYSTEM):
            pubsub.broadcast("one", deed)
            await asyncio.sleep(0)
            pubsub.broadcast("other", deed)
            with pytest.raises(ZeroDivisionError):
                async with repo.savepoint():
                    pubsub.broadcast("one", undone)
                    raise ZeroDivisionError
            assert ear.heard == []
        pubsub.broadcast("one", undone)
        pubsub.broadcast("other", undone)
    assert [told.metadata["event"] for told in ear.heard] == [deed, undone]

"""Exports in the queue: they are made by themselves, can be called off while they are, and outlive their process."""

from __future__ import annotations

import asyncio
import signal
from datetime import timedelta
from pathlib import Path

import pytest

from myapp import blog
from myapp.blog import ExportStatus
from myapp.blog.exports import batches, running
from myapp.kit import jobs, storage
from myapp.kit.clock import now
from myapp.kit.jobs import JobState
from myapp.kit.scope import Scope
from tests import peers
from tests.blog.exports.made import RUN, change, files, names_in
from tests.factories import SYSTEM
from tests.factories.blog import make_post
from tests.queue import Watch, all_jobs

POSTS = 7


@pytest.fixture
async def posts(scope: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "BATCH", 2)
    monkeypatch.setattr(running, "TELL_EVERY", 0)
    for _ in range(POSTS):
        await make_post(scope)


@pytest.mark.usefixtures("posts")
async def test_it_is_made_and_says_how_far_it_is(real_db: str, scope: Scope) -> None:
    heard: list[object] = []
    with Watch() as watch:
        async with jobs.running(real_db, {"exports": 5}):
            card = await blog.start_export(scope)
            (job,) = await all_jobs(RUN)
            subscription = jobs.subscribe_job(job.id, lambda _, event: heard.append(event))
            (job,) = await watch.until_all(JobState.COMPLETED, RUN)
            subscription.cancel()
    assert (job.queue, job.args, job.progress) == ("exports", {"id": str(card.id)}, (POSTS, POSTS))
    assert heard
    assert len(await names_in(scope, card.id)) == POSTS


async def killed(real_db: str, data: Path) -> None:
    """A process that works the queue off and kills itself with the first batch in the file, as a power cut would."""
    environment = {
        "DATABASE_URL": real_db,
        "MYAPP_DATA_DIR": str(data),
        "MYAPP_ENV": "test",
        "JOB_QUEUES": "exports=1",
    }
    process = await peers.start("tests.blog.exports.mortal", environment=environment)
    assert await asyncio.wait_for(process.wait(), 60) == -signal.SIGKILL


@pytest.mark.usefixtures("posts")
async def test_one_whose_process_was_killed_is_made_anew_and_leaves_no_half_of_a_file(
    real_db: str, scope: Scope, folder: Path, tmp_path: Path
) -> None:
    card = await blog.start_export(scope)
    await killed(real_db, tmp_path)
    half = await blog.get_export(scope, card.id)
    assert (half.status, half.total) == (ExportStatus.RUNNING, POSTS)
    assert 0 < half.done < POSTS
    assert len(files(folder)) == 1, "the half of a file"
    assert await blog.queue_lost_exports(SYSTEM) == 0, "it may live: it spoke less than a minute ago"
    await change(card.id, updated_at=now() - timedelta(seconds=61))
    assert await blog.queue_lost_exports(SYSTEM) == 1

    async def is_done() -> bool:
        return (await blog.get_export(scope, card.id)).status == ExportStatus.DONE

    with Watch() as watch:
        async with jobs.running(real_db, {"exports": 5}):
            await watch.until(is_done)
    assert len(await names_in(scope, card.id)) == POSTS
    assert len(files(folder)) == 1, "the whole one"
    assert not await blog.run_queued_export(SYSTEM, card.id), "what the rescue brings back later does nothing"


class Waiting(storage.LocalStorage):
    """A storage that takes the first piece and waits for ever."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.begun = asyncio.Event()

    async def put(self, key: str, chunks: object) -> int:
        async def first():
            async for chunk in chunks:  # pyright: ignore[reportGeneralTypeIssues]
                yield chunk
                self.begun.set()
                await asyncio.Event().wait()

        return await super().put(key, first())


@pytest.mark.usefixtures("posts")
@pytest.mark.parametrize("who", ["the person", "an operator"])
async def test_one_is_called_off_while_it_is_made(real_db: str, scope: Scope, folder: Path, who: str) -> None:
    waiting = Waiting(folder.parent)
    storage.use(waiting)
    with Watch() as watch:
        async with jobs.running(real_db, {"exports": 5}):
            card = await blog.start_export(scope)
            await waiting.begun.wait()
            if who == "the person":
                await blog.cancel_export(scope, card.id)
            else:
                await jobs.cancel_jobs([(await all_jobs(RUN))[0].id])
            await watch.until_all(JobState.CANCELLED, RUN)
    assert (await blog.get_export(scope, card.id)).status == ExportStatus.CANCELLED
    assert files(folder) == []
    await change(card.id, updated_at=now() - timedelta(hours=1))
    assert await blog.queue_lost_exports(SYSTEM) == 0


@pytest.mark.usefixtures("posts")
async def test_one_whose_worker_is_switched_off_waits_until_it_is_on_again(real_db: str, scope: Scope) -> None:
    await jobs.switch_off(RUN, reason="the disk is full")
    with Watch() as watch:
        async with jobs.running(real_db, {"exports": 5}):
            card = await blog.start_export(scope)
            (job,) = await watch.until_all(JobState.SCHEDULED, RUN)
            assert (await blog.get_export(scope, card.id)).status == ExportStatus.QUEUED
            await jobs.switch_on(RUN)
            await jobs.retry_jobs([job.id])
            await watch.until_all(JobState.COMPLETED, RUN)
    assert len(await names_in(scope, card.id)) == POSTS

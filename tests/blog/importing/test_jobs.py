"""Imports in the queue: they run by themselves, say how far they are, and go on when their process was killed."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest

from myapp import blog
from myapp.blog import ImportStatus, Post
from myapp.kit import jobs
from myapp.kit.jobs import JobState
from myapp.kit.scope import Scope
from tests import peers
from tests.blog.importing.test_running import MORTAL, POSTS, SYSTEM, site, uploaded
from tests.blog.importing.whole import rows, run_waiting
from tests.queue import Watch, all_jobs

RUN = "myapp.blog.jobs.RunImport"


async def test_it_runs_and_says_how_far_it_is(real_db: str, scope: Scope, path: Path) -> None:
    heard: list[object] = []
    with Watch() as watch:
        async with jobs.running(real_db, {"imports": 2}):
            card = await uploaded(scope, site())
            (job,) = await all_jobs(RUN)
            subscription = jobs.subscribe_job(job.id, lambda _, event: heard.append(event))
            (job,) = await watch.until_all(JobState.COMPLETED, RUN)
            subscription.cancel()
    assert job.args == {"id": str(card.id)}
    assert job.progress == (POSTS, POSTS)
    assert heard
    assert (await blog.get_import(scope, card.id)).status == ImportStatus.DONE


async def killed(real_db: str, tmp_path: Path) -> None:
    """A process that works the queue off and kills itself after the first batch, as a power cut would."""
    environment = {
        "DATABASE_URL": real_db,
        "MYAPP_DATA_DIR": str(tmp_path),
        "MYAPP_ENV": "test",
        "JOB_QUEUES": "imports=1",
    }
    process = await peers.start(MORTAL, environment=environment)
    assert await asyncio.wait_for(process.wait(), 60) == -signal.SIGKILL


async def test_one_whose_process_was_killed_goes_on_without_waiting_for_the_rescue(
    real_db: str, scope: Scope, path: Path, tmp_path: Path, dead_are_known: None
) -> None:
    card = await uploaded(scope, site())
    await killed(real_db, tmp_path)
    half = await blog.get_import(scope, card.id)
    assert half.status == ImportStatus.RUNNING
    assert 0 < half.done < POSTS
    assert JobState.EXECUTING in [job.state for job in await all_jobs(RUN)]
    assert await blog.queue_lost_imports(SYSTEM) == 1
    assert await blog.queue_lost_imports(SYSTEM) == 0, "it has a job now"

    async def is_done() -> bool:
        return (await blog.get_import(scope, card.id)).status == ImportStatus.DONE

    with Watch() as watch:
        async with jobs.running(real_db, {"imports": 2}):
            await watch.until(is_done)
    assert len(await rows(Post)) == POSTS
    assert await blog.queue_lost_imports(SYSTEM) == 0
    assert not await blog.run_queued_import(SYSTEM, card.id), "what the rescue brings back later does nothing"


async def test_one_that_an_operator_cancels_says_so_and_may_go_on(
    real_db: str, scope: Scope, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("myapp.blog.imports.running.TELL_EVERY", 0)
    begun = asyncio.Event()
    subscription = await blog.subscribe_imports(scope, lambda _, event: begun.set() if event.done else None)  # pyright: ignore[reportAttributeAccessIssue]
    with Watch() as watch:
        async with jobs.running(real_db, {"imports": 2}):
            card = await uploaded(scope, site())
            await begun.wait()
            (job,) = await all_jobs(RUN)
            assert await jobs.cancel_jobs([job.id]) == 1
            await watch.until_all(JobState.CANCELLED, RUN)
    subscription.cancel()
    found = await blog.get_import(scope, card.id)
    assert (found.status, found.can_resume) == (ImportStatus.INTERRUPTED, True)
    assert await blog.queue_lost_imports(SYSTEM) == 0, "it was cancelled, not lost"
    await blog.resume_import(scope, card.id)
    assert await run_waiting() == 1
    assert (await blog.get_import(scope, card.id)).status == ImportStatus.DONE


async def test_one_that_an_operator_cancels_before_it_began_waits_for_a_person(scope: Scope, path: Path) -> None:
    card = await uploaded(scope, site(3))
    (job,) = await all_jobs(RUN)
    assert await jobs.cancel_jobs([job.id]) == 1
    assert await blog.queue_lost_imports(SYSTEM) == 0, "it was cancelled, not lost"
    found = await blog.get_import(scope, card.id)
    assert (found.status, found.can_resume) == (ImportStatus.INTERRUPTED, True)
    assert await jobs.delete_jobs([job.id]) == 1
    assert await blog.queue_lost_imports(SYSTEM) == 0, "nor is it lost once the queue has forgotten the job"
    await blog.resume_import(scope, card.id)
    assert await run_waiting() == 1
    assert (await blog.get_import(scope, card.id)).counts["posts"] == 3


async def test_one_that_was_cancelled_runs_when_an_operator_lets_its_job_run_again(
    real_db: str, scope: Scope, path: Path
) -> None:
    card = await uploaded(scope, site(3))
    (job,) = await all_jobs(RUN)
    await jobs.cancel_jobs([job.id])
    await blog.queue_lost_imports(SYSTEM)
    with Watch() as watch:
        async with jobs.running(real_db, {"imports": 2}):
            assert await jobs.retry_jobs([job.id]) == 1
            await watch.until_all(JobState.COMPLETED, RUN)
    assert (await blog.get_import(scope, card.id)).status == ImportStatus.DONE

"""The product's workers: what has a time of its own runs by it, and does no harm when there is nothing to do."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from myapp import blog
from myapp.blog import PostStatus
from myapp.config import load_settings
from myapp.kit import jobs, storage
from myapp.kit.clock import now
from myapp.kit.jobs import JobState
from myapp.kit.jobs._cron import next_time
from myapp.kit.scope import Scope
from tests.factories.blog import make_post
from tests.queue import all_jobs, drain

jobs.load_workers()
CLOCKED = {path: known for path, known in jobs.workers().items() if known.cron and path.startswith("myapp.")}
PUBLISH = "myapp.blog.jobs.PublishDuePosts"
YEAR = timedelta(days=365)


@pytest.mark.usefixtures("db", "queue")
@pytest.mark.parametrize("path", CLOCKED)
async def test_every_periodic_worker_runs_when_there_is_nothing_to_do(path: str, tmp_path: Path) -> None:
    await jobs.run_by_hand(path)
    async with storage.running(None, tmp_path):
        assert (await drain(CLOCKED[path].queue, raises=True))["completed"] == 1


def test_each_has_the_time_it_should_have() -> None:
    nightly = {path for path, known in CLOCKED.items() if known.cron == "0 2 * * *" and known.catch_up}
    assert {
        "myapp.accounts.jobs.CleanUp",
        "myapp.blog.jobs.CleanUp",
        "myapp.kit.mailer.jobs.PruneMails",
        "myapp.notifications.jobs.CleanUp",
    } <= nightly
    assert CLOCKED[PUBLISH].cron == "* * * * *"
    assert CLOCKED["myapp.blog.jobs.WarmCaches"].cron == "*/15 * * * *"


def test_what_comes_by_the_clock_never_overlaps_itself() -> None:
    together = {PUBLISH: "one for each post as well; it locks the rows it publishes, and passes over locked ones"}
    assert {path for path, known in CLOCKED.items() if not known.alone} == together.keys()


def test_every_worker_has_a_time_that_is_over_before_it_is_taken_for_lost() -> None:
    for path, known in jobs.workers().items():
        assert known.timeout < known.rescue_after, path
        assert known.max_attempts <= 5 or not path.startswith("myapp."), path


def test_what_comes_often_does_not_wait_long_for_a_run_whose_process_was_killed() -> None:
    for path, known in CLOCKED.items():
        assert known.expression is not None
        first = next_time(known.expression, now())
        assert first is not None
        second = next_time(known.expression, first)
        assert second is not None
        assert known.rescue_after <= max(second - first, timedelta(minutes=3)), path


def test_every_worker_has_a_queue_that_somebody_serves() -> None:
    queues = {known.queue for path, known in jobs.workers().items() if path.startswith("myapp.")}
    assert "mailers" in queues
    assert queues <= load_settings().queues.keys()


class TestPublishing:
    """A post that is scheduled has a job for its moment."""

    async def test_at_its_time_it_is_published(self, ada: Scope, queue: None) -> None:
        post = await make_post(ada, status=PostStatus.DRAFT)
        at = now() + YEAR
        await blog.schedule_post(ada, post.id, at)
        (job,) = await all_jobs(PUBLISH)
        assert (job.state, job.scheduled_at, job.args["id"]) == (JobState.SCHEDULED, at, str(post.id))

    async def test_at_another_time_it_has_another_job(self, ada: Scope, queue: None) -> None:
        post = await make_post(ada, status=PostStatus.DRAFT)
        first, second = now() + YEAR, now() + 2 * YEAR
        for at in (first, second, first, second):
            await blog.schedule_post(ada, post.id, at)
        assert [job.scheduled_at for job in await all_jobs(PUBLISH)] == [first, second]

    async def test_a_draft_has_none(self, ada: Scope, queue: None) -> None:
        await make_post(ada, status=PostStatus.DRAFT)
        assert await all_jobs(PUBLISH) == []

    async def test_one_that_comes_too_early_publishes_nothing(self, ada: Scope, queue: None) -> None:
        post = await make_post(ada, status=PostStatus.DRAFT)
        await blog.schedule_post(ada, post.id, now() + YEAR)
        assert (await drain(scheduled=True))["completed"] == 1
        assert (await blog.get_post_by_id(ada, post.id)).status == PostStatus.SCHEDULED

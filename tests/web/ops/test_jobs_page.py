"""The job console as a page: what the address asks for, live, and what its buttons do."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlmodel import col

from myapp.accounts import User
from myapp.kit import jobs
from myapp.kit.errors import AppError, NotFound
from myapp.kit.jobs import JobState, QueueCard, Rate
from myapp.kit.repo import transaction
from myapp.web.ops.jobs import state
from myapp.web.ops.jobs.controls_state import QueueState, WorkerState
from myapp.web.ops.jobs.rows import queue_row
from myapp.web.ops.jobs.state import JobsState
from tests.factories import SYSTEM
from tests.factories.accounts import make_session
from tests.kit.jobs.workers import HERE
from tests.live import Tab
from tests.ops.test_job_console import served
from tests.web.blog.conftest import Site

GREET = f"{HERE}.Greet"


async def visit(site: Site, operator: User, query: str = "") -> Tab:
    return await site.live.open(f"/ops/jobs{query}", cookies={"session": await make_session(operator.id)})


async def make_job(**args: object) -> int:
    return (await jobs.enqueue(GREET, args)).id


async def test_the_address_narrows_the_list(site: Site, operator: User) -> None:
    await make_job(name="tea")
    cake = await make_job(name="cake")
    tab = await visit(site, operator, f"?state=available&queue=default&worker={GREET}&q=cake")
    [row] = tab.get(JobsState.jobs)
    assert (row["id"], row["name"], row["state"], row["attempt"]) == (str(cake), "Greet", "available", "0/20")
    await tab.navigate("/ops/jobs?state=completed")
    assert (tab.get(JobsState.jobs), tab.get(JobsState.is_narrowed)) == ([], True)
    await tab.navigate("/ops/jobs?state=klingon&before=x&of=-1")
    assert len(tab.get(JobsState.jobs)) == 2
    assert tab.get(JobsState.is_gone)


async def test_open_pages_see_what_happens_to_jobs(site: Site, operator: User) -> None:
    job_id = await make_job()
    tab = await visit(site, operator)
    await jobs.cancel_jobs([job_id])
    await tab.until(lambda: tab.get(JobsState.jobs)[0]["state"] == "cancelled")


async def test_a_search_is_repeated_seldom_and_the_job_that_is_shown_is_read_at_once(
    site: Site, operator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "SEARCH_EVERY", 1000.0)
    first, second = [await make_job(name=name) for name in ("tea", "tea time")]
    tab = await visit(site, operator, f"?q=tea&of={first}")
    await jobs.cancel_jobs([first])
    await tab.until(lambda: tab.get(JobsState.jobs)[1]["state"] == "cancelled")
    await jobs.cancel_jobs([second])
    await jobs.retry_jobs([first])
    await tab.until(lambda: tab.get(JobsState.job_state) == "available")
    assert [row["state"] for row in tab.get(JobsState.jobs)] == ["available", "cancelled"], "as it was read first"
    await tab.send(JobsState.cancel)
    assert [row["state"] for row in tab.get(JobsState.jobs)] == ["cancelled", "cancelled"], "what one does is seen"


async def test_a_job_is_shown_in_full_and_cancelled_run_again_and_deleted(site: Site, operator: User) -> None:
    job_id = await make_job(name="tea")
    tab = await visit(site, operator, f"?of={job_id}")
    assert (tab.get(JobsState.job_id), tab.get(JobsState.worker)) == (str(job_id), GREET)
    assert '"name": "tea"' in tab.get(JobsState.args)
    assert (tab.get(JobsState.can_cancel), tab.get(JobsState.can_retry)) == (True, False)
    await tab.send(JobsState.cancel)
    await tab.until(lambda: tab.get(JobsState.can_retry))
    await tab.send(JobsState.retry)
    await tab.until(lambda: tab.get(JobsState.job_state) == "available")
    await tab.send(JobsState.delete)
    await tab.until(lambda: tab.get(JobsState.is_gone))
    with pytest.raises(NotFound):
        await jobs.get_job(job_id)


async def test_a_queue_is_scaled_and_paused(site: Site, operator: User) -> None:
    await served("teapots")
    tab = await visit(site, operator, "?of_queue=teapots")
    assert (tab.get(QueueState.queue), tab.get(QueueState.limit)) == ("teapots", 5)
    await tab.submit(QueueState.scale, {"limit": "7"})
    await tab.send(QueueState.pause)
    for limit in ("0", "", "many", "9" * 30):
        with pytest.raises(AppError):
            await tab.submit(QueueState.scale, {"limit": limit})


async def test_a_queue_is_held_to_a_rate_and_let_go(site: Site, operator: User) -> None:
    await served("teapots")
    tab = await visit(site, operator, "?of_queue=teapots")
    assert (tab.get(QueueState.rate_count), tab.get(QueueState.rate_seconds)) == ("", "60")
    await tab.submit(QueueState.limit_rate, {"jobs": "5", "seconds": "1"})
    assert await jobs.list_rates() == {"teapots": Rate(5, 1)}
    await tab.navigate("/ops/jobs?of_queue=teapots&again=1")
    assert (tab.get(QueueState.rate_count), tab.get(QueueState.rate_seconds)) == ("5", "1")
    for form in ({"jobs": "0", "seconds": "60"}, {"jobs": "many", "seconds": "60"}, {"jobs": "5"}, {"jobs": "9" * 30}):
        with pytest.raises(AppError):
            await tab.submit(QueueState.limit_rate, form)
    assert await jobs.list_rates() == {"teapots": Rate(5, 1)}
    await tab.submit(QueueState.limit_rate, {"jobs": " ", "seconds": "60"})
    assert await jobs.list_rates() == {}


@pytest.mark.parametrize(
    ("rate", "shown"),
    [(None, ""), (Rate(60, 60), "60/min"), (Rate(5, 1), "5/s"), (Rate(100, 3600), "100/h"), (Rate(3, 30), "3/30 s")],
)
def test_the_row_of_a_queue_shows_its_rate(rate: Rate | None, shown: str) -> None:
    assert queue_row(QueueCard("teapots", {}, rate=rate))["rate"] == shown


async def test_a_worker_is_switched_off_and_on(site: Site, operator: User) -> None:
    tab = await visit(site, operator, f"?of_worker={GREET}")
    assert not tab.get(WorkerState.is_off)
    await tab.submit(WorkerState.switch_off, {"reason": "it breaks"})
    await tab.navigate(f"/ops/jobs?of_worker={GREET}")
    assert (tab.get(WorkerState.is_off), tab.get(WorkerState.reason)) == (True, "it breaks")
    await tab.send(WorkerState.switch_on)
    assert await jobs.list_switches() == []


@pytest.mark.parametrize("form", [None, "text", 7, {"reason": "\ud800"}, {"reason": "\x00"}, {"reason": {"a": []}}])
async def test_whatever_a_browser_sends_as_a_form_is_one(site: Site, operator: User, form: object) -> None:
    tab = await visit(site, operator, f"?of_worker={GREET}")
    await tab.send_raw(f"{WorkerState.get_full_name()}.switch_off", {"form": form})
    [switch] = await jobs.list_switches()
    assert switch.worker == GREET
    with pytest.raises(AppError):
        await tab.send_raw(f"{QueueState.get_full_name()}.scale", {"form": form})
    with pytest.raises(AppError):
        await tab.send_raw(f"{QueueState.get_full_name()}.limit_rate", {"form": form})


async def test_who_is_an_operator_no_longer_does_nothing_there(site: Site, operator: User) -> None:
    await served("teapots")
    job_id = await make_job()
    tab = await visit(site, operator, f"?of={job_id}&of_queue=teapots&of_worker={GREET}")
    async with transaction(SYSTEM) as session:
        await session.exec(sa.update(User).where(col(User.id) == operator.id).values(is_operator=False))
    calls = [JobsState.retry, JobsState.cancel, JobsState.delete, QueueState.pause, QueueState.resume, QueueState.stop]
    for handler in (*calls, WorkerState.switch_on, WorkerState.run):
        with pytest.raises(AppError):
            await tab.send(handler)
    for form in (QueueState.scale, QueueState.limit_rate, WorkerState.switch_off):
        with pytest.raises(AppError):
            await tab.submit(form, {"limit": "3", "jobs": "3", "seconds": "1", "reason": "mine"})
    assert await jobs.list_rates() == {}
    assert (await jobs.get_job(job_id)).state is JobState.AVAILABLE

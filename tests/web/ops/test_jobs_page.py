"""The job console as a page: what the address asks for, live, and what its buttons do."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlmodel import col

from myapp.accounts import User
from myapp.kit import jobs
from myapp.kit.errors import AppError, NotFound
from myapp.kit.jobs import JobState
from myapp.kit.repo import transaction
from myapp.web.ops.jobs.controls_state import QueueState, WorkerState
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
    for form in (QueueState.scale, WorkerState.switch_off):
        with pytest.raises(AppError):
            await tab.submit(form, {"limit": "3", "reason": "mine"})
    assert (await jobs.get_job(job_id)).state is JobState.AVAILABLE

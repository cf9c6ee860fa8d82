"""Exports that are overtaken, lose their process, go wrong, or have nobody any more who wants them."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import AsyncGenerator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import col

from myapp import blog
from myapp.accounts import Membership, Organization
from myapp.blog import ExportStatus
from myapp.blog.exports import archive, running
from myapp.blog.exports.archive import Piece
from myapp.kit import jobs, lifetime, storage
from myapp.kit.async_stream import WorkTimedOut
from myapp.kit.clock import now
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope
from myapp.kit.storage import LocalStorage
from tests.blog.exports.made import RUN, change, files, names_in, run_waiting, silent_for
from tests.factories import SYSTEM
from tests.factories.blog import make_post
from tests.queue import all_jobs


def stopping_at_the_second_piece(monkeypatch: pytest.MonkeyPatch) -> tuple[asyncio.Event, asyncio.Event]:
    """Events: the run has got to its second piece; it may go on."""
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def pieces(scope: Scope) -> AsyncGenerator[Piece]:
        yield Piece(b"the beginning", 1)
        reached.set()
        await go_on.wait()
        yield Piece(b"and the end", 1)

    monkeypatch.setattr(running, "pieces_of", pieces)
    return reached, go_on


async def test_a_run_that_was_overtaken_keeps_nothing(
    scope: Scope, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when a process was thought to be dead and was not."""
    await make_post(scope)
    card = await blog.start_export(scope)
    with monkeypatch.context() as slow:
        reached, go_on = stopping_at_the_second_piece(slow)
        late = asyncio.create_task(blog.run_queued_export(SYSTEM, card.id))
        await reached.wait()
    assert await blog.run_queued_export(SYSTEM, card.id)
    go_on.set()
    await late
    assert len(await names_in(scope, card.id)) == 1
    assert len(files(folder)) == 1
    assert len(await blog.list_exports(scope)) == 1


async def test_a_run_that_was_called_off_elsewhere_keeps_nothing(
    scope: Scope, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where the queue's word did not reach its process."""
    card = await blog.start_export(scope)
    reached, go_on = stopping_at_the_second_piece(monkeypatch)
    late = asyncio.create_task(blog.run_queued_export(SYSTEM, card.id))
    await reached.wait()
    await blog.cancel_export(scope, card.id)
    go_on.set()
    await late
    assert (await blog.get_export(scope, card.id)).status == ExportStatus.CANCELLED
    assert files(folder) == []


async def test_a_run_says_that_it_lives_where_nothing_moves(
    scope: Scope, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "BEAT", 0.01)
    card = await blog.start_export(scope)
    reached, go_on = stopping_at_the_second_piece(monkeypatch)
    going = asyncio.create_task(blog.run_queued_export(SYSTEM, card.id))
    await reached.wait()
    await change(card.id, updated_at=now() - timedelta(hours=1))
    async with asyncio.timeout(20):
        while await silent_for(card.id) > timedelta(minutes=1):
            pass
    assert await blog.queue_lost_exports(SYSTEM) == 0
    go_on.set()
    await going
    assert (await blog.get_export(scope, card.id)).status == ExportStatus.DONE


async def test_one_that_is_silent_has_a_job_again_and_no_second_one(scope: Scope, folder: Path) -> None:
    card = await blog.start_export(scope)
    (job,) = await all_jobs(RUN)
    assert await blog.queue_lost_exports(SYSTEM) == 0
    await change(card.id, updated_at=now() - timedelta(minutes=2))
    assert await blog.queue_lost_exports(SYSTEM) == 0, "its job waits"
    await jobs.delete_jobs([job.id])
    assert await blog.queue_lost_exports(SYSTEM) == 1
    assert await blog.queue_lost_exports(SYSTEM) == 0
    assert await run_waiting() == 1


async def test_one_whose_job_an_operator_cancelled_is_not_lost(scope: Scope, folder: Path) -> None:
    card = await blog.start_export(scope)
    (job,) = await all_jobs(RUN)
    await jobs.cancel_jobs([job.id])
    await change(card.id, updated_at=now() - timedelta(minutes=2))
    assert await blog.queue_lost_exports(SYSTEM) == 0
    assert (await blog.get_export(scope, card.id)).status == ExportStatus.CANCELLED


async def test_one_that_takes_its_process_along_is_given_up(scope: Scope, folder: Path) -> None:
    card = await blog.start_export(scope)
    await change(card.id, status=ExportStatus.RUNNING, attempts=3, key=storage.new_key("exports", "zip"))
    assert not await blog.run_queued_export(SYSTEM, card.id)
    found = await blog.get_export(scope, card.id)
    assert (found.status, found.failure) == (
        ExportStatus.FAILED,
        "It was begun several times and never came to its end.",
    )


class Broken(LocalStorage):
    """A storage with something wrong."""

    def __init__(self, folder: Path, error: Exception) -> None:
        super().__init__(folder)
        self.error = error

    async def put(self, key: str, chunks: Any) -> int:
        async for _ in chunks:
            raise self.error
        return 0


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "There is no room to keep the file. Try again later."),
        (WorkTimedOut(30, []), "Reading the posts took too long. Try again when less is going on."),
        (RuntimeError("a fault"), "Something went wrong on our side. Try again."),
    ],
)
async def test_what_went_wrong_is_said_in_words(scope: Scope, folder: Path, error: Exception, words: str) -> None:
    storage.use(Broken(folder.parent, error))
    card = await blog.start_export(scope)
    with suppress(type(error)):
        await blog.run_queued_export(SYSTEM, card.id)
    card = await blog.get_export(scope, card.id)
    assert (card.status, card.failure) == (ExportStatus.FAILED, words)
    assert files(folder) == []


async def test_what_goes_wrong_is_tried_again_first(scope: Scope, folder: Path) -> None:
    card = await blog.start_export(scope)
    storage.use(Broken(folder.parent, RuntimeError("a fault")))
    with pytest.raises(RuntimeError):
        await blog.run_queued_export(SYSTEM, card.id, is_last=False)
    assert (await blog.get_export(scope, card.id)).status == ExportStatus.QUEUED
    storage.use(Broken(folder.parent, OSError(errno.ENOSPC, "No space left on device")))
    await blog.run_queued_export(SYSTEM, card.id, is_last=False)
    assert (await blog.get_export(scope, card.id)).status == ExportStatus.FAILED, "room does not come by itself"


async def test_what_went_wrong_once_may_go_well_the_next_time(scope: Scope, folder: Path) -> None:
    card = await blog.start_export(scope)
    storage.use(Broken(folder.parent, RuntimeError("a fault")))
    with pytest.raises(RuntimeError):
        await blog.run_queued_export(SYSTEM, card.id, is_last=False)
    storage.use(LocalStorage(folder.parent))
    assert await blog.run_queued_export(SYSTEM, card.id)
    assert (await blog.get_export(scope, card.id)).status == ExportStatus.DONE


async def test_a_batch_has_its_time(scope: Scope, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(_scope: Scope, _ids: object) -> Any:
        await asyncio.Event().wait()

    await make_post(scope)
    monkeypatch.setattr(archive, "read_batch", never)
    monkeypatch.setattr(archive, "PATIENCE", 0.01)
    card = await blog.start_export(scope)
    with pytest.raises(WorkTimedOut):
        await blog.run_queued_export(SYSTEM, card.id)
    failure = (await blog.get_export(scope, card.id)).failure
    assert failure == "Reading the posts took too long. Try again when less is going on."


@pytest.mark.parametrize(("is_last", "status"), [(False, ExportStatus.QUEUED), (True, ExportStatus.FAILED)])
async def test_one_whose_time_is_over_waits_or_has_failed(
    scope: Scope, folder: Path, monkeypatch: pytest.MonkeyPatch, *, is_last: bool, status: ExportStatus
) -> None:
    card = await blog.start_export(scope)
    reached, _ = stopping_at_the_second_piece(monkeypatch)
    going = asyncio.create_task(blog.run_queued_export(SYSTEM, card.id, is_last=is_last))
    await reached.wait()
    going.cancel()  # as the queue does
    with pytest.raises(asyncio.CancelledError):
        await going
    assert (await blog.get_export(scope, card.id)).status == status
    assert files(folder) == []


async def test_a_process_that_stops_leaves_it_to_another_as_not_tried(
    scope: Scope, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = await blog.start_export(scope)
    for _ in range(4):  # more often than it may be tried
        with monkeypatch.context() as slow, lifetime.begun():
            reached, go_on = stopping_at_the_second_piece(slow)
            going = asyncio.create_task(blog.run_queued_export(SYSTEM, card.id))
            await reached.wait()
            lifetime.begin_stopping()
            go_on.set()
            with pytest.raises(lifetime.Stopping):
                await going
        assert (await blog.get_export(scope, card.id)).status == ExportStatus.QUEUED
        assert files(folder) == []
    assert await blog.run_queued_export(SYSTEM, card.id)


async def test_an_admin_who_left_does_not_stop_it(scope: Scope, folder: Path) -> None:
    """The rights were asked for when it was started."""
    card = await blog.start_export(scope)
    async with transaction(SYSTEM) as session:
        await session.exec(sa.delete(Membership).where(col(Membership.user_id) == scope.user_id))
    assert await run_waiting() == 1
    system = Scope.system("a test", scope.org_id)
    assert (await blog.get_export(system, card.id)).status == ExportStatus.DONE


async def test_an_organisation_that_is_gone_takes_it_along(
    scope: Scope, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = await blog.start_export(scope)
    reached, go_on = stopping_at_the_second_piece(monkeypatch)
    going = asyncio.create_task(blog.run_queued_export(SYSTEM, card.id))
    await reached.wait()
    async with transaction(SYSTEM) as session:
        await session.exec(sa.delete(Organization).where(col(Organization.id) == scope.org_id))
    go_on.set()
    await going
    assert files(folder) == []

"""Imports that wait, that are watched, that die with their process and go on."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest
from sqlmodel import select

from myapp import blog
from myapp.accounts import Membership
from myapp.blog import Comment, ImportKind, ImportStatus, Post
from myapp.blog.importing import wordpress
from myapp.blog.importing.report import Refused
from myapp.blog.imports.alone import sole_runner
from myapp.kit.clock import new_id
from myapp.kit.errors import Conflict, Forbidden, NotFound
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope
from tests import peers
from tests.blog.importing.whole import commanding, rows, run_waiting, versions
from tests.factories.wordpress import comment, export, item
from tests.overlaps import while_open

_survey = wordpress.survey
SYSTEM = Scope.system("a test's clock")
POSTS = 250  # in batches of 100
MORTAL = "tests.blog.importing.mortal"


def site(count: int = POSTS) -> str:
    return export(
        *(item(key, comments=[comment(2 * key), comment(2 * key + 1, parent=2 * key)]) for key in range(1, count + 1))
    )


async def chunks(text: str) -> AsyncIterator[bytes]:
    data = text.encode()
    for start in range(0, len(data), 10_000):
        yield data[start : start + 10_000]


async def uploaded(scope: Scope, text: str) -> blog.ImportCard:
    upload = await blog.save_upload(scope, "my site.xml", chunks(text))
    return await blog.start_import(scope, upload.path, kind=upload.kind, filename="my site.xml")


def files(path: Path) -> list[str]:
    return sorted(found.name for found in path.parent.iterdir())


async def test_an_upload_waits_is_run_and_is_deleted(scope: Scope, path: Path) -> None:
    card = await uploaded(scope, site(3))
    assert (card.status, card.filename, card.kind) == (ImportStatus.QUEUED, "my site.xml", ImportKind.WORDPRESS)
    assert len(files(path)) == 1
    assert await run_waiting() == 1
    card = await blog.get_import(scope, card.id)
    assert (card.status, card.counts["posts"]) == (ImportStatus.DONE, 3)
    assert files(path) == []
    assert await run_waiting() == 0


async def test_posts_without_an_author_are_whose_import_it_is(scope: Scope, path: Path) -> None:
    await uploaded(scope, export(item(1, creator="")))
    await run_waiting()
    assert [post.author_id for post in await rows(Post)] == [scope.user_id]


async def test_a_hostile_upload_is_deleted_too(scope: Scope, path: Path) -> None:
    await uploaded(scope, '<?xml version="1.0"?><!DOCTYPE rss><rss></rss>')
    await run_waiting()
    (card,) = await blog.list_imports(scope)
    assert (card.status, card.can_resume) == (ImportStatus.FAILED, False)
    assert files(path) == []


async def test_what_is_no_source_is_not_kept(scope: Scope, path: Path) -> None:
    with pytest.raises(blog.UnknownSource):
        await blog.save_upload(scope, "picture.png", chunks("\x89PNG not at all"))
    assert files(path) == []


async def test_an_upload_has_a_bound(scope: Scope, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("myapp.blog.imports.uploads.MAX_UPLOAD", 15_000)
    with pytest.raises(blog.UploadTooLarge):
        await blog.save_upload(scope, "site.xml", chunks("x" * 30_000))
    assert files(path) == []


@pytest.mark.parametrize("name", ["../../../etc/passwd.xml", "/etc/passwd", "a\0b.xml", "", "x" * 500 + ".xml"])
async def test_the_name_of_an_upload_is_only_a_name(scope: Scope, path: Path, name: str) -> None:
    upload = await blog.save_upload(scope, name, chunks(site(1)))
    assert upload.path.parent == path.parent
    assert len(upload.path.name) < 50
    assert len((await blog.start_import(scope, upload.path, filename=name)).filename) <= 200
    upload.path.unlink()


async def test_people_import_only_what_their_organisation_uploaded(scope: Scope, path: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "secret.xml"
    elsewhere.write_text(site(1))
    (path.parent / "link.xml").symlink_to(elsewhere)
    for named in (elsewhere, path.parent / ".." / ".." / "secret.xml", path.parent / "link.xml"):
        with pytest.raises(Forbidden):
            await blog.start_import(scope, named)
    with pytest.raises(NotFound):
        await blog.start_import(scope, path.parent / "none.xml")


async def test_two_processes_never_run_the_same_import(scope: Scope, path: Path) -> None:
    card = await uploaded(scope, site(3))
    async with sole_runner(card.id) as is_mine:
        assert is_mine
        assert await run_waiting() == 0
        with pytest.raises(Conflict):
            await blog.run_import(scope, card.id)
    assert (await blog.run_import(scope, card.id)).status == ImportStatus.DONE


async def test_two_imports_of_one_site_at_once_bring_everything_once(scope: Scope, path: Path) -> None:
    cards = [await uploaded(scope, site()) for _ in range(2)]
    done = await asyncio.gather(*(blog.run_import(scope, card.id) for card in cards))
    assert {card.status for card in done} == {ImportStatus.DONE}
    assert sum(card.counts.get("posts", 0) for card in done) == len(await rows(Post)) == POSTS
    assert len(await rows(Comment)) == 2 * POSTS


async def kill_in_the_middle(real_db: str, scope: Scope, import_id: UUID, tmp_path: Path) -> None:
    """Run it in a process that kills itself after the first batch, as a power cut would."""
    environment = {"DATABASE_URL": real_db, "MYAPP_DATA_DIR": str(tmp_path), "MYAPP_ENV": "test"}
    process = await peers.start(MORTAL, str(scope.org_id), str(import_id), environment=environment)
    assert await process.wait() == -signal.SIGKILL


async def test_an_import_whose_process_was_killed_goes_on_where_it_was(
    real_db: str, scope: Scope, path: Path, tmp_path: Path, dead_are_known: None
) -> None:
    card = await uploaded(scope, site())
    await kill_in_the_middle(real_db, scope, card.id, tmp_path)
    half = await blog.get_import(scope, card.id)
    assert half.status == ImportStatus.RUNNING
    assert 0 < half.done < POSTS
    assert len(await rows(Post)) == half.done
    before = await versions()

    assert await run_waiting() == 1

    whole = await blog.get_import(scope, card.id)
    assert (whole.status, whole.done, whole.total) == (ImportStatus.DONE, POSTS, POSTS)
    assert whole.counts == {"posts": POSTS, "comments": 2 * POSTS, "authors": 1}
    after = await versions()
    assert set(before["posts"]) < set(after["posts"])
    assert set(before["comments"]) < set(after["comments"])
    assert (len(after["posts"]), len(after["comments"])) == (POSTS, 2 * POSTS)


async def died(import_id: UUID, *, attempts: int) -> None:
    """Leave the row as a process leaves it that dies at once."""
    async with transaction(SYSTEM) as session:
        row = await session.get_one(blog.Import, import_id)
        row.status, row.summary = ImportStatus.RUNNING, {**row.summary, "attempts": attempts}
        session.add(row)


async def test_of_two_who_let_it_go_on_at_once_one_is_told_that_it_does(real_db: str, scope: Scope, path: Path) -> None:
    """The second would have written over how far the first's had come."""
    card = await uploaded(scope, site(2))
    await died(card.id, attempts=2)
    assert await run_waiting() == 0
    resume = blog.resume_import(scope, card.id)
    came = await while_open(real_db, resume, blog.resume_import(scope, card.id))
    assert isinstance(came, Conflict)
    assert await run_waiting() == 1


async def test_an_import_that_died_twice_waits_for_a_person(scope: Scope, path: Path) -> None:
    card = await uploaded(scope, site(2))
    await died(card.id, attempts=2)
    assert await run_waiting() == 0
    found = await blog.get_import(scope, card.id)
    assert (found.status, found.can_resume) == (ImportStatus.INTERRUPTED, True)

    assert (await blog.resume_import(scope, card.id)).status == ImportStatus.QUEUED
    assert await run_waiting() == 1
    assert (await blog.get_import(scope, card.id)).counts["posts"] == 2


async def test_a_command_that_was_killed_is_not_run_by_somebody_else(scope: Scope, tmp_path: Path) -> None:
    source = tmp_path / "site.xml"
    source.write_text(site(2))
    card = await blog.start_import(commanding(scope), source)
    await died(card.id, attempts=1)
    assert await run_waiting() == 0
    assert (await blog.get_import(scope, card.id)).status == ImportStatus.INTERRUPTED
    assert source.exists()


async def test_an_import_that_is_stopped_says_so_and_goes_on_later(
    scope: Scope, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("myapp.blog.imports.running.TELL_EVERY", 0)
    card = await uploaded(scope, site())
    assert scope.org_id is not None
    begun = asyncio.Event()
    subscription = await blog.subscribe_imports(scope, lambda _, event: begun.set() if event.done else None)  # pyright: ignore[reportAttributeAccessIssue]
    running = asyncio.create_task(run_waiting())
    await begun.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    subscription.cancel()
    assert (await blog.get_import(scope, card.id)).status == ImportStatus.INTERRUPTED
    assert await run_waiting() == 1
    assert (await blog.get_import(scope, card.id)).counts["posts"] == POSTS


async def test_an_import_that_is_stopped_while_it_looks_into_its_source_does_not_go_on_reading(
    scope: Scope, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, ended = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def survey(found: Path, stop: threading.Event) -> object:
        loop.call_soon_threadsafe(begun.set)
        assert stop.wait(10)
        try:
            return _survey(found, stop)
        except Refused:
            ended.set()
            raise

    monkeypatch.setattr(wordpress, "survey", survey)
    card = await uploaded(scope, site(3))
    running = asyncio.create_task(run_waiting())
    await begun.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await asyncio.to_thread(ended.wait, 10)
    assert (await blog.get_import(scope, card.id)).status == ImportStatus.INTERRUPTED


async def test_a_source_that_is_gone_is_said_to_be(scope: Scope, path: Path) -> None:
    card = await uploaded(scope, site(1))
    (path.parent / files(path)[0]).unlink()
    await run_waiting()
    found = await blog.get_import(scope, card.id)
    assert (found.status, found.failure) == (ImportStatus.FAILED, "The file is not there any more.")


async def test_a_fault_of_ours_ends_the_import_and_it_can_go_on(
    scope: Scope, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = await uploaded(scope, site(2))
    with monkeypatch.context() as broken:
        broken.setattr("myapp.blog.importing.sources.prepare", None)
        await run_waiting()
    found = await blog.get_import(scope, card.id)
    assert (found.status, found.can_resume) == (ImportStatus.FAILED, True)
    assert found.failure == "Something went wrong on our side. What came in so far stays."
    await blog.resume_import(scope, card.id)
    await run_waiting()
    assert (await blog.get_import(scope, card.id)).counts["posts"] == 2


async def test_only_the_system_runs_what_waits(scope: Scope) -> None:
    for refused in (blog.queue_lost_imports(scope), blog.run_queued_import(scope, new_id())):
        with pytest.raises(Forbidden):
            await refused


async def test_an_admin_who_left_does_not_stop_the_import(scope: Scope, path: Path) -> None:
    """The rights were asked for when it was started."""
    await uploaded(scope, export(item(1, creator="")))
    async with transaction(SYSTEM) as session:
        membership = (await session.exec(select(Membership).where(Membership.user_id == scope.user_id))).one()
        await session.delete(membership)
    assert await run_waiting() == 1
    assert len(await rows(Post)) == 1

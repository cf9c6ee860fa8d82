"""Taking posts out: the part of the page, the file, and the word that it is ready."""

from __future__ import annotations

import io
import zipfile
from collections.abc import AsyncGenerator, Generator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from myapp import blog, notifications
from myapp import myapp as product
from myapp.kit import storage
from myapp.kit.clock import new_id, now
from myapp.kit.errors import Conflict, Forbidden, NotFound
from myapp.kit.scope import Role, Scope
from myapp.kit.storage import LocalStorage
from myapp.notifications import Kind
from myapp.web.blog.exports.state import ExportsState
from myapp.web.shell import ShellState
from tests.blog.exports.made import change, made, run_waiting
from tests.factories.accounts import make_member, make_organization
from tests.factories.blog import make_post
from tests.factories.notifications import sentences, told
from tests.live import Tab
from tests.queue import sandbox_queue
from tests.web.blog.conftest import Site
from tests.web.our_page import FORM_COOKIES, FROM_OUR_PAGE, ORIGIN


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path) -> Generator[None]:
    storage.use(LocalStorage(tmp_path))
    yield
    storage.use(None)


@pytest.fixture(autouse=True)
async def _queue(site: Site, db: AsyncConnection) -> AsyncGenerator[None]:
    async with sandbox_queue(db):
        yield


@pytest.fixture
async def browser() -> AsyncGenerator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=product.api)
    ours = httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=FROM_OUR_PAGE, cookies=FORM_COOKIES)
    async with ours as client:
        yield client


def first(tab: Tab) -> dict[str, Any]:
    return tab.get(ExportsState.exports)[0]


async def test_an_export_is_asked_for_watched_and_offered(site: Site):
    await make_post(site.member, title="On tea")
    tab = await site.open("/import", site.owner)
    other = await site.open("/import", site.owner)
    assert tab.get(ExportsState.exports) == []

    await tab.send(ExportsState.start())

    assert (first(tab)["status"], first(tab)["url"], tab.get(ExportsState.is_being_made)) == ("queued", "", True)
    await other.until(lambda: other.get(ExportsState.exports))
    await tab.send(ExportsState.start())
    assert len(tab.get(ExportsState.exports)) == 1

    await run_waiting()

    for each in (tab, other):
        await each.until(lambda: first(each)["status"] == "done")  # noqa: B023
        assert (first(each)["done"], first(each)["total"], each.get(ExportsState.is_being_made)) == (1, 1, False)
        assert first(each)["url"] == f"/downloads/{site.slug}/exports/{first(each)['id']}.zip"


async def test_an_export_is_called_off(site: Site):
    tab = await site.open("/import", site.owner)
    await tab.send(ExportsState.start())

    await tab.send(ExportsState.cancel(first(tab)["id"]))

    assert (first(tab)["status"], tab.get(ExportsState.is_being_made)) == ("cancelled", False)
    with pytest.raises(Conflict):
        await tab.send(ExportsState.cancel(first(tab)["id"]))


async def test_a_failure_is_said_in_words(site: Site):
    card = await blog.start_export(site.owner)
    await change(card.id, status=blog.ExportStatus.FAILED, failure=blog.ExportFailure.NO_ROOM)
    tab = await site.open("/import", site.owner)
    assert first(tab)["failure"] == "There is no room to keep the file. Try again later."


async def test_a_forged_id_is_nothing(site: Site):
    elsewhere = await make_member(await make_organization(), Role.OWNER)
    theirs = await blog.start_export(elsewhere)
    tab = await site.open("/import", site.owner)
    for forged in ("nonsense", str(new_id()), str(theirs.id)):
        with pytest.raises(NotFound):
            await tab.send(ExportsState.cancel(forged))


async def test_who_may_not_export_neither_sees_nor_starts_any(site: Site):
    await blog.start_export(site.owner)
    tab = await site.open("/posts", site.member)
    with pytest.raises(Forbidden):
        await tab.navigate(f"/o/{site.slug}/import")
    await tab.until(lambda: tab.get(ShellState.problem) == "forbidden")
    assert tab.get(ExportsState.exports) == []
    with pytest.raises(Forbidden):
        await tab.send(ExportsState.start())


async def test_the_number_of_queries_does_not_grow_with_the_exports(site: Site):
    async def opened() -> int:
        with site.queries() as queries:
            tab = await site.open("/import", site.owner)
        await tab.close()
        return len(queries)

    none = await opened()
    for _ in range(4):
        await blog.cancel_export(site.owner, (await blog.start_export(site.owner)).id)
    assert await opened() == none <= 12


async def fetch(browser: httpx.AsyncClient, site: Site, who: Scope | None, path: str, **headers: str) -> httpx.Response:
    browser.cookies.clear()
    browser.cookies.update(await site.cookies_of(who) or {})
    return await browser.get(path, headers=headers)


async def test_the_file_is_fetched(browser: httpx.AsyncClient, site: Site):
    await make_post(site.member, title="On tea", body="Pour it **slowly**.")
    card = await made(site.owner)
    path = f"/downloads/{site.slug}/exports/{card.id}.zip"

    answer = await fetch(browser, site, site.owner, path)

    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["cache-control"] == "no-store"
    name = f"{site.slug}-posts-{card.inserted_at:%Y-%m-%d}.zip"
    assert answer.headers["content-disposition"] == f"attachment; filename*=UTF-8''{name}"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        [entry] = archive.namelist()
        assert "Pour it **slowly**." in archive.read(entry).decode()
    part = await fetch(browser, site, site.owner, path, range="bytes=2-5")
    assert (part.status_code, part.content) == (206, answer.content[2:6])


async def test_only_who_may_have_it_is_given_the_file(browser: httpx.AsyncClient, site: Site):
    card = await made(site.owner)
    path = f"/downloads/{site.slug}/exports/{card.id}.zip"
    elsewhere = await make_organization()
    admin = await make_member(elsewhere, Role.OWNER)
    statuses = {
        "nobody": (await fetch(browser, site, None, path)).status_code,
        "a member": (await fetch(browser, site, site.member, path)).status_code,
        "from elsewhere": (await fetch(browser, site, admin, path)).status_code,
        "by another way": (
            await fetch(browser, site, admin, f"/downloads/{elsewhere.slug}/exports/{card.id}.zip")
        ).status_code,
        "no id": (await fetch(browser, site, site.owner, f"/downloads/{site.slug}/exports/x.zip")).status_code,
    }
    assert statuses == {"nobody": 401, "a member": 403, "from elsewhere": 404, "by another way": 404, "no id": 404}
    assert (await fetch(browser, site, site.owner, path)).status_code == 200
    await change(card.id, expires_at=now() - timedelta(seconds=1))
    assert (await fetch(browser, site, site.owner, path)).status_code == 404


async def test_who_asked_for_it_is_told_that_it_is_ready(site: Site):
    notifications.install()
    card = await made(site.owner)

    [news] = await told(site.owner)

    assert (news.sentence, news.kind) == (f"Your export of {site.organization.name} is ready", Kind.EXPORT_DONE)
    assert news.path == f"/o/{site.slug}/import"
    assert await told(site.member) == []
    again = await made(site.owner)
    assert card.id != again.id
    assert [each.place_id for each in await told(site.owner)] == [again.id], "the file before is gone, and its news"


async def test_who_asked_for_it_is_told_that_it_failed(site: Site, monkeypatch: pytest.MonkeyPatch):
    notifications.install()
    monkeypatch.setattr("myapp.blog.exports.running.pieces_of", None)
    with pytest.raises(TypeError):
        await made(site.owner)
    assert await sentences(site.owner) == [f"Your export of {site.organization.name} has failed"]

"""Bringing posts in and taking them out: the page, and the two endpoints it leads to."""

from __future__ import annotations

import io
import zipfile
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import httpx
import pytest

from myapp import blog
from myapp import myapp as product
from myapp.blog import Import, ImportCard, ImportProgressed
from myapp.kit.errors import Conflict, Forbidden, NotFound
from myapp.kit.pubsub import broadcast
from myapp.kit.repo import transaction
from myapp.web.blog.imports.state import ImportsState
from myapp.web.shell import ShellState
from tests.factories import SYSTEM
from tests.factories.blog import make_post
from tests.live import Tab
from tests.web.blog.conftest import Site
from tests.web.our_page import FORM_COOKIES, FROM_OUR_PAGE, ORIGIN

MARKDOWN = "---\ntitle: Brought along\n---\nA text that came from elsewhere.\n"


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MYAPP_DATA_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture
async def browser() -> AsyncGenerator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=product.api)
    ours = httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=FROM_OUR_PAGE, cookies=FORM_COOKIES)
    async with ours as client:
        yield client


def a_zip() -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("a-post.md", MARKDOWN)
    return written.getvalue()


async def in_pieces(content: bytes) -> AsyncGenerator[bytes]:
    yield content[:10]
    yield content[10:]


async def started(site: Site, **columns: object) -> ImportCard:
    """An import as far as `columns` say; everybody is told."""
    upload = await blog.save_upload(site.owner, "site.zip", in_pieces(a_zip()))
    card = await blog.start_import(site.owner, upload.path, filename="site.zip")
    await further(card, **columns)
    return card


async def further(card: ImportCard, **columns: Any) -> None:
    async with transaction(SYSTEM) as session:
        row = await session.get_one(Import, card.id)
        for name, value in columns.items():
            setattr(row, name, value)
        broadcast(blog.topic_imports(row.org_id), ImportProgressed(row.org_id, row.id, row.status, row.done, row.total))


def first(tab: Tab) -> dict[str, Any]:
    return tab.get(ImportsState.imports)[0]


async def test_an_import_is_seen_while_it_runs(site: Site):
    tab = await site.open("/import", site.owner)
    assert tab.get(ImportsState.imports) == []

    card = await started(site)
    await tab.until(lambda: tab.get(ImportsState.imports))
    assert (first(tab)["filename"], first(tab)["status"]) == ("site.zip", "queued")

    await further(card, status=blog.ImportStatus.RUNNING, done=3, total=10)
    await tab.until(lambda: first(tab)["status"] == "running")
    assert (first(tab)["done"], first(tab)["total"], first(tab)["percent"]) == (3, 10, 30)


async def test_what_came_in_and_what_did_not_is_said_when_it_is_over(site: Site):
    tab = await site.open("/import", site.owner)
    summary = {
        "counts": {"posts": 8, "comments": 2, "skipped": 1, "warned": 1},
        "reasons": {"trash": 1, "title_cut": 1},
        "skipped": [{"item": "Old news", "why": "trash", "detail": ""}],
        "warnings": [{"item": "Long", "why": "title_cut", "detail": ""}],
    }

    await started(site, status=blog.ImportStatus.DONE, done=10, total=10, summary=summary)

    await tab.until(lambda: tab.get(ImportsState.imports) and first(tab)["status"] == "done")
    assert first(tab)["counts"] == [{"name": "posts", "count": 8}, {"name": "comments", "count": 2}]
    assert {reason["count"] for reason in first(tab)["reasons"]} == {1}
    assert [line["item"] for line in first(tab)["skipped"]] == ["Old news"]
    assert first(tab)["warnings"][0]["why"] == "Its title was cut to 255 characters."
    assert (first(tab)["skipped_count"], first(tab)["warning_count"]) == (1, 1)


async def test_an_interrupted_import_is_gone_on_with(site: Site):
    card = await started(site, status=blog.ImportStatus.INTERRUPTED, done=3, total=10)
    tab = await site.open("/import", site.owner)
    assert first(tab)["can_resume"]

    await tab.send(ImportsState.resume(str(card.id)))

    assert (first(tab)["status"], first(tab)["can_resume"]) == ("queued", False)
    with pytest.raises(Conflict):
        await tab.send(ImportsState.resume(str(card.id)))


@pytest.mark.parametrize("forged", ["nonsense", "00000000-0000-0000-0000-000000000000"])
async def test_a_forged_id_is_nothing(site: Site, forged: str):
    tab = await site.open("/import", site.owner)
    with pytest.raises(NotFound):
        await tab.send(ImportsState.resume(forged))


async def test_only_who_may_import_sees_imports(site: Site):
    await started(site)
    tab = await site.open("/posts", site.member)

    with pytest.raises(Forbidden):
        await tab.navigate(f"/o/{site.slug}/import")

    await tab.until(lambda: tab.get(ShellState.problem) == "forbidden")
    assert tab.get(ImportsState.imports) == []


async def test_the_number_of_queries_does_not_grow_with_the_history(site: Site):
    async def opened(count: int) -> int:
        for _ in range(count):
            await started(site)
        with site.queries() as queries:
            tab = await site.open("/import", site.owner)
        await tab.close()
        return len(queries)

    assert await opened(1) == await opened(6) <= 10


async def send(browser: httpx.AsyncClient, site: Site, who: str, content: bytes, **headers: str) -> httpx.Response:
    scope = getattr(site, who, None)
    browser.cookies.update(await site.cookies_of(scope) or {})
    path = f"/uploads/imports/{site.slug}?filename=site.zip"
    return await browser.post(path, content=content, headers=headers)


async def test_an_uploaded_file_waits_to_be_imported(browser: httpx.AsyncClient, site: Site):
    tab = await site.open("/import", site.owner)

    answer = await send(browser, site, "owner", a_zip())

    assert answer.status_code == 202
    await tab.until(lambda: tab.get(ImportsState.imports))
    row = first(tab)
    assert (row["id"], row["filename"], row["kind"]) == (answer.json()["data"]["id"], "site.zip", "markdown")


@pytest.mark.parametrize(("who", "status"), [("nobody", 401), ("member", 403), ("moderator", 403)])
async def test_who_may_not_import_cannot_upload(
    browser: httpx.AsyncClient, site: Site, data_folder: Path, who: str, status: int
):
    answer = await send(browser, site, who, a_zip())

    assert answer.status_code == status
    assert answer.json()["errors"]["detail"]
    assert list(data_folder.rglob("*.zip")) == []


async def test_a_file_that_is_no_export_is_refused_in_words(browser: httpx.AsyncClient, site: Site, data_folder: Path):
    answer = await send(browser, site, "owner", b"\x00\x01 nothing of the kind")

    assert answer.status_code == 422
    assert "neither a WordPress export" in answer.json()["errors"]["detail"]
    assert await blog.list_imports(site.owner) == []
    assert [path for path in data_folder.rglob("*") if path.is_file()] == []


async def test_another_site_cannot_upload_in_somebodys_name(browser: httpx.AsyncClient, site: Site):
    answer = await send(browser, site, "owner", a_zip(), origin="https://evil.example")

    assert answer.status_code == 403
    assert await blog.list_imports(site.owner) == []


async def test_an_unknown_organisation_takes_no_file(browser: httpx.AsyncClient, site: Site):
    browser.cookies.update(await site.cookies_of(site.owner) or {})
    assert (await browser.post("/uploads/imports/nowhere", content=a_zip())).status_code == 404


async def test_all_posts_are_downloaded_as_a_zip(browser: httpx.AsyncClient, site: Site):
    await make_post(site.member, title="On tea", body="Pour it **slowly**.")
    browser.cookies.update(await site.cookies_of(site.owner) or {})

    answer = await browser.get(f"/downloads/{site.slug}/posts.zip")

    assert answer.headers["content-disposition"] == f"attachment; filename*=UTF-8''{site.slug}-posts.zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".md")]
        assert "Pour it **slowly**." in archive.read(name).decode()


@pytest.mark.parametrize(("who", "status"), [("nobody", 401), ("member", 403)])
async def test_who_may_not_export_downloads_nothing(browser: httpx.AsyncClient, site: Site, who: str, status: int):
    browser.cookies.update(await site.cookies_of(getattr(site, who, None)) or {})
    assert (await browser.get(f"/downloads/{site.slug}/posts.zip")).status_code == status

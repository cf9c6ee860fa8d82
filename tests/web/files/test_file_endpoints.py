"""Files of posts over HTTP: how they come in, whom they are given to, and as what."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any, override
from urllib.parse import quote

import httpx
import pytest
from sqlmodel import select

from myapp import blog
from myapp import myapp as product
from myapp.accounts import Organization, Visibility
from myapp.blog import Attachment
from myapp.kit import routes, storage
from myapp.kit.errors import Unavailable
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope
from myapp.kit.storage import LocalStorage
from myapp.kit.storage._local import LocalFile
from tests.factories import SYSTEM
from tests.factories.blog import make_post
from tests.factories.files import HTML, PDF, SVG, in_pieces, picture
from tests.web.files.conftest import Site, lying
from tests.web.our_page import FORM_COOKIES, FORM_TOKEN, FROM_OUR_PAGE

LIMIT = 20 << 20


async def send(
    browser: httpx.AsyncClient,
    site: Site,
    body: Any,
    scope: Scope | None = None,
    *,
    kind: str = "attachment",
    **more: Any,
) -> httpx.Response:
    address = f"{routes.upload_file(site.slug, kind)}?filename={quote(more.pop('filename', 'a.pdf'))}"
    browser.cookies = httpx.Cookies(FORM_COOKIES)
    browser.cookies.update(await site.cookies_of(scope) or {})
    return await browser.post(address, content=body, **more)


async def given(
    browser: httpx.AsyncClient, site: Site, url: str, scope: Scope | None, **headers: str
) -> httpx.Response:
    browser.cookies = httpx.Cookies(FORM_COOKIES)
    browser.cookies.update(await site.cookies_of(scope) or {})
    return await browser.get(url, headers=headers)


async def rows() -> list[Attachment]:
    async with transaction(SYSTEM) as session:
        return list((await session.exec(select(Attachment))).all())


async def of_a_post(browser: httpx.AsyncClient, site: Site, body: bytes = PDF, **attrs: Any) -> str:
    """The address of a file that a post of the member was saved with."""
    sent = (await send(browser, site, body, site.member, kind=attrs.pop("kind", "attachment"))).json()["data"]
    await make_post(site.member, files=[sent["id"]], **attrs)
    return sent["url"]


async def test_a_file_is_taken_in_and_named(browser: httpx.AsyncClient, site: Site):
    answer = await send(browser, site, PDF, site.member, filename="Übersicht.pdf")

    assert answer.status_code == 201
    data = answer.json()["data"]
    assert (data["filename"], data["size"]) == ("Übersicht.pdf", len(PDF))
    assert data["url"].startswith(f"/files/{site.organization.id}/attachments/")
    assert "bersicht" not in data["url"]


async def test_a_file_whose_storage_is_out_of_order_is_there_and_not_to_be_had_now(
    browser: httpx.AsyncClient, site: Site, files: Path
):
    class OutOfOrder(LocalStorage):
        @override
        async def get(self, key: str) -> LocalFile:
            raise Unavailable(10)

    url = await of_a_post(browser, site)
    storage.use(OutOfOrder(files))
    for address in (url, routes.avatar(f"avatars/{'a' * 32}.webp")):
        answer = await given(browser, site, address, site.member)
        assert (answer.status_code, answer.headers.get("retry-after")) == (503, "10"), address


@pytest.mark.parametrize("origin", ["", "null", "https://evil.example"])
async def test_a_post_of_another_site_is_refused(browser: httpx.AsyncClient, site: Site, origin: str):
    answer = await send(browser, site, PDF, site.member, headers={"origin": origin})
    assert (answer.status_code, await rows()) == (403, [])


async def test_only_who_may_write_sends_files(browser: httpx.AsyncClient, site: Site):
    assert (await send(browser, site, PDF)).status_code == 401
    assert (await send(browser, site, PDF, site.member, kind="anything")).status_code == 422
    await _make_private(site)
    assert (await send(browser, site, PDF)).status_code == 404
    assert await rows() == []


@pytest.mark.parametrize(("kind", "bad"), [("cover", PDF), ("cover", SVG), ("attachment", HTML), ("attachment", SVG)])
async def test_what_is_not_allowed_is_refused_at_the_field(
    browser: httpx.AsyncClient, site: Site, files: Path, kind: str, bad: bytes
):
    answer = await send(browser, site, bad, site.member, kind=kind, filename="picture.png")
    assert (answer.status_code, answer.json()) == (
        422,
        {"errors": {"file": ["You have selected an unacceptable file type"]}},
    )
    assert lying(files) == []


@pytest.mark.parametrize("path", ["../../../etc/passwd", "..%2f..%2fx.pdf", "a/b\\c.pdf", "x" * 900])
async def test_no_name_leads_anywhere(browser: httpx.AsyncClient, site: Site, files: Path, path: str):
    answer = await send(browser, site, PDF, site.member, filename=path)
    assert answer.status_code == 201
    [file] = lying(files)
    assert file.parent == files / "attachments"
    assert "/" not in answer.json()["data"]["filename"]


async def test_what_is_announced_as_too_large_is_refused_unread(browser: httpx.AsyncClient, site: Site):
    read = 0

    async def body() -> AsyncGenerator[bytes]:
        nonlocal read
        read += 1
        yield PDF

    answer = await send(browser, site, body(), site.member, headers={"content-length": str(LIMIT + 1)})
    assert (answer.status_code, answer.json()) == (413, {"errors": {"file": ["too large"]}})
    assert read == 0


async def test_21_mb_that_are_announced_as_100_bytes_end_at_20(
    browser: httpx.AsyncClient, site: Site, files: Path, scratch: Path
):
    sent = 0

    async def body() -> AsyncGenerator[bytes]:
        nonlocal sent
        for _ in range(21 << 4):
            sent += 1 << 16
            yield (PDF if sent == 1 << 16 else b"").ljust(1 << 16)

    answer = await send(browser, site, body(), site.member, headers={"content-length": "100"})

    assert (answer.status_code, answer.json()) == (413, {"errors": {"file": ["too large"]}})
    assert sent <= LIMIT + (1 << 16)
    assert (lying(files), lying(scratch), await rows()) == ([], [], [])


async def test_nothing_is_left_of_a_request_that_stops_midway(
    browser: httpx.AsyncClient, site: Site, files: Path, scratch: Path
):
    messages = iter(
        [{"type": "http.request", "body": PDF + bytes(1 << 20), "more_body": True}, {"type": "http.disconnect"}]
    )
    answered: list[Any] = []

    async def receive() -> Any:
        return next(messages)

    async def note(message: Any) -> None:
        answered.append(message)

    cookie = "; ".join(f"{name}={value}" for name, value in (await site.cookies_of(site.member) or {}).items())
    headers = {
        "host": "localhost:3000",
        **FROM_OUR_PAGE,
        "cookie": f"{cookie}; csrf={FORM_TOKEN}",
        "content-length": "99999999"[:7],
    }
    await product.api(
        {
            "type": "http",
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": routes.upload_file(site.slug, "attachment"),
            "raw_path": b"",
            "root_path": "",
            "query_string": b"filename=a.pdf",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        },
        receive,
        note,
    )

    assert answered[0]["status"] == 400
    assert (lying(files), lying(scratch), await rows()) == ([], [], [])


async def test_a_file_is_given_out_as_what_it_is_and_can_do_nothing(browser: httpx.AsyncClient, site: Site):
    url = await of_a_post(browser, site, b"alert(1) // <script>", filename="x.js")

    answer = await given(browser, site, url, None)

    assert (answer.status_code, answer.content) == (200, b"alert(1) // <script>")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"


async def test_a_cover_is_shown_and_is_webp(browser: httpx.AsyncClient, site: Site):
    url = await of_a_post(browser, site, picture("PNG", (900, 300)), kind="cover")
    answer = await given(browser, site, url, None)
    assert (answer.headers["content-type"], answer.headers["content-disposition"]) == ("image/webp", "inline")


@pytest.mark.parametrize(
    ("asked", "status", "content", "said"),
    [
        ("bytes=0-7", 206, PDF[:8], f"bytes 0-7/{len(PDF)}"),
        ("bytes=5-", 206, PDF[5:], f"bytes 5-{len(PDF) - 1}/{len(PDF)}"),
        ("bytes=-6", 206, PDF[-6:], f"bytes {len(PDF) - 6}-{len(PDF) - 1}/{len(PDF)}"),
        (f"bytes={len(PDF)}-", 416, b"", f"bytes */{len(PDF)}"),
        ("bytes=0-1,3-4", 200, PDF, None),
        ("lines=1-2", 200, PDF, None),
        ("bytes=9-1", 200, PDF, None),
    ],
)
async def test_a_part_of_a_file_is_given_out(
    browser: httpx.AsyncClient, site: Site, asked: str, status: int, content: bytes, said: str | None
):
    url = await of_a_post(browser, site)
    answer = await given(browser, site, url, None, range=asked)
    assert (answer.status_code, answer.content, answer.headers.get("content-range")) == (status, content, said)


async def test_files_of_a_private_organisation_are_for_its_members(browser: httpx.AsyncClient, site: Site):
    url = await of_a_post(browser, site)
    assert (await given(browser, site, url, None)).status_code == 200
    await _make_private(site)

    assert (await given(browser, site, url, site.moderator)).status_code == 200
    assert (await given(browser, site, url, None)).status_code == 404


async def test_a_file_of_a_draft_is_for_its_author_and_the_moderators(browser: httpx.AsyncClient, site: Site):
    url = await of_a_post(browser, site, status="draft")
    codes = [(await given(browser, site, url, scope)).status_code for scope in (site.member, site.moderator, None)]
    assert codes == [200, 200, 404]


async def test_a_name_of_another_organisation_is_not_found_under_this_one(browser: httpx.AsyncClient, site: Site):
    url = await of_a_post(browser, site)
    foreign = url.replace(str(site.organization.id), "018f0000-0000-7000-8000-000000000000")
    assert (await given(browser, site, foreign, site.member)).status_code == 404


@pytest.mark.parametrize(
    "path", ["covers/..%2f..%2fx", f"covers/{'0' * 32}.webp", "avatars/x", f"avatars/{'0' * 32}.webp"]
)
async def test_what_is_not_there_is_not_found(browser: httpx.AsyncClient, site: Site, path: str):
    for url in (f"/files/{site.organization.id}/{path}", f"/{path}"):
        assert (await given(browser, site, url, site.member)).status_code == 404


async def test_a_post_that_is_unpublished_takes_its_files_back(browser: httpx.AsyncClient, site: Site):
    url = await of_a_post(browser, site)
    [post] = (await blog.list_posts(site.member)).entries
    await blog.unpublish_post(site.owner, post.id)
    assert (await given(browser, site, url, None)).status_code == 404


async def test_a_large_file_comes_back_byte_for_byte(browser: httpx.AsyncClient, site: Site):
    content = PDF + bytes(range(256)) * 5000
    url = (await send(browser, site, in_pieces(content), site.member)).json()["data"]["url"]
    assert (await given(browser, site, url, site.member)).content == content


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files would be."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


async def _make_private(site: Site) -> None:
    async with transaction(SYSTEM) as session:
        organization = await session.get_one(Organization, site.organization.id)
        organization.visibility = Visibility.PRIVATE

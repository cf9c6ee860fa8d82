"""How many files somebody may send: counted for the person, whatever kind they are and whether they are taken."""

from __future__ import annotations

import httpx
import pytest

from myapp.kit import rate_limit, routes, uploads
from myapp.kit.rate_limit import Limit
from tests.web.files.conftest import Site
from tests.web.our_page import FORM_COOKIES


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "UPLOADS", Limit("a test of uploads", count=3, seconds=300))
    rate_limit.use(rate_limit.OwnWindows())


async def test_too_many_files_of_a_person_are_refused_until_later(browser: httpx.AsyncClient, site: Site):
    addresses = [
        routes.upload_avatar(),
        routes.upload_file(site.slug, "cover") + "?filename=a.jpg",
        routes.upload_import(site.slug) + "?filename=a.txt",
    ]
    browser.cookies.update(await site.cookies_of(site.owner) or {})
    for address in addresses:
        assert (await browser.post(address, content=b"no picture")).status_code == 422
    for address in addresses:
        answer = await browser.post(address, content=b"no picture")
        assert answer.status_code == 429
        assert answer.json() == {"errors": {"file": ["Too many tries. Try again in 5 minutes."]}}
        assert 290 <= int(answer.headers["retry-after"]) <= 300
    browser.cookies = httpx.Cookies(FORM_COOKIES)
    browser.cookies.update(await site.cookies_of(site.member) or {})
    assert (await browser.post(addresses[0], content=b"no picture")).status_code == 422, "others may"


async def test_who_may_send_nothing_is_told_that_and_not_counted(browser: httpx.AsyncClient, site: Site):
    for _ in range(4):
        assert (await browser.post(routes.upload_avatar(), content=b"x")).status_code == 401

"""Headers of every answer, and the last word when all else failed."""

from __future__ import annotations

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from myapp.web.edge import Edge


async def fine(request: Request) -> PlainTextResponse:
    return PlainTextResponse("fine")


async def fail(request: Request) -> PlainTextResponse:
    raise RuntimeError("a secret detail")


async def not_modified(request: Request) -> PlainTextResponse:
    return PlainTextResponse(status_code=304)


endpoints = {
    "/assets/app-0a1b2c.js": fine,
    "/assets/known-0a1b2c.js": not_modified,
    "/page": fine,
    "/people/": fine,
    "/fail": fail,
}
app = Edge(Starlette(routes=[Route(path, endpoint) for path, endpoint in endpoints.items()]), pages=["/people"])


async def get(path: str, accept: str = "*/*") -> httpx.Response:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        return await client.get(path, headers={"accept": accept})


@pytest.mark.parametrize(
    ("path", "cache"),
    [
        ("/assets/app-0a1b2c.js", "public, max-age=31536000, immutable"),
        ("/assets/known-0a1b2c.js", "public, max-age=31536000, immutable"),
        ("/assets/missing.js", "no-cache"),
        ("/page", "no-cache"),
    ],
)
async def test_only_files_with_a_hash_are_kept_for_a_year(path: str, cache: str):
    assert (await get(path)).headers["cache-control"] == cache


async def test_a_page_is_answered_where_it_is_asked_for():
    assert (await get("/people")).text == "fine"


async def test_a_failure_is_calm_words_for_people_and_json_for_programs(caplog: pytest.LogCaptureFixture):
    page = await get("/fail", "text/html,*/*")
    assert page.status_code == 500
    assert "Something went wrong on our side" in page.text
    answer = await get("/fail", "application/json")
    assert answer.status_code == 500
    error_id = answer.json()["errors"]["id"]
    assert error_id in caplog.text, "the log has it under the number that is shown"
    for shown in (page.text, answer.text):
        assert "secret detail" not in shown


async def test_every_answer_carries_the_safety_headers():
    headers = (await get("/page")).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "strict-origin-when-cross-origin"

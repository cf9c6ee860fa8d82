"""Headers of every answer, and the last word when all else failed."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from myapp.kit import logs, whence
from myapp.web.channels import WithChannels
from myapp.web.csp import INERT
from myapp.web.edge import MAX_BODY, Edge


async def fine(request: Request) -> PlainTextResponse:
    return PlainTextResponse("fine")


async def fail(request: Request) -> PlainTextResponse:
    raise RuntimeError("a secret detail")


async def not_modified(request: Request) -> PlainTextResponse:
    return PlainTextResponse(status_code=304)


async def page(request: Request) -> HTMLResponse:
    return HTMLResponse("<!doctype html>")


async def strict(request: Request) -> PlainTextResponse:
    return PlainTextResponse("a file", headers={"content-security-policy": "sandbox"})


async def count(request: Request) -> JSONResponse:
    return JSONResponse({"size": len(await request.body()), "said": dict(logs.current()), "from": whence.address()})


async def forgive(request: Request) -> PlainTextResponse:
    try:
        await request.body()
    except Exception:  # noqa: BLE001 - as FastAPI does, which then says that there is no JSON
        return PlainTextResponse("no JSON", 400)
    return PlainTextResponse("fine")


endpoints = {
    "/forgive": forgive,
    "/html": page,
    "/strict": strict,
    "/count": count,
    "/uploads/count": count,
    "/assets/app-0a1b2c.js": fine,
    "/assets/known-0a1b2c.js": not_modified,
    "/page": fine,
    "/people/": fine,
    "/fail": fail,
}
routes = [Route(path, endpoint, methods=["GET", "POST"]) for path, endpoint in endpoints.items()]
app = Edge(Starlette(routes=routes), Path("nothing-is-built"), pages=["/people"])
secure = Edge(Starlette(routes=routes), Path("nothing-is-built"), is_https=True)


def client(app: Edge = app) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://localhost")


async def get(path: str, accept: str = "*/*", app: Edge = app) -> httpx.Response:
    async with client(app) as browser:
        return await browser.get(path, headers={"accept": accept})


async def in_pieces(size: int) -> AsyncGenerator[bytes]:
    """A body whose length is not announced."""
    for _ in range(0, size, 1 << 16):
        yield b"x" * (1 << 16)


async def test_too_much_is_said_to_be_that_whatever_an_endpoint_makes_of_it():
    async with client() as browser:
        answer = await browser.post("/forgive", content=in_pieces(MAX_BODY + 1))
    assert (answer.status_code, answer.headers["connection"]) == (413, "close")


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


@pytest.mark.parametrize("name", ["%00", "x" * 256, "x/" * 600], ids=["nul", "name", "path"])
async def test_what_can_be_no_file_is_a_page_that_is_not_there(tmp_path: Path, name: str):
    (tmp_path / "404.html").write_text("<p>Nothing here</p>", encoding="utf-8")
    files = Edge(StaticFiles(directory=tmp_path, html=True), tmp_path)

    page = await get(f"/o/{name}", "text/html,*/*", files)

    assert (page.status_code, page.text) == (404, "<p>Nothing here</p>")


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


@pytest.mark.parametrize("path", ["/page", "/html", "/assets/app-0a1b2c.js", "/assets/known-0a1b2c.js", "/fail", "/no"])
async def test_every_answer_carries_the_safety_headers(path: str):
    headers = (await get(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "strict-origin-when-cross-origin"
    assert "camera=()" in headers["permissions-policy"]
    assert headers["x-request-id"]


async def test_pages_may_run_our_scripts_and_nothing_else_may_do_anything():
    assert "script-src 'self';" in (await get("/html")).headers["content-security-policy"]
    for path in ("/page", "/assets/app-0a1b2c.js", "/no"):
        assert (await get(path)).headers["content-security-policy"] == INERT
    assert (await get("/strict")).headers["content-security-policy"] == "sandbox", "an endpoint knows better"
    assert "content-security-policy" not in (await get("/assets/known-0a1b2c.js")).headers, "the copy keeps its own"


async def test_only_a_site_with_https_insists_on_it():
    assert "strict-transport-security" not in (await get("/page")).headers
    assert (await get("/page", app=secure)).headers[
        "strict-transport-security"
    ] == "max-age=31536000; includeSubDomains"


@pytest.mark.parametrize("proposed", ["req-0123456789", "0193a5b2-7c1e-7000-8000-000000000001"])
async def test_a_request_keeps_the_id_that_a_proxy_gave_it(proposed: str):
    async with client() as browser:
        answer = await browser.get("/count", headers={"x-request-id": proposed})
    assert answer.headers["x-request-id"] == proposed
    assert answer.json()["said"] == {"request_id": proposed}, "and what it logs says so"
    assert answer.json()["from"] == "127.0.0.1", "and what it does is done from there"


@pytest.mark.parametrize("proposed", ["", "short", "x" * 65, "a b c d e f", 'x"; evil="1'])
async def test_what_is_no_id_is_replaced_by_one(proposed: str):
    async with client() as browser:
        answers = [await browser.get("/count", headers={"x-request-id": proposed}) for _ in range(2)]
    first, second = (answer.headers["x-request-id"] for answer in answers)
    assert first != second
    assert proposed not in {first, second}


async def test_a_failure_is_noted_under_the_id_of_its_request():
    async with client() as browser:
        answer = await browser.get("/fail", headers={"x-request-id": "req-0123456789"})
    assert answer.json()["errors"]["id"] == "req-0123456789"
    assert "content-security-policy" in answer.headers


@pytest.mark.parametrize("is_announced", [True, False])
async def test_what_is_longer_than_any_page_sends_is_refused(is_announced: bool):
    async with client() as browser:
        for size, expected in ((MAX_BODY, 200), (MAX_BODY + (1 << 16), 413)):
            body = b"x" * size if is_announced else in_pieces(size)
            assert (await browser.post("/count", content=body)).status_code == expected
        body = b"x" * (MAX_BODY + 1) if is_announced else in_pieces(MAX_BODY + 1)
        assert (await browser.post("/uploads/count", content=body)).status_code == 200, (
            "uploads have limits of their own"
        )


async def test_an_address_of_two_lines_gets_our_headers_too(tmp_path: Path):
    """No mount of Starlette's knows it, so the outermost would answer with its own."""
    within = Starlette(routes=[Mount("", Edge(Starlette(), tmp_path))])
    nothing: Any = None
    transport = httpx.ASGITransport(WithChannels(within, nothing, nothing))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        for path in ("/%0aX", "/o/a%0d%0aSet-Cookie:b", "/%0a"):
            answer = await client.get(path)
            assert answer.status_code == 404
            assert answer.headers["content-security-policy"] == INERT
            assert "set-cookie" not in answer.headers

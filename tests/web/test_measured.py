"""Requests are told by their route and live events by their handler, never by what anybody sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import httpx
import pytest
import reflex as rx
from fastapi import APIRouter, FastAPI
from starlette.responses import PlainTextResponse
from starlette.routing import Mount

from myapp.config import Settings
from myapp.kit.errors import NotFound
from myapp.web import session
from myapp.web.door import Door
from myapp.web.events import event
from myapp.web.measured import MeasuredRequests
from myapp.web.session import SessionCookie
from tests.ears import hearing
from tests.live import Live, Tab, own_app

PAGES = {"/": "index", "/posts": "posts", "/o/demo": "o/[org_slug]"}


async def files(scope: object, receive: object, send: object) -> None:
    await PlainTextResponse("a file")(scope, receive, send)  # type: ignore[arg-type]


def measured() -> MeasuredRequests:
    router = APIRouter(prefix="/api/v1")

    @router.get("/posts/{slug}")
    async def show(slug: str) -> str:
        if slug == "broken":
            raise ZeroDivisionError
        return slug

    api = FastAPI()
    api.include_router(router)
    api.router.routes.append(Mount("/", app=files))
    return MeasuredRequests(api, page_of=PAGES.get)


async def ask(method: str, path: str, **headers: str) -> list[tuple[str, str, int]]:
    with hearing("http.request.stop") as ear:
        transport = httpx.ASGITransport(measured(), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            await client.request(method, path, headers=headers)
    assert [told.measurements["duration"] >= 0 for told in ear.heard] == [True]
    return [(told.metadata["method"], told.metadata["route"], told.metadata["status"]) for told in ear.heard]


@pytest.mark.parametrize(
    ("method", "path", "told"),
    [
        ("GET", "/api/v1/posts/a-secret", ("GET", "/api/v1/posts/{slug}", 200)),
        ("GET", "/api/v1/posts/broken", ("GET", "/api/v1/posts/{slug}", 500)),
        ("BREW", "/posts", ("other", "/posts", 200)),
        ("GET", "/", ("GET", "/", 200)),
        ("GET", "/posts/", ("GET", "/posts", 200)),
        ("GET", "/o/demo", ("GET", "/o/[org_slug]", 200)),
        ("GET", "/wp-login.php", ("GET", "(none)", 200)),
        ("GET", "/assets/app-0a1b2c.js", ("GET", "/assets/*", 200)),
    ],
)
async def test_a_request_is_told_by_its_template(method: str, path: str, told: tuple[str, str, int]) -> None:
    assert await ask(method, path) == [told]


async def test_a_sender_who_does_not_wait_for_the_answer_is_told_as_such() -> None:
    begun = asyncio.Event()

    async def slow(scope: object, receive: object, send: object) -> None:
        begun.set()
        await asyncio.Event().wait()

    async def nothing(*_: object) -> dict[str, object]:
        return {}

    scope = {"type": "http", "method": "GET", "path": "/posts", "headers": []}
    with hearing("http.request.stop") as ear:
        asking = asyncio.ensure_future(MeasuredRequests(slow, PAGES.get)(scope, nothing, nothing))  # type: ignore[arg-type]
        await begun.wait()
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
    assert [(told.metadata["route"], told.metadata["status"]) for told in ear.heard] == [("/posts", 499)]


class MeasuredState(rx.State):
    """Handlers that end in different ways."""

    @event
    def works(self, text: str = "") -> None:
        pass

    @event
    def is_missing(self) -> None:
        raise NotFound

    @event
    def breaks(self) -> None:
        raise ZeroDivisionError

    @event(background=True)
    async def works_beside(self) -> None:
        async with self:
            pass


@pytest.fixture(scope="module")
def app() -> rx.App:
    app = own_app()
    app.add_page(lambda: rx.el.p("here"), route="/measured")
    session.use(SessionCookie(Settings.model_validate({})))
    return app


@pytest.fixture(scope="module")
def door(app: rx.App) -> Door:
    return Door(app)


@pytest.fixture
async def tab(app: rx.App, door: Door) -> AsyncGenerator[Tab]:
    async with Live(app) as live:
        yield await live.open("/measured")


async def test_a_live_event_is_told_by_its_handler_and_what_came_of_it(tab: Tab) -> None:
    with hearing("live.event.stop") as ear:
        await tab.send(MeasuredState.works("a secret"))
        await tab.send(MeasuredState.works_beside)
        for handler in (MeasuredState.is_missing, MeasuredState.breaks):
            with pytest.raises((NotFound, ZeroDivisionError)):
                await tab.send(handler)
    told = [(each.metadata["state"], each.metadata["handler"], each.metadata["outcome"]) for each in ear.heard]
    assert [each for each in told if each[0] == "MeasuredState"] == [
        ("MeasuredState", "works", "ok"),
        ("MeasuredState", "works_beside", "ok"),
        ("MeasuredState", "is_missing", "refused"),
        ("MeasuredState", "breaks", "failed"),
    ]
    assert "a secret" not in str([each.metadata for each in ear.heard])


async def test_what_is_not_let_in_is_told_by_the_reason(tab: Tab) -> None:
    with hearing("live.refused", "live.event.stop") as ear:
        await tab.send_raw("a.secret", {})
    assert [(told.event, told.metadata) for told in ear.heard] == [("live.refused", {"reason": "no such event"})]


async def test_open_tabs_are_counted(tab: Tab, door: Door) -> None:
    with hearing("live.tabs") as ear:
        door.figures()
    assert [told.measurements for told in ear.heard] == [{"connected": 1}]

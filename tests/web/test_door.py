"""Only marked handlers run for a browser, from our own origin, at a bounded rate."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator
from typing import Any

import pytest
import reflex as rx
from reflex_base.registry import RegistrationContext
from sqlmodel import select

from myapp.config import Settings
from myapp.kit.query_log import RepeatedQuery
from myapp.kit.repo import transaction
from myapp.kit.token_bucket import TokenBucket
from myapp.web import door as door_module
from myapp.web import session
from myapp.web.door import INTERNAL_EVENTS, Door
from myapp.web.events import event, server_event
from myapp.web.session import SessionCookie
from tests.factories import SYSTEM
from tests.live import Live, Tab, own_app


class DoorState(rx.State):
    """One handler of each kind."""

    log: list[str] = []
    _secret: str = "kept"

    @event
    def open_to_all(self, text: str = "") -> None:
        self.log.append(f"open {text}")

    @event
    def sets_off(self):
        return DoorState.kept_inside("by a handler")

    @server_event
    def kept_inside(self, text: str) -> None:
        self.log.append(f"inside {text}")

    def forgotten(self) -> None:
        self.log.append("forgotten")

    @rx.event
    def only_reflex_knows(self) -> None:
        self.log.append("unmarked")

    @event
    def sets_off_the_unmarked(self):
        return DoorState.only_reflex_knows

    @event
    async def asks_one_by_one(self) -> None:
        for number in range(5):
            async with transaction(SYSTEM) as session:
                await session.exec(select(number))

    @event(background=True)
    async def asks_now_and_then(self) -> None:
        for number in range(5):
            async with transaction(SYSTEM) as session:
                await session.exec(select(number))

    @event(background=True)
    async def in_the_background(self) -> None:
        async with self:
            self.log.append("background")

    @rx.event(background=True)
    async def unmarked_in_the_background(self) -> None:
        async with self:
            self.log.append("unmarked background")


FAILURES = "reflex___state____frontend_event_exception_state"


@pytest.fixture(scope="module")
def app() -> rx.App:
    app = own_app()
    app.add_page(lambda: rx.foreach(DoorState.log, rx.el.p), route="/door")
    return app


@pytest.fixture(scope="module")
def door(app: rx.App) -> Door:
    session.use(SessionCookie(Settings.model_validate({})))
    return Door(app)


@pytest.fixture
async def live(app: rx.App, door: Door) -> AsyncGenerator[Live]:
    async with Live(app) as live:
        yield live


@pytest.fixture
async def tab(live: Live) -> Tab:
    return await live.open("/door")


def name_of(handler: str) -> str:
    return f"{DoorState.get_full_name()}.{handler}"


def log_of(tab: Tab) -> list[str]:
    return tab.get(DoorState.log)


async def test_a_handler_open_to_browsers_runs(tab: Tab):
    await tab.send(DoorState.open_to_all("now"))
    await tab.send(DoorState.in_the_background)
    assert log_of(tab) == ["open now", "background"]


@pytest.mark.parametrize(
    "handler", ["forgotten", "only_reflex_knows", "unmarked_in_the_background", "kept_inside", "setvar", "no_such"]
)
async def test_a_browser_cannot_call_anything_else(tab: Tab, handler: str):
    await tab.send_raw(name_of(handler), {"text": "by a browser", "var_name": "log", "value": ["set"]})
    await tab.send(DoorState.open_to_all("after"))
    assert log_of(tab) == ["open after"]


async def test_queries_that_repeat_within_one_event_are_found(tab: Tab, db: object):
    with pytest.raises(RepeatedQuery, match="asks_one_by_one"):
        await tab.send(DoorState.asks_one_by_one)
    await tab.send(DoorState.asks_now_and_then)


@pytest.mark.parametrize("payload", [{"text": "a", "admin": True}, {"self": 1}, {"other": "a"}])
async def test_arguments_the_handler_does_not_take_are_refused(
    tab: Tab, payload: dict[str, Any], caplog: pytest.LogCaptureFixture
):
    await tab.send_raw(name_of("open_to_all"), payload)
    await tab.send(DoorState.open_to_all("after"))
    assert log_of(tab) == ["open after"]
    assert caplog.text == ""


async def test_a_handler_may_send_what_browsers_may_not(tab: Tab):
    await tab.send(DoorState.sets_off)
    assert log_of(tab) == ["inside by a handler"]


async def test_an_unmarked_handler_does_not_run_for_a_handler_either(tab: Tab, caplog: pytest.LogCaptureFixture):
    await tab.send(DoorState.sets_off_the_unmarked)
    assert log_of(tab) == []
    assert "not marked" in caplog.text


@pytest.mark.parametrize(
    "name", ["", "reflex___state____state", "__import__", "a" * 10_000, "reflex___state____state.setvar"]
)
async def test_unknown_names_are_dropped_and_nothing_of_them_is_logged(
    tab: Tab, caplog: pytest.LogCaptureFixture, name: str
):
    with caplog.at_level(logging.INFO):
        await tab.send_raw(name, {"password": "hunter2"})
    assert caplog.text == ""


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        "text",
        7,
        {},
        {"name": None},
        {"name": ["a"]},
        {"name": "NAME", "payload": "text"},
        {"name": "NAME", "payload": [1]},
        {"name": "NAME", "router_data": "text"},
        {"name": "NAME", "router_data": {"pathname": 7}},
        {"name": "NAME", "router_data": {"pathname": "/door", "asPath": ["a"]}},
        {"name": "NAME", "router_data": {"pathname": "/door", "asPath": "/door", "query": "text"}},
    ],
    ids=str,
)
async def test_what_is_no_event_is_dropped(tab: Tab, door: Door, app: rx.App, data: Any):
    if isinstance(data, dict) and data.get("name") == "NAME":
        data = {**data, "name": name_of("open_to_all")}
    assert app.event_namespace is not None
    (connection,) = app.event_namespace.sid_to_token
    await door.on_event(connection, data)
    await tab.send(DoorState.open_to_all("still here"))
    assert log_of(tab) == ["open still here"]


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        ("hydrate", {"x": 1}),
        ("hydrate_and_load", {"a": "b"}),
        ("hydrate_and_load", {"vars": {"no_such.state": True}}),
        ("hydrate_and_load", {"hashes": "text"}),
        ("reflex___state____on_load_internal_state.on_load_internal", {"x": 1}),
        (f"{FAILURES}.handle_frontend_exception", {}),
        (f"{FAILURES}.handle_frontend_exception", {"info": {"a": 1}, "component_stack": ""}),
        (f"{FAILURES}.handle_frontend_exception", {"info": "", "component_stack": 7}),
    ],
)
async def test_what_reflex_takes_from_browsers_it_takes_as_its_own_code_sends_it(
    tab: Tab, caplog: pytest.LogCaptureFixture, name: str, payload: dict[str, Any]
):
    with caplog.at_level(logging.INFO):
        await tab.send_raw(f"reflex___state____state.{name}", payload)
        await tab.send(DoorState.open_to_all("after"))
    assert log_of(tab) == ["open after"]
    assert caplog.text == ""


async def test_failures_in_browsers_are_heard_of_and_do_not_fill_the_log(
    live: Live, door: Door, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(door, "_reports", TokenBucket(rate=0, burst=door_module.REPORTS))
    stacks = ("at Page", None, "too late")
    for stack in stacks:
        tab = await live.open("/door")
        for _ in range(door_module.REPORTS - 10):
            await tab.send_raw(door_module.REPORT, {"info": f"it failed {stack}", "component_stack": stack})
    assert [caplog.text.count(f"it failed {stack}") for stack in stacks] == [10, 10, 0]


@pytest.mark.parametrize("nothing", [None, [], "", 0, False])
@pytest.mark.parametrize("part", ["payload", "router_data"])
async def test_an_event_without_a_part_is_one(
    tab: Tab, door: Door, app: rx.App, caplog: pytest.LogCaptureFixture, part: str, nothing: Any
):
    assert app.event_namespace is not None
    (connection,) = app.event_namespace.sid_to_token
    data = {"name": name_of("in_the_background"), "payload": {}, "router_data": {}, part: nothing}
    await door.on_event(connection, data)
    await tab.until(lambda: log_of(tab) == ["background"])
    assert caplog.text == ""


async def test_a_tab_that_floods_is_slowed_down_and_others_are_not(live: Live, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(door_module, "RATE", 0.0)
    tab = await live.open("/door")
    for number in range(door_module.BURST + 20):
        await tab.send(DoorState.open_to_all(str(number)))
    assert len(log_of(tab)) < door_module.BURST
    other = await live.open("/door")
    await other.send(DoorState.open_to_all("me"))
    assert log_of(other) == ["open me"]


async def test_the_end_of_a_connection_is_told_and_leaves_nothing(live: Live, tab: Tab, door: Door):
    closed: list[str] = []
    door.when_closed(closed.append)
    await tab.send(DoorState.open_to_all("hello"))
    await tab.close()
    assert closed == [tab.token]
    assert door._buckets == {}


async def test_a_handler_can_be_run_in_a_tab_from_outside(tab: Tab, door: Door):
    assert door.deliver(tab.token, DoorState.kept_inside, "from outside")
    await tab.until(lambda: log_of(tab) == ["inside from outside"])


async def test_nothing_runs_in_a_tab_that_is_gone(tab: Tab, door: Door):
    await tab.close()
    assert not door.deliver(tab.token, DoorState.kept_inside, "too late")


def test_what_reflex_sends_to_itself_still_has_the_names_we_let_pass():
    """Names of the pinned Reflex: this fails when an upgrade renames them."""
    assert set(RegistrationContext.get().event_handlers) >= INTERNAL_EVENTS


@pytest.mark.parametrize(
    ("origin", "scheme", "headers", "allowed"),
    [
        ("http://localhost:3000", "ws", {b"host": b"localhost:3000"}, True),
        ("https://example.org", "wss", {b"host": b"example.org"}, True),
        ("https://example.org", "ws", {b"host": b"example.org", b"x-forwarded-proto": b"https"}, True),
        ("http://localhost:3001", "ws", {b"host": b"localhost:3000"}, False),
        ("https://evil.example", "wss", {b"host": b"example.org"}, False),
        ("https://example.org.evil.example", "wss", {b"host": b"example.org"}, False),
        ("http://example.org", "wss", {b"host": b"example.org"}, False),
        ("null", "wss", {b"host": b"example.org"}, False),
        ("", "wss", {}, False),
    ],
)
def test_a_socket_opens_for_our_own_origin_only(
    app: rx.App, door: Door, origin: str, scheme: str, headers: dict[bytes, bytes], allowed: bool
):
    assert app.sio is not None
    check = app.sio.eio.cors_allowed_origins
    assert check(origin, {"asgi.scope": {"scheme": scheme, "headers": list(headers.items())}}) is allowed

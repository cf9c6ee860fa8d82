"""What a live event logs says which event it was, and whose; so does the line about its failure."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Callable, Iterator
from typing import Any, ClassVar

import pytest
import reflex as rx

from myapp.config import Settings
from myapp.kit import logs
from myapp.kit.logs._handler import Handler, renderer
from myapp.kit.logs._ring import Ring
from myapp.web import session
from myapp.web.door import Door
from myapp.web.errors import on_backend_error
from myapp.web.events import event, server_event
from myapp.web.session import SessionCookie
from tests.live import Live, Tab, own_app

log = logging.getLogger("myapp.web.errors")


class LoggingState(rx.State):
    """Handlers that log."""

    on_say: ClassVar[Callable[[str], None] | None] = None

    @event
    def say(self, text: str) -> None:
        log.warning(text)
        if LoggingState.on_say is not None:
            LoggingState.on_say(text)

    @event
    async def first(self) -> Any:
        log.warning("first")
        yield LoggingState.second
        log.warning("first goes on")

    @server_event
    def second(self) -> Any:
        log.warning("second")
        return LoggingState.third

    @server_event
    def third(self) -> None:
        log.warning("third")

    @event
    def fail(self) -> None:
        logs.bind(user_id="ada")
        log.warning("about to fail")
        raise RuntimeError("a reason")


@pytest.fixture(scope="module")
def app() -> rx.App:
    app = own_app(backend_exception_handler=on_backend_error)
    app.add_page(rx.el.p, route="/logging")
    return app


@pytest.fixture(scope="module")
def door(app: rx.App) -> Door:
    session.use(SessionCookie(Settings.model_validate({})))
    return Door(app)


@pytest.fixture
async def tab(app: rx.App, door: Door) -> AsyncGenerator[Tab]:
    async with Live(app) as live:
        yield await live.open("/logging")


@pytest.fixture
def ring() -> Iterator[Ring]:
    ring = Ring()
    handler = Handler(ring, None, renderer("json"))
    log.addHandler(handler)
    yield ring
    log.removeHandler(handler)


async def test_each_event_has_an_id_of_its_own(tab: Tab, ring: Ring) -> None:
    await tab.send(LoggingState.say("one"))
    await tab.send(LoggingState.say("two"))

    two, one = ring.recent()
    assert one.about["event"] == two.about["event"] == "LoggingState.say"
    assert one.request_id
    assert one.request_id != two.request_id


async def test_events_that_come_of_one_another_share_the_id_of_the_first(tab: Tab, ring: Ring) -> None:
    await tab.send(LoggingState.first)
    await tab.until(lambda: any(line.message == "third" for line in ring.recent()))
    await tab.send(LoggingState.say("another"))

    *chain, another = reversed(ring.recent())
    assert sorted(line.message for line in chain) == ["first", "first goes on", "second", "third"]
    assert len({line.request_id for line in chain}) == 1
    assert {line.about["event"] for line in chain} == {f"LoggingState.{name}" for name in ("first", "second", "third")}
    assert another.request_id != chain[0].request_id


async def test_what_another_event_tells_of_is_an_event_of_its_own(tab: Tab, ring: Ring, door: Door) -> None:
    def tell(_text: str) -> None:
        door.deliver(tab.token, LoggingState.third)

    LoggingState.on_say = tell
    try:
        await tab.send(LoggingState.say("told"))
        await tab.until(lambda: any(line.message == "third" for line in ring.recent()))
    finally:
        LoggingState.on_say = None
    told, third = reversed(ring.recent())
    assert told.request_id != third.request_id


async def test_a_failure_is_logged_with_all_that_was_known_of_its_event(tab: Tab, ring: Ring) -> None:
    with pytest.raises(RuntimeError):
        await tab.send(LoggingState.fail)
    await tab.until(lambda: ring.errors())

    [failure] = ring.errors()
    assert failure.message == f"a handler failed [{failure.request_id}]"
    assert failure.about["user_id"] == "ada"
    assert [line.message for line in ring.of_request(failure.request_id)] == ["about to fail", failure.message]

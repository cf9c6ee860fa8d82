"""Events reach whoever is attached, and a handler that fails harms nobody."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Generator

import pytest

from myapp.kit import telemetry
from myapp.kit.telemetry import Measurements, Metadata
from tests.ears import Ear


@pytest.fixture
def ear() -> Generator[Ear]:
    ear = Ear()
    with telemetry.attached("ear", ["tea.ready", "tea.spilt", "boil.start", "boil.stop", "boil.exception"], ear):
        yield ear


def test_an_event_reaches_what_is_attached_to_it_with_its_figures(ear: Ear) -> None:
    telemetry.execute("tea.ready", {"cups": 2}, {"kind": "green"})
    telemetry.execute("tea.drunk", {"cups": 1})
    assert ear.heard == [("tea.ready", {"cups": 2}, {"kind": "green"})]


def test_what_is_attached_twice_to_an_event_is_called_once() -> None:
    ear = Ear()
    with telemetry.attached("twice", ["tea.ready", "tea.ready"], ear):
        telemetry.execute("tea.ready")
    assert ear.events == ["tea.ready"]


def test_handlers_are_called_in_the_order_of_attaching() -> None:
    order: list[str] = []
    with (
        telemetry.attached("first", ["tea.ready"], lambda *_: order.append("first")),
        telemetry.attached("second", ["tea.ready"], lambda *_: order.append("second")),
    ):
        telemetry.execute("tea.ready")
    assert order == ["first", "second"]


def test_a_name_is_taken_once(ear: Ear) -> None:
    with pytest.raises(ValueError, match="'ear' already"):
        telemetry.attach("ear", ["tea.cold"], ear)


def test_what_is_detached_hears_nothing_more(ear: Ear) -> None:
    telemetry.detach("ear")
    telemetry.execute("tea.ready")
    assert ear.heard == []
    assert not telemetry.is_attached("tea.ready")


def test_a_handler_that_fails_is_logged_and_detached_from_all_and_the_others_go_on(
    ear: Ear, caplog: pytest.LogCaptureFixture
) -> None:
    calls: list[str] = []

    def fail(event: str, _measurements: Measurements, _metadata: Metadata) -> None:
        calls.append(event)
        raise ZeroDivisionError

    telemetry.attach("failing", ["tea.ready", "tea.spilt"], fail)
    for event in ("tea.ready", "tea.ready", "tea.spilt"):
        telemetry.execute(event)
    assert calls == ["tea.ready"]
    assert ear.events == ["tea.ready", "tea.ready", "tea.spilt"]
    assert "'failing' failed at tea.ready and is detached" in caplog.text


def test_a_handler_may_detach_itself_meanwhile(ear: Ear) -> None:
    telemetry.attach("once", ["tea.ready"], lambda *_: telemetry.detach("once"))
    telemetry.execute("tea.ready")
    telemetry.execute("tea.ready")
    assert ear.events == ["tea.ready", "tea.ready"]


def test_a_span_tells_of_its_start_and_its_end_and_how_long_it_took(ear: Ear) -> None:
    with telemetry.span("boil", {"pot": "blue"}) as span:
        span.metadata["outcome"] = "hot"
    [(_, started, at_start), (_, stopped, at_end)] = ear.heard
    assert ear.events == ["boil.start", "boil.stop"]
    assert started["system_time"] > 1.7e9
    assert stopped["duration"] >= 0
    assert at_start["pot"] == "blue"
    assert (at_end["outcome"], at_end["span"]) == ("hot", at_start["span"])


def test_a_span_that_an_error_leaves_says_which_kind_and_lets_it_pass(ear: Ear) -> None:
    with pytest.raises(ZeroDivisionError), telemetry.span("boil"):
        raise ZeroDivisionError
    assert ear.events == ["boil.start", "boil.exception"]
    assert ear.heard[-1][2]["error"] == "ZeroDivisionError"


async def test_a_span_around_what_waits_is_ended_also_when_that_is_cancelled(ear: Ear) -> None:
    begun = asyncio.Event()

    async def boil() -> None:
        with telemetry.span("boil"):
            begun.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(boil())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ear.heard[-1][0] == "boil.exception"
    assert ear.heard[-1][2]["error"] == "CancelledError"


def test_spans_have_metadata_of_their_own() -> None:
    given = {"pot": "blue"}
    with telemetry.span("boil", given) as span:
        span.metadata["pot"] = "red"
    assert given == {"pot": "blue"}


def test_a_span_leaves_nothing_to_the_garbage_collector(ear: Ear) -> None:
    with telemetry.span("boil") as span:
        pass
    ear.heard.clear()
    left = weakref.ref(span)
    del span
    assert left() is None

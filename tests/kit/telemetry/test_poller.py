"""What is asked every few seconds: this process, and whether its loop keeps up."""

from __future__ import annotations

import asyncio
import time

import pytest

from myapp.kit import telemetry
from myapp.kit.telemetry import Poller
from tests.ears import Ear


async def test_a_measurement_that_fails_is_logged_and_left_out_and_the_others_go_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    asked: list[str] = []

    def fail() -> None:
        asked.append("failing")
        raise ZeroDivisionError

    async def work() -> None:
        asked.append("working")

    poller = Poller([fail, work])
    await poller.poll()
    await poller.poll()
    assert asked == ["failing", "working", "working"]
    assert "is left out from now on" in caplog.text


async def test_a_process_says_what_it_holds_and_does() -> None:
    ear = Ear()
    with telemetry.attached("ear", ["process.memory", "process.cpu", "process.work"], ear):
        telemetry.process_figures()()
    figures = {name: value for told in ear.heard for name, value in told.measurements.items()}
    assert figures["resident"] > 1 << 20
    assert figures["share"] >= 0
    assert min(figures["threads"], figures["files"], figures["tasks"]) >= 1


async def test_a_loop_that_is_held_up_is_seen() -> None:
    ear, told = Ear(), asyncio.Event()
    with (
        telemetry.attached("ear", ["process.loop"], ear),
        telemetry.attached("wake", ["process.loop"], lambda *_: told.set()),
    ):
        async with asyncio.timeout(10), telemetry.watching_the_loop(every=0.01):
            time.sleep(0.05)  # noqa: ASYNC251 - what a handler must not do
            await told.wait()
    assert ear.heard[0].measurements["lag"] >= 0.03

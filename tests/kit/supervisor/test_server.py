"""A server takes one message after the other, answers, and ends as it should."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import override

import pytest

from myapp.kit.supervisor import (
    Agent,
    CallTimeout,
    ChildSpec,
    Continue,
    Down,
    Killed,
    NotAlive,
    Reply,
    Server,
    Stop,
    link,
    monitor,
    supervised,
)  # fmt: skip
from tests.kit.supervisor.pieces import node, until


class Counter(Server[int]):
    """Counts, and notes what happens to it."""

    def __init__(self, first: int = 0) -> None:
        super().__init__()
        self._first = first
        self.notes: list[object] = []

    @override
    async def init(self) -> Continue[int]:
        return Continue(self._first, "begin")

    @override
    async def handle_continue(self, what: object, state: int) -> int:
        self.notes.append(what)
        return state

    @override
    async def handle_call(self, request: object, state: int) -> Reply[int]:
        match request:
            case "next":
                await asyncio.sleep(0)
                return Reply(state + 1, state + 1)
            case "never":
                await asyncio.Event().wait()
            case "stop":
                return Reply("stopped", Stop(state))
            case "block":
                time.sleep(0.11)  # noqa: ASYNC251 - that is what is to be noticed
                return Reply(None, state)
            case "crash":
                raise ZeroDivisionError
        return await super().handle_call(request, state)

    @override
    async def handle_cast(self, request: object, state: int) -> int | Continue[int]:
        return Continue(0, "was reset") if request == "reset" else await super().handle_cast(request, state)  # type: ignore[return-value]

    @override
    async def handle_info(self, message: object, state: int) -> int:
        if isinstance(message, Down):
            self.notes.append(message.reason)
            return state
        return await super().handle_info(message, state)  # type: ignore[return-value]

    @override
    async def terminate(self, reason: BaseException | None, state: int) -> None:
        self.notes.append((type(reason), state))


async def test_it_answers_one_after_the_other() -> None:
    async with Counter.running(5) as counter:
        assert await asyncio.gather(*(counter.call("next") for _ in range(5))) == [6, 7, 8, 9, 10]
        counter.cast("reset")
        assert await counter.call("next") == 1
    assert counter.notes == ["begin", "was reset", (type(None), 1)]
    with pytest.raises(NotAlive):
        await counter.call("next")


async def test_whoever_asks_does_not_wait_longer_than_it_wants_to() -> None:
    async with Counter.running() as counter:
        with pytest.raises(CallTimeout, match="Counter"):
            await counter.call("never", timeout=0.001)
        assert counter.details() == {"state": "0", "mailbox": "0", "callback": "handle_call"}


async def test_a_request_it_does_not_know_is_the_askers_mistake_and_an_unknown_message_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with Counter.running() as counter:
        with pytest.raises(ValueError, match="'what'"):
            await counter.call("what")
        counter.cast("how")
        counter.send("why")
        assert await counter.call("next") == 1
    assert "does not expect this cast: 'how'" in caplog.text
    assert "does not expect this info: 'why'" in caplog.text


async def test_one_that_blocks_the_loop_is_reported_and_one_that_waits_is_not(caplog: pytest.LogCaptureFixture) -> None:
    async with Counter.running() as counter:
        await counter.call("block")
        with pytest.raises(CallTimeout):
            await counter.call("never", timeout=0.15)
    assert [record.getMessage().partition(" for ")[0] for record in caplog.records] == [
        "Counter.handle_call held up everything"
    ]


async def test_a_crash_ends_it_tells_who_waits_and_its_supervisor_starts_another() -> None:
    async with supervised("root", [ChildSpec("counter", Counter.running)]) as root:
        counter = root.child("counter")
        assert isinstance(counter, Counter)
        with pytest.raises(NotAlive):
            await counter.call("crash")
        await until(lambda: node(root, "counter").restarts == 1)
        assert counter.notes[-1] == (ZeroDivisionError, 0)
        again = root.child("counter")
        assert isinstance(again, Counter)
        assert again is not counter
        assert await again.call("next") == 1
        assert node(root, "counter").details["state"] == "1"


async def test_one_that_stops_by_itself_is_not_started_again_when_it_is_transient() -> None:
    async with supervised("root", [ChildSpec("counter", Counter.running, "transient")]) as root:
        counter = root.child("counter")
        assert isinstance(counter, Counter)
        assert await counter.call("stop") == "stopped"
        await until(lambda: node(root, "counter").state == "stopped")
        assert node(root, "counter").last_error is None


async def test_a_monitor_hears_of_the_end_once_also_when_it_comes_too_late() -> None:
    heard: list[Down] = []
    async with Counter.running() as watching, Counter.running() as counter:
        monitor(counter, watching.send)
        forget = monitor(counter, heard.append)
        forget()
        with pytest.raises(NotAlive):
            await counter.call("crash")
        monitor(counter, heard.append)
        await until(lambda: heard and len(watching.notes) == 2)
    assert isinstance(heard[0].reason, ZeroDivisionError)
    assert isinstance(watching.notes[1], ZeroDivisionError)


async def test_linked_ones_crash_together_and_end_in_good_order_alone() -> None:
    async with Counter.running() as one, Counter.running() as other, Counter.running() as third:
        link(one, other)
        link(one, third)()
        with pytest.raises(NotAlive):
            await one.call("crash")
        await until(other.ended.done)
        assert isinstance(other.ended.exception(), ZeroDivisionError)
        assert await third.call("next") == 1
    async with Counter.running() as one, Counter.running() as other:
        link(one, other)
        await one.call("stop")
        await until(one.ended.done)
        assert await other.call("next") == 1


async def test_an_agent_keeps_what_it_is_given() -> None:
    async with supervised("root", [ChildSpec("seen", partial(Agent[set[str]].running, set))]) as root:
        seen = root.child("seen")
        assert isinstance(seen, Agent)
        await seen.update(lambda names: names | {"ada"})
        assert await seen.get_and_update(lambda names: (len(names), set())) == 1
        assert await seen.get(len) == 0


class Reading(Server[list[str]]):
    """Reads on until it is told to stop, and does not know what else it wanted to do."""

    @override
    async def init(self) -> list[str]:
        return []

    @override
    async def handle_call(self, request: object, state: list[str]) -> Reply[list[str]]:
        await asyncio.sleep(0)
        return Reply(request, Continue(state, "turn the page"))

    @override
    async def handle_cast(self, request: object, state: list[str]) -> Stop[list[str]]:
        return Stop([*state, str(request)])

    @override
    async def terminate(self, reason: BaseException | None, state: list[str]) -> None:
        state.append("closed")


async def test_what_it_wanted_to_go_on_with_and_does_not_know_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async with Reading.running() as reading:
        assert await reading.call("word") == "word"
        await until(lambda: "does not expect this continue: 'turn the page'" in caplog.text)


async def test_whoever_waits_for_an_answer_when_it_ends_hears_that_there_will_be_none() -> None:
    async with Reading.running() as reading:
        first = asyncio.create_task(reading.call("word"))
        await asyncio.sleep(0)
        reading.cast("the end")
        others = [asyncio.create_task(reading.call("too late", timeout=None)) for _ in range(2)]
        assert await first == "word"
        for each in others:
            with pytest.raises(NotAlive):
                await each
        assert reading.state == ["the end", "closed"]


async def test_one_that_is_killed_takes_what_is_linked_to_it_along() -> None:
    async with Counter.running() as other:
        async with supervised("root", [ChildSpec("counter", Counter.running, "temporary")]) as root:
            counter = root.child("counter")
            assert isinstance(counter, Counter)
            link(counter, other)
            root.kill("counter")
            await until(other.ended.done)
        assert isinstance(other.ended.exception(), Killed)

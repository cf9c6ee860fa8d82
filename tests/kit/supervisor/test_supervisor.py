"""The supervisor does what its rules say: it starts in order, restarts what crashed, stops in reverse and in time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial

import pytest

from myapp.kit.supervisor import (
    AlreadyThere,
    ChildSpec,
    GaveUp,
    Killed,
    nested,
    supervised,
)
from tests.kit.supervisor.pieces import PATIENCE, Stage, node, until


@pytest.fixture
async def stage() -> Stage:
    return Stage()


async def test_children_start_in_order_and_stop_in_reverse(stage: Stage) -> None:
    async with supervised("root", [stage.child("a"), stage.child("b"), stage.child("c")]):
        assert stage.take() == ["+a", "+b", "+c"]
    assert stage.take() == ["-c", "-b", "-a"]


async def test_when_one_does_not_start_those_before_it_stop_and_its_error_is_raised(stage: Stage) -> None:
    stage.broken = {"b"}
    with pytest.raises(ZeroDivisionError, match="b"):
        async with supervised("root", [stage.child("a"), stage.child("b"), stage.child("c")]):
            pytest.fail("it must not get this far")
    assert stage.notes == ["+a", "b fails", "-a"]


async def test_rest_for_one_restarts_what_crashed_and_what_came_after(stage: Stage) -> None:
    async with supervised("root", [stage.child(name) for name in "abc"], strategy="rest_for_one") as root:
        stage.take()
        stage.crash("b")
        await until(lambda: node(root, "c").restarts == 1)
        assert stage.take() == ["xb", "-c", "+b", "+c"]
        assert [each.restarts for each in root.tree()] == [0, 1, 1]
        assert node(root, "b").last_error == "ZeroDivisionError: b"
        assert node(root, "c").last_error is None


async def test_one_that_is_killed_by_hand_is_back(stage: Stage) -> None:
    async with supervised("root", [stage.child("a")]) as root:
        root.kill("a")
        await until(lambda: node(root, "a").restarts == 1)
        assert stage.notes == ["+a", "!a", "+a"]
        assert node(root, "a").last_error == "Killed: a was killed"


async def test_nobody_gives_up_because_of_those_that_are_killed_by_hand(stage: Stage) -> None:
    async with supervised("root", [stage.child("a")], max_restarts=0) as root:
        for life in (1, 2, 3):
            root.kill("a")
            await until(lambda life=life: node(root, "a").restarts == life)
        stage.crash("a")
        with pytest.raises(GaveUp):
            await root.ended


async def test_a_transient_one_that_ends_by_itself_stays_down_and_after_a_crash_it_does_not(stage: Stage) -> None:
    async with supervised("root", [stage.child("a", "transient"), stage.child("b", "temporary")]) as root:
        stage.crash("a")
        await until(lambda: node(root, "a").restarts == 1)
        stage.end("a")
        await until(lambda: node(root, "a").state == "stopped")
        stage.crash("b")
        await until(lambda: len(root.tree()) == 1)
        assert stage.take() == ["+a", "+b", "xa", "+a", "-a", "xb"]
        assert node(root, "a").state == "stopped"


async def test_one_that_does_not_start_again_is_tried_until_it_is_enough(stage: Stage) -> None:
    async with supervised("root", [stage.child("a"), stage.child("b")]) as root:
        stage.take()
        stage.broken = {"b"}
        stage.crash("b")
        with pytest.raises(GaveUp, match=r"root gives up: b .* ZeroDivisionError: b"):
            await asyncio.wait_for(root.ended, PATIENCE)
        assert stage.take() == ["xb", "b fails", "b fails", "b fails", "-a"]


async def test_a_supervisor_that_gives_up_is_restarted_by_the_one_above(stage: Stage) -> None:
    family = nested("family", [stage.child("b"), stage.child("c")], max_restarts=0)
    async with supervised("root", [stage.child("a"), family, stage.child("d")], strategy="rest_for_one") as root:
        stage.take()
        stage.crash("b")
        await until(lambda: node(root, "family").restarts == 1 and node(root, "d").restarts == 1)
        assert stage.take() == ["xb", "-c", "-d", "+b", "+c", "+d"]
        assert "GaveUp" in str(node(root, "family").last_error)


async def test_when_the_children_of_the_root_crash_too_often_it_ends_and_nothing_runs(stage: Stage) -> None:
    family = nested("family", [stage.child("b")], max_restarts=0)
    async with supervised("root", [stage.child("a"), family]) as root:
        for lives in (0, 1, 2, 3):
            await until(lambda lives=lives: node(root, "family").restarts == lives)
            stage.crash("b")
        with pytest.raises(GaveUp, match="root gives up: family"):
            await asyncio.wait_for(root.ended, PATIENCE)
        assert stage.notes[-1] == "-a"


async def test_one_that_takes_too_long_to_stop_is_cancelled_and_the_others_still_stop(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    @asynccontextmanager
    async def stubborn() -> AsyncGenerator[None]:
        yield
        try:
            await asyncio.Event().wait()
        finally:
            stage.notes.append("cancelled")

    async with supervised("root", [stage.child("a"), ChildSpec("b", stubborn, shutdown=0.01)]):
        pass
    assert stage.notes == ["+a", "cancelled", "-a"]
    assert "b did not stop within 0.01 s" in caplog.text


async def test_one_whose_stop_fails_keeps_no_other_from_stopping(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    @asynccontextmanager
    async def failing() -> AsyncGenerator[None]:
        yield
        raise ZeroDivisionError

    async with supervised("root", [stage.child("a"), ChildSpec("b", failing)]):
        pass
    assert stage.notes == ["+a", "-a"]
    assert "b did not stop as it should" in caplog.text


async def test_a_stop_does_not_wait_for_a_start_that_hangs(stage: Stage) -> None:
    hangs = asyncio.Event()

    @asynccontextmanager
    async def hanging() -> AsyncGenerator[None]:
        if stage.notes.count("+a") > 1:
            hangs.set()
            await asyncio.Event().wait()
        yield

    async with supervised("root", [stage.child("a"), ChildSpec("b", hanging)], strategy="one_for_all") as root:
        root.kill("a")
        await asyncio.wait_for(hangs.wait(), PATIENCE)
        assert node(root, "b").state == "starting"
    assert stage.notes == ["+a", "!a", "+a", "-a"]


async def test_two_children_of_one_name_are_refused(stage: Stage) -> None:
    with pytest.raises(AlreadyThere):
        async with supervised("root", [stage.child("a"), stage.child("a")]):
            pass


async def test_with_backoff_the_restart_waits(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    loop, waits = asyncio.get_running_loop(), list[float]()
    later = loop.call_later

    def at_once(delay: float, callback: object, *arguments: object, **options: object) -> asyncio.TimerHandle:
        if "come_back" in getattr(callback, "__qualname__", ""):
            waits.append(delay)
            delay = 0
        return later(delay, callback, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(loop, "call_later", at_once)
    async with supervised("root", [stage.child("a")], backoff=True) as root:
        for life in (1, 2, 3):
            root.kill("a")
            await until(lambda life=life: node(root, "a").restarts == life)
    assert waits == [1, 2, 4]


async def test_a_child_that_was_killed_while_it_starts_again_is_tried_once_more() -> None:
    starts: list[asyncio.Task[None] | None] = []

    @asynccontextmanager
    async def slow() -> AsyncGenerator[None]:
        starts.append(asyncio.current_task())
        if len(starts) == 2:
            await asyncio.Event().wait()
        yield

    async with supervised("root", [ChildSpec("a", slow)]) as root:
        root.kill("a")
        await until(lambda: len(starts) == 2)
        assert starts[1] is not None
        starts[1].cancel()
        await until(lambda: len(starts) == 3)
        await until(lambda: node(root, "a").state == "running")


async def test_who_asks_for_a_child_that_ends_at_once_hears_of_it() -> None:
    async def nothing() -> AsyncGenerator[None]:
        return
        yield

    async with supervised("root", []) as root:
        with pytest.raises((RuntimeError, Killed)):
            await root.start_child(ChildSpec("a", asynccontextmanager(partial(nothing))))

"""Children that come and go, names, and work that is left to itself."""

from __future__ import annotations

import asyncio

import pytest

from myapp.kit.supervisor import AlreadyThere, Registry, Tasks, TooManyChildren, dynamic
from tests.kit.supervisor.pieces import Stage, node, until
from tests.kit.supervisor.test_server import Counter


async def test_children_come_and_those_that_have_ended_for_good_are_forgotten() -> None:
    stage = Stage()
    async with dynamic("rooms", max_children=3) as rooms:
        for name in "abc":
            await rooms.start_child(stage.child(name, "transient"))
        with pytest.raises(TooManyChildren):
            await rooms.start_child(stage.child("d"))
        stage.crash("a")
        await until(lambda: node(rooms, "a").restarts == 1)
        stage.end("a")
        await rooms.terminate_child("b")
        await until(lambda: [each.id for each in rooms.tree()] == ["c"])
        await rooms.start_child(stage.child("a"))
    assert stage.notes[-2:] == ["-a", "-c"]


async def test_a_name_is_known_until_its_owner_ends() -> None:
    registry = Registry[int]()
    async with Counter.running() as owner:
        registry.register("room", 1, owner=owner)
        forget = registry.register("room", 2)
        assert (registry.lookup("room"), registry.whereis("room"), registry.keys()) == ([1, 2], 1, ["room"])
    await until(lambda: registry.lookup("room") == [2])
    forget()
    forget()
    assert (registry.whereis("room"), registry.keys()) == (None, [])


async def test_a_unique_name_is_given_once_at_a_time() -> None:
    registry = Registry[int](unique=True)
    forget = registry.register("room", 1)
    with pytest.raises(AlreadyThere):
        registry.register("room", 2)
    forget()
    registry.register("room", 2)
    assert registry.whereis("room") == 2


async def test_work_outlives_who_began_it_and_an_error_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    done: list[str] = []
    goes_on = asyncio.Event()

    async def work(name: str) -> None:
        await goes_on.wait()
        done.append(name)
        if name == "fails":
            raise ZeroDivisionError

    async def begin(tasks: Tasks) -> None:
        tasks.start(work("works"), name="works")
        tasks.start(work("fails"), name="fails")

    async with Tasks().running() as tasks:
        await asyncio.create_task(begin(tasks))
        assert tasks.details() == {"running": "works, fails"}
        goes_on.set()
    assert done == ["works", "fails"]
    assert "the task 'fails' failed" in caplog.text
    with pytest.raises(RuntimeError, match="too late"):
        tasks.start(work("too late"), name="too late")


async def test_what_is_late_is_cancelled_the_last_first() -> None:
    ended: list[str] = []

    async def work(name: str) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(name)

    async with Tasks(grace=0.01).running() as tasks:
        for name in ("first", "second"):
            tasks.start(work(name), name=name)
    assert ended == ["second", "first"]
    assert len(tasks) == 0

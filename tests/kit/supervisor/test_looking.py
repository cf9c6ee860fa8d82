"""What is found out about actors and tasks when somebody looks."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import override

import pytest

from myapp.kit.supervisor import (
    ChildSpec,
    Down,
    Killed,
    NotAlive,
    Reply,
    Server,
    Tasks,
    actor,
    actors,
    child_of,
    held,
    monitor,
    nested,
    size_of,
    stands_at,
    supervised,
)  # fmt: skip
from tests.kit.supervisor.pieces import node, until


class Kitchen(Server[None]):
    """Keeps nothing, cooks when told to, and says when it was closed."""

    def __init__(self) -> None:
        super().__init__()
        self.may_go_on = asyncio.Event()
        self.reasons: list[BaseException | None] = []

    @override
    async def init(self) -> None: ...

    @override
    async def handle_call(self, request: object, state: None) -> Reply[None]:
        return Reply("open", state)

    @override
    async def handle_cast(self, request: object, state: None) -> None:
        await self._cook()

    async def _cook(self) -> None:
        await self.may_go_on.wait()

    @override
    async def terminate(self, reason: BaseException | None, state: None) -> None:
        self.reasons.append(reason)


async def test_an_actor_is_known_from_its_start_to_its_end_with_what_it_does_and_where() -> None:
    assert actors() == []
    async with supervised("root", [nested("house", [ChildSpec("kitchen", Kitchen.running)])]) as root:
        kitchen = root.child("house/kitchen")
        assert isinstance(kitchen, Kitchen)
        assert (kitchen.child, kitchen.callback, kitchen.stands_at) == ("house/kitchen", "", "")
        for name in (kitchen.number, "house/kitchen", "Kitchen"):
            assert actor(name) is kitchen
        kitchen.cast("cook")
        kitchen.cast("cook again")
        await until(lambda: kitchen.callback)
        assert kitchen.callback == "handle_cast"
        assert "test_looking.py:" in kitchen.stands_at
        assert kitchen.stands_at.endswith(" in Kitchen._cook"), "the innermost line that is not Python's own"
        assert kitchen.messages() == ["cook again"]
        kitchen.may_go_on.set()
    assert actors() == []
    with pytest.raises(LookupError, match="no actors are called Kitchen"):
        actor("Kitchen")


async def test_two_of_one_name_are_told_apart_by_their_numbers() -> None:
    async with Kitchen.running() as one, Kitchen.running() as other:
        assert actors() == [one, other]
        with pytest.raises(LookupError, match=f"several.*{one.number} Kitchen, {other.number} Kitchen"):
            actor("Kitchen")
        assert actor(other.number) is other


async def test_one_that_keeps_nothing_puts_things_away_too_and_one_that_was_killed_has_not_ended_well() -> None:
    heard: list[Down] = []
    async with supervised("root", [ChildSpec("kitchen", Kitchen.running)]) as root:
        kitchen = root.child("kitchen")
        assert isinstance(kitchen, Kitchen)
        monitor(kitchen, heard.append)
        root.kill("kitchen")
        await until(lambda: node(root, "kitchen").restarts == 1)
        assert [type(each) for each in kitchen.reasons] == [Killed]
        assert [type(each.reason) for each in heard] == [Killed]
        with pytest.raises(NotAlive):
            await kitchen.call("open?")
        again = root.child("kitchen")
        assert isinstance(again, Kitchen)
    assert again.reasons == [None]


async def test_tasks_know_the_child_that_began_them_also_after_a_restart_and_in_tasks_of_their_own() -> None:
    begun: dict[str, asyncio.Task[None]] = {}

    async def wait() -> None:
        await asyncio.Event().wait()

    @asynccontextmanager
    async def child() -> AsyncGenerator[None]:
        begun["loop"] = asyncio.create_task(wait())
        try:
            async with Tasks(grace=0).running() as tasks:
                begun["work"] = tasks.start(wait(), name="work")
                yield
        finally:
            begun["loop"].cancel()

    async with supervised("root", [nested("house", [ChildSpec("cook", child)])]) as root:
        for lives in (0, 1):
            assert {name: child_of(task) for name, task in begun.items()} == dict.fromkeys(begun, "house/cook")
            if not lives:
                root.kill("house/cook")
                await until(lambda: node(root, "house/cook").restarts == 1)
        assert stands_at(begun["work"]).endswith(".wait")
        assert size_of(begun["work"]) > 0
    nobodys = asyncio.create_task(wait())
    assert child_of(nobodys) == ""
    nobodys.cancel()


async def test_what_is_held_is_counted_once_and_without_what_belongs_to_others() -> None:
    large = bytes(100_000)
    assert 100_000 < held([large, large]).size < 101_000
    assert held([large], most=1) == (held([]).size + 8, False)
    async with Kitchen.running() as kitchen:
        vars(kitchen)["stock"] = large
        assert held([kitchen, Kitchen, test_two_of_one_name_are_told_apart_by_their_numbers, gc]).size < 1_000

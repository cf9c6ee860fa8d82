"""What runs: the tree is shown as it is, a child that is killed comes back, and tasks of one kind are one line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from functools import partial

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from myapp import ops
from myapp.kit.clock import new_id
from myapp.kit.errors import NotFound
from myapp.kit.scope import Scope
from myapp.kit.supervisor import Agent, ChildSpec, Supervisor
from myapp.ops import AuditFilter
from myapp.ops.processes import AT_ONCE, own_children, own_running
from tests.kit.supervisor.pieces import node, until
from tests.ops.trees import grown, pot_is_back

OPERATOR = Scope(new_id(), is_operator=True)


@pytest.fixture
async def root() -> AsyncGenerator[Supervisor]:
    async with grown() as root:
        yield root


async def test_the_tree_is_listed_from_top_to_bottom(root: Supervisor) -> None:
    children = list(own_children())
    assert [(each.path, each.depth, each.is_supervisor) for each in children] == [
        ("kettle", 0, False), ("table", 0, True), ("table/pot", 1, False),
    ]  # fmt: skip
    assert {each.state for each in children} == {"running"}
    assert [each.details for each in children] == ["cups: 2", "", "cups: 2"]


async def test_a_child_that_is_killed_comes_back_and_that_is_noted(root: Supervisor, db: AsyncConnection) -> None:
    before = root.child("table/pot")
    await ops.kill_child(OPERATOR, "table/pot")
    await pot_is_back(root)
    assert root.child("table/pot") is not before
    [entry] = (await ops.list_audit(OPERATOR, AuditFilter(what="ops.child.killed"))).entries
    assert (entry.subject_id, entry.actor_id) == ("table/pot", OPERATOR.user_id)


async def test_what_is_no_child_is_not_found_nor_noted(root: Supervisor, db: AsyncConnection) -> None:
    for path in ("", "spoon", "table/spoon", "kettle/pot"):
        with pytest.raises(NotFound):
            await ops.kill_child(OPERATOR, path)
    assert (await ops.list_audit(OPERATOR, AuditFilter(what="ops.child"))).entries == []


async def test_tasks_of_one_kind_at_one_place_are_one_line(root: Supervisor) -> None:
    gate = asyncio.Event()

    async def pour() -> None:
        await gate.wait()

    tasks = [asyncio.create_task(pour(), name=f"cup {number}") for number in range(3)]
    await asyncio.sleep(0)
    [found] = [each for each in (await own_running()).tasks if each.function.endswith("pour")]
    assert (found.name, found.count) == ("cup …", 3)
    assert "test_processes.py:" in found.place
    gate.set()
    await asyncio.gather(*tasks)


async def test_tasks_know_their_child_and_a_child_how_many_it_has(root: Supervisor) -> None:
    children = {each.path: each.tasks for each in list(own_children())}
    assert children["table/pot"] == 1
    [found] = [each for each in (await own_running()).tasks if each.child == "table/pot"]
    assert (found.name, found.state, found.count) == ("table/pot", "waits", 1)
    assert found.memory > 0
    [own] = [each for each in (await own_running()).tasks if each.state == "runs"]
    assert "test_processes.py:" in own.place


async def test_an_actor_is_shown_with_its_child_its_mailbox_and_what_it_holds(root: Supervisor) -> None:
    await root.start_child(ChildSpec("cup", partial(Agent[bytes].running, lambda: bytes(5000))))
    cup = root.child("cup")
    assert isinstance(cup, Agent)
    cup.send("steam")
    [found] = (await own_running()).actors
    assert (found.kind, found.child, found.doing, found.mailbox, found.restarts) == ("Agent", "cup", "", 1, 0)
    assert 5000 < found.memory < 6000
    assert not found.is_more

    root.kill("cup")
    await until(lambda: node(root, "cup").restarts == 1)
    [again] = (await own_running()).actors
    assert (again.restarts, again.number > found.number, again.since > found.since) == (1, True, True)


async def test_others_go_on_while_many_tasks_and_actors_are_looked_at(root: Supervisor) -> None:
    gate = asyncio.Event()
    turns = 0

    async def wait() -> None:
        await gate.wait()

    async def count() -> None:
        nonlocal turns
        while not gate.is_set():
            turns += 1
            await asyncio.sleep(0)

    async with AsyncExitStack() as stack:
        for _ in range(20):
            await stack.enter_async_context(Agent[int].running(int))
        tasks = [asyncio.create_task(wait()) for _ in range(3 * AT_ONCE)]
        counting = asyncio.create_task(count())
        before = turns
        assert len((await own_running()).actors) == 20
        assert turns - before >= 20 + 3
        gate.set()
        await asyncio.gather(*tasks, counting)

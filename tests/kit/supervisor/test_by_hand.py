"""What runs is seen, stopped, started and added to by hand."""

from __future__ import annotations

import asyncio

import pytest

from myapp.kit.supervisor import AlreadyThere, NoSuchChild, nested, supervised
from tests.kit.supervisor.pieces import Stage, node


@pytest.fixture
async def stage() -> Stage:
    return Stage()


async def test_a_child_that_was_stopped_by_hand_can_be_started_again_or_forgotten(stage: Stage) -> None:
    async with supervised("root", [stage.child("a"), stage.child("b")]) as root:
        await root.terminate_child("a")
        assert node(root, "a").state == "stopped"
        await root.restart_child("a")
        assert node(root, "a").state == "running"
        with pytest.raises(AlreadyThere):
            await root.restart_child("a")
        with pytest.raises(AlreadyThere):
            await root.delete_child("a")
        await root.terminate_child("a")
        await root.delete_child("a")
        assert [each.id for each in root.tree()] == ["b"]
        for asked in (root.terminate_child, root.restart_child, root.delete_child):
            with pytest.raises(NoSuchChild):
                await asked("a")
    assert stage.notes == ["+a", "+b", "-a", "+a", "-a", "-b"]


async def test_one_more_child_stops_before_those_that_were_there(stage: Stage) -> None:
    async with supervised("root", [stage.child("a")]) as root:
        assert isinstance(await root.start_child(stage.child("b")), asyncio.Future)
        with pytest.raises(AlreadyThere):
            await root.start_child(stage.child("b"))
        stage.broken = {"c"}
        with pytest.raises(ZeroDivisionError):
            await root.start_child(stage.child("c"))
        assert [each.id for each in root.tree()] == ["a", "b"]
    assert stage.notes == ["+a", "+b", "c fails", "-b", "-a"]
    with pytest.raises(NoSuchChild):
        await root.start_child(stage.child("d"))


async def test_the_tree_says_what_runs_where_and_since_when(stage: Stage) -> None:
    family = nested("family", [stage.child("b")], strategy="one_for_all")
    async with supervised("root", [stage.child("a", "transient"), family]) as root:
        a, above = root.tree()
        assert (a.path, a.kind, a.state, a.restarts, a.task, a.restart) == (
            "a",
            "worker",
            "running",
            0,
            "root/a",
            "transient",
        )
        assert (above.kind, above.strategy) == ("supervisor", "one_for_all")
        [b] = above.children
        assert (b.path, b.task) == ("family/b", "family/b")
        assert b.since.tzinfo is not None
        for path in ("c", "a/b", "family/c"):
            with pytest.raises(NoSuchChild):
                root.kill(path)

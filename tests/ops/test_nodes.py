"""The processes of the site say how they are when they are asked, and only then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from myapp import ops
from myapp.kit import pubsub
from myapp.kit.clock import new_id, now
from myapp.kit.pubsub import PubSub
from myapp.kit.scope import Scope
from myapp.ops import Node, nodes

OPERATOR = Scope(new_id(), is_operator=True)


@pytest.fixture
def told() -> Iterator[list[object]]:
    """What goes over PubSub about processes."""
    events: list[object] = []
    subscription = pubsub.subscribe(nodes.TOPIC, lambda _topic, event: events.append(event))
    yield events
    subscription.cancel()


def other(name: str = "elsewhere:7") -> Node:
    return Node(name, "worker", now() - timedelta(days=1), 1, None, None, 1, None, None, None, None)


async def test_a_process_answers_who_asks_but_not_all_the_time(told: list[object]) -> None:
    async with ops.answering("web"):
        for _ in range(5):
            pubsub.broadcast(nodes.TOPIC, nodes.NodesAsked())
    [answer] = [event for event in told if isinstance(event, Node)]
    assert (answer.mode, answer.memory > 1_000_000, answer.tasks > 0) == ("web", True, True)


async def test_nobody_says_anything_unasked(told: list[object]) -> None:
    async with ops.answering("web"):
        pass
    pubsub.broadcast(nodes.TOPIC, nodes.NodesAsked())
    assert [event for event in told if isinstance(event, Node)] == []


async def test_this_process_comes_first_and_others_as_they_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    async with ops.answering("web"):
        assert len(await ops.list_nodes(OPERATOR)) == 1
        pubsub.broadcast(nodes.TOPIC, other())
        assert [each.mode for each in await ops.list_nodes(OPERATOR)] == ["web", "worker"]
        monkeypatch.setattr(nodes, "GONE", -1.0)
        assert [each.mode for each in await ops.list_nodes(OPERATOR)] == ["web"]


async def test_an_answer_passes_between_processes(hub: PubSub) -> None:
    lines: list[str] = []
    hub.send = lines.append
    pubsub.broadcast(nodes.TOPIC, other())
    [line] = lines
    assert " ops.nodes.answered " in line

"""What runs in this process: the tree of its supervisors, and the tasks of its event loop.

A child that is killed crashes as it would by itself: its supervisor restarts it, with what its strategy says.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from types import FrameType
from typing import Any

from myapp.kit import audit, supervisor
from myapp.kit.errors import NotFound
from myapp.kit.query_log import ROOT
from myapp.kit.repo import after_commit, transaction
from myapp.kit.scope import Scope
from myapp.ops import policy

MOST = 300
_NUMBERS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+")


@dataclass(frozen=True, slots=True)
class SupervisedChild:
    """A child of the tree, and how deep it stands in it; `details` is what it says of itself."""

    path: str
    name: str
    depth: int
    is_supervisor: bool
    state: str
    restarts: int
    since: datetime
    last_error: str
    strategy: str
    details: str


@dataclass(frozen=True, slots=True)
class TaskGroup:
    """Tasks that do the same at the same place, and how many there are. `place` is where they wait."""

    name: str
    function: str
    place: str
    count: int


async def list_children(scope: Scope) -> list[SupervisedChild]:
    """The tree from top to bottom, each child before what is beneath it. Raises Forbidden, Unauthenticated."""
    policy.authorise(scope, "see_operations")
    return list(_walk(supervisor.root().tree(), 0))


async def kill_child(scope: Scope, path: str) -> None:
    """Let a child crash, once that is noted. Raises NotFound, Forbidden, Unauthenticated."""
    acting = policy.authorise(scope, "run_operations")
    root = supervisor.root()
    if all(child.path != path for child in _walk(root.tree(), 0)):
        raise NotFound
    async with transaction(acting):
        await audit.record(acting, "ops.child.killed", "child", path)
        after_commit(lambda: root.kill(path))


async def list_tasks(scope: Scope) -> list[TaskGroup]:
    """What the event loop has to do, the most numerous first; 300 kinds at most. Raises Forbidden, Unauthenticated."""
    policy.authorise(scope, "see_operations")
    kinds = Counter(_kind(task) for task in asyncio.all_tasks())
    return [TaskGroup(*kind, count) for kind, count in kinds.most_common(MOST)]


def _walk(nodes: tuple[supervisor.Node, ...], depth: int) -> Iterator[SupervisedChild]:
    for node in nodes:
        yield SupervisedChild(
            path=node.path,
            name=node.id,
            depth=depth,
            is_supervisor=node.kind == "supervisor",
            state=node.state,
            restarts=node.restarts,
            since=node.since,
            last_error=node.last_error or "",
            strategy=node.strategy or "",
            details=", ".join(f"{name}: {value}" for name, value in node.details.items()),
        )
        yield from _walk(node.children, depth + 1)


def _kind(task: asyncio.Task[Any]) -> tuple[str, str, str]:
    """Its name without numbers, the function it runs, and where that waits."""
    coroutine: Any = task.get_coro()
    function = getattr(coroutine, "__qualname__", type(coroutine).__name__)
    name = task.get_name()
    named = "" if name.startswith("Task-") else _NUMBERS.sub("…", name)
    return named, function, _place(task.get_stack(limit=1))


def _place(stack: list[FrameType]) -> str:
    if not stack:
        return ""
    frame = stack[-1]
    path = frame.f_code.co_filename
    shown = path.removeprefix(f"{ROOT}/") if path.startswith(f"{ROOT}/myapp") else "/".join(path.split("/")[-2:])
    return f"{shown}:{frame.f_lineno}"

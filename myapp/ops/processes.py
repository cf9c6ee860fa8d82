"""What runs in a process: the tree of its supervisors, the actors, and the tasks of its event loop.

Everything is found out when somebody asks, and nothing is collected before. What somebody holds is an estimate: of an
actor what its state and its messages refer to (`supervisor.held`), of a task the frames of its coroutines.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from myapp.kit import supervisor

MOST = 300
AT_ONCE = 250  # tasks that are looked at before others go on, as there may be some for each open page
MOST_OBJECTS = 50_000  # of all actors together that one reading looks at
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
    tasks: int


@dataclass(frozen=True, slots=True)
class Actor:
    """A server with a mailbox. `doing` is the callback that runs, at `place`; both are "" while it waits for a message.

    `memory` is in bytes, and `is_more` where there was too much to look at. `child` is the path of the child of the
    tree that began it, which has been restarted so many times.
    """

    number: int
    kind: str
    child: str
    doing: str
    place: str
    mailbox: int
    memory: int
    is_more: bool
    restarts: int
    since: datetime


@dataclass(frozen=True, slots=True)
class TaskGroup:
    """Tasks that do the same at the same place, and how many there are. `place` is where they wait.

    `memory` is that of all of them, in bytes; `child` the path of the child that began them, "" for what a request did.
    """

    name: str
    function: str
    place: str
    child: str
    state: Literal["waits", "runs", "is to end"]
    count: int
    memory: int


@dataclass(frozen=True, slots=True)
class Running:
    """What runs in a process at one moment: the tree from top to bottom, each child before what is beneath it, those of
    its actors that are alive, the oldest first, and what its event loop has to do, the most numerous first; of both 300
    at most.
    """

    children: list[SupervisedChild]
    actors: list[Actor]
    tasks: list[TaskGroup]


async def own_running() -> Running:
    """What runs here. Others go on while it looks."""
    return Running(list(own_children()), await _actors(), await _tasks())


def own_children() -> Iterator[SupervisedChild]:
    """The tree of this process."""
    return _walk(supervisor.root().tree(), 0, Counter(supervisor.child_of(task) for task in asyncio.all_tasks()))


async def _actors() -> list[Actor]:
    alive = supervisor.actors()[:MOST]
    restarts = {each.path: each.restarts for each in _walk(supervisor.root().tree(), 0, Counter())} if alive else {}
    each_may = max(1, MOST_OBJECTS // max(1, len(alive)))
    found: list[Actor] = []
    for each in alive:
        found.append(_actor(each, restarts, each_may))
        await asyncio.sleep(0)  # others go on between two of them
    return found


async def _tasks() -> list[TaskGroup]:
    kinds, sizes = Counter[_Kind](), Counter[_Kind]()
    for number, task in enumerate(asyncio.all_tasks(), 1):
        if number % AT_ONCE == 0:
            await asyncio.sleep(0)
        kind = _kind(task)
        kinds[kind] += 1
        sizes[kind] += supervisor.size_of(task)
    return [TaskGroup(*kind, count, sizes[kind]) for kind, count in kinds.most_common(MOST)]


def _actor(actor: supervisor.Actor, restarts: Mapping[str, int], most: int) -> Actor:
    messages = actor.messages()
    held = supervisor.held(actor.state, *messages, most=most)
    return Actor(
        number=actor.number,
        kind=type(actor).__name__,
        child=actor.child,
        doing=actor.callback,
        place=actor.stands_at,
        mailbox=len(messages),
        memory=held.size,
        is_more=not held.is_all,
        restarts=restarts.get(actor.child, 0),
        since=actor.since,
    )


def _walk(nodes: tuple[supervisor.Node, ...], depth: int, tasks: Mapping[str, int]) -> Iterator[SupervisedChild]:
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
            tasks=tasks.get(node.path, 0),
        )
        yield from _walk(node.children, depth + 1, tasks)


type _Kind = tuple[str, str, str, str, Literal["waits", "runs", "is to end"]]


def _kind(task: asyncio.Task[Any]) -> _Kind:
    """Its name without numbers, the function it runs, where that waits, whose it is, and how it is doing."""
    coroutine: Any = task.get_coro()
    function = getattr(coroutine, "__qualname__", type(coroutine).__name__)
    name = task.get_name()
    named = "" if name.startswith("Task-") else _NUMBERS.sub("…", name)
    is_here = task is asyncio.current_task()
    state = "is to end" if task.cancelling() else "runs" if is_here else "waits"
    return named, function, supervisor.stands_at(task), supervisor.child_of(task), state

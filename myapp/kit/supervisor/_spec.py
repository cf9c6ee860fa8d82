"""What a supervisor is told about a child, and what it tells about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

type Restart = Literal["permanent", "transient", "temporary"]
"""Restarted always, after a crash only, or never."""

type Strategy = Literal["one_for_one", "one_for_all", "rest_for_one"]
"""What else is restarted with a child that ended: nothing, everything, or all that was started after it."""

type State = Literal["starting", "running", "restarting", "stopping", "stopped"]

SHUTDOWN = 5.0


@dataclass(frozen=True, slots=True)
class ChildSpec:
    """A child: `start()` is entered in a task of its own when it starts, and left when it stops.

    It has crashed when that task ends with an error or is cancelled. What the context manager yields may say when the
    child ends by itself: a Future (or Task), or something that has one as `ended`. `shutdown` is how many seconds it
    may take to stop before it is cancelled; None for as long as it takes, 0 for at once.
    """

    id: str
    start: Callable[[], AbstractAsyncContextManager[object]]
    restart: Restart = "permanent"
    shutdown: float | None = SHUTDOWN


@dataclass(frozen=True, slots=True)
class Node:
    """How a child, and what is beneath it, is doing. `path` is what `kill` takes; `since` when its state began."""

    path: str
    id: str
    kind: Literal["supervisor", "worker"]
    state: State
    restarts: int
    since: datetime
    last_error: str | None
    task: str | None
    restart: Restart
    strategy: Strategy | None = None
    details: Mapping[str, str] = field(default_factory=dict[str, str])
    children: tuple[Node, ...] = ()


class SupervisorError(Exception):
    """What was asked of a supervisor cannot be done."""


class NoSuchChild(SupervisorError):
    """It has no child of this name, or none that runs."""


class AlreadyThere(SupervisorError):
    """It has a child of this name already."""


class TooManyChildren(SupervisorError):
    """It has as many children as it may have."""


class GaveUp(Exception):
    """A child crashed more often than the supervisor may restart it."""


class Killed(Exception):
    """A child's task was cancelled, and nobody had asked it to stop."""

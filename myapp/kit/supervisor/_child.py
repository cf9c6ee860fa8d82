"""What is remembered of a child over its lives, and what operators are shown of it."""

from __future__ import annotations

from typing import Any, cast

from myapp.kit.clock import now
from myapp.kit.supervisor._run import Run
from myapp.kit.supervisor._spec import ChildSpec, Node, State


class Child:
    """One of a supervisor's."""

    def __init__(self, spec: ChildSpec) -> None:
        self.spec = spec
        self.run: Run | None = None
        self.lives = 0
        self.last_error: str | None = None
        self.since = now()


def node_of(child: Child, above: str, is_restarting: bool, supervisors: type) -> Node:
    """How it is doing, and what is beneath it where it is a supervisor itself."""
    spec, run = child.spec, child.run
    path = f"{above}{spec.id}"
    lives = run is not None and not run.task.done()
    what: Any = run.what if run is not None and lives else None
    is_supervisor = isinstance(what, supervisors)
    details = getattr(what, "details", None)
    return Node(
        path=path,
        id=spec.id,
        kind="supervisor" if is_supervisor else "worker",
        state="restarting" if is_restarting else _state(run),
        restarts=max(0, child.lives - 1),
        since=child.since if run is None else run.since,
        last_error=child.last_error,
        task=run.task.get_name() if run is not None and lives else None,
        restart=spec.restart,
        strategy=what.strategy if is_supervisor else None,
        details=cast("Any", details()) if callable(details) else {},
        children=what.tree(f"{path}/") if is_supervisor else (),
    )


def _state(run: Run | None) -> State:
    return "stopped" if run is None else run.state


def said(error: BaseException) -> str:
    """What an error is called, on one line."""
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__

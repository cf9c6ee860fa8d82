"""How a supervisor is run, by itself or as a child of another."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from myapp.kit.supervisor._rules import Rules
from myapp.kit.supervisor._spec import AlreadyThere, ChildSpec, Restart, Strategy
from myapp.kit.supervisor._supervisor import Supervisor


@asynccontextmanager
async def supervised(
    name: str,
    children: Sequence[ChildSpec],
    *,
    strategy: Strategy = "one_for_one",
    max_restarts: int = 3,
    period: float = 5.0,
    backoff: bool = False,
) -> AsyncGenerator[Supervisor]:
    """Run the children until the end of the block: started in order, restarted when they crash, stopped in reverse.

    Raises what a child's first start raises; nothing runs then. After more than `max_restarts` restarts in `period`
    seconds it stops them all and its `ended` fails with GaveUp. With `backoff` a restart waits 1, 2, 4, … 60 seconds.
    """
    if len({spec.id for spec in children}) < len(children):
        raise AlreadyThere("two children have the same name")
    rules = Rules(
        ((spec.id, spec.restart) for spec in children),
        strategy,
        max_restarts=max_restarts,
        period=period,
        backoff=backoff,
    )
    supervisor = Supervisor(name, children, rules)
    await supervisor.open()
    try:
        yield supervisor
    finally:
        await supervisor.close()


@asynccontextmanager
async def dynamic(
    name: str, *, max_children: int | None = None, max_restarts: int = 3, period: float = 5.0
) -> AsyncGenerator[Supervisor]:
    """A supervisor without children, which are started one by one with `start_child`: `DynamicSupervisor`.

    One that has ended for good, or was stopped, is forgotten. `start_child` raises TooManyChildren, too.
    """
    rules = Rules((), "one_for_one", max_restarts=max_restarts, period=period)
    supervisor = Supervisor(name, (), rules, most=max_children, forgets=True)
    await supervisor.open()
    try:
        yield supervisor
    finally:
        await supervisor.close()


def nested(
    name: str,
    children: Sequence[ChildSpec],
    *,
    strategy: Strategy = "one_for_one",
    max_restarts: int = 3,
    period: float = 5.0,
    backoff: bool = False,
    restart: Restart = "permanent",
) -> ChildSpec:
    """A supervisor as a child of another, which decides what happens when this one gives up."""
    options: dict[str, Any] = {"max_restarts": max_restarts, "period": period, "backoff": backoff}
    start = partial(supervised, name, tuple(children), strategy=strategy, **options)
    return ChildSpec(name, start, restart, shutdown=None)

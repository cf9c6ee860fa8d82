"""Children that note what happens to them, and that can be told to crash."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from functools import partial

from myapp.kit.supervisor import ChildSpec, Node, Restart, Supervisor

PATIENCE = 30.0


class Stage:
    """What its children did, in order."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.broken: set[str] = set()
        self.ends: dict[str, asyncio.Future[None]] = {}

    def child(self, name: str, restart: Restart = "permanent", shutdown: float | None = 5.0) -> ChildSpec:
        return ChildSpec(name, partial(self._run, name), restart, shutdown)

    def crash(self, name: str) -> None:
        self.ends[name].set_exception(ZeroDivisionError(name))

    def end(self, name: str) -> None:
        self.ends[name].set_result(None)

    def take(self) -> list[str]:
        """What has happened since this was asked last."""
        notes, self.notes = self.notes, []
        return notes

    @asynccontextmanager
    async def _run(self, name: str) -> AsyncGenerator[asyncio.Future[None]]:
        await asyncio.sleep(0)
        if name in self.broken:
            self.notes.append(f"{name} fails")
            raise ZeroDivisionError(name)
        self.notes.append(f"+{name}")
        self.ends[name] = asyncio.get_running_loop().create_future()
        try:
            yield self.ends[name]
        except asyncio.CancelledError:
            self.notes.append(f"!{name}")
            raise
        except ZeroDivisionError:
            self.notes.append(f"x{name}")
            raise
        await asyncio.sleep(0)
        self.notes.append(f"-{name}")


async def until(condition: Callable[[], object]) -> None:
    """Let the loop turn until it holds."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.001)


def node(supervisor: Supervisor, path: str) -> Node:
    """How the child at `path` is doing."""
    nodes = supervisor.tree()
    found: Node | None = None
    for name in path.split("/"):
        found = next(each for each in nodes if each.id == name)
        nodes = found.children
    assert found is not None
    return found

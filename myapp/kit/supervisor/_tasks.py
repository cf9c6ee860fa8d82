"""Work that is begun and left to itself: it outlives who began it, and the process waits for it when it stops.

tasks = Tasks()
ChildSpec("tasks", tasks.running, shutdown=15)
tasks.start(send_report(report), name="send report")

An error is logged and takes nothing along: Elixir's `Task.Supervisor.start_child`. What must not be lost is a job.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Coroutine, Mapping
from contextlib import asynccontextmanager
from contextvars import Context
from typing import Any

from myapp.kit.supervisor._standing import current_child

log = logging.getLogger(__name__)

GRACE = 10.0
"""Seconds that what is under way is given when the process stops."""


class Tasks:
    """What was begun and has not ended, in the order in which it was."""

    def __init__(self, *, grace: float = GRACE) -> None:
        self._grace = grace
        self._is_up = False
        self._child = ""
        self._running: dict[asyncio.Task[Any], None] = {}

    def __len__(self) -> int:
        return len(self._running)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[Tasks]:
        """Take work until the end of the block; then wait for it, and cancel what is late, the last first."""
        self._is_up, self._child = True, current_child.get()
        try:
            yield self
            self._is_up = False
            if self._running:
                await asyncio.wait(self._running, timeout=self._grace)
        finally:
            self._is_up = False
            for late in reversed(list(self._running)):
                late.cancel()
                await asyncio.wait({late})

    def start[T](self, work: Coroutine[Any, Any, T], *, name: str) -> asyncio.Task[T]:
        """Begin it, outside of the transaction and the request that are under way. Raises RuntimeError at the end."""
        if not self._is_up:
            work.close()
            raise RuntimeError(f"{name} cannot begin: the tasks are not running")
        context = Context()
        context.run(current_child.set, self._child)
        task = asyncio.create_task(work, name=name, context=context)
        self._running[task] = None
        task.add_done_callback(self._ended)
        return task

    def details(self) -> Mapping[str, str]:
        """What operators are shown of it."""
        return {"running": ", ".join(task.get_name() for task in self._running)}

    def _ended(self, task: asyncio.Task[Any]) -> None:
        del self._running[task]
        error = None if task.cancelled() else task.exception()
        if error is not None:
            log.error("the task %r failed", task.get_name(), exc_info=error)

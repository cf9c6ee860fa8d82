"""One life of a child: a task that enters its context manager, and leaves it when it is asked to, or has to."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import cast

from myapp.kit.clock import now
from myapp.kit.supervisor._spec import ChildSpec, Killed, State
from myapp.kit.supervisor._standing import current_child

log = logging.getLogger(__name__)

LAST_WORDS = 5.0
"""Seconds that a cancelled child is waited for, before it is left to itself."""

_left: set[asyncio.Task[None]] = set()
"""What does not end although it was cancelled: it runs on, also when nobody else knows of it any more."""


class Run:
    """`on_end` is called when it has ended, however it ended, unless its start was never completed."""

    def __init__(self, spec: ChildSpec, name: str, on_end: Callable[[Run], None]) -> None:
        loop = asyncio.get_running_loop()
        self.spec = spec
        self.what: object = None
        self.is_up = False
        self.is_killed = False
        self.since = now()
        self._is_asked = False
        self._over: asyncio.Future[None] = loop.create_future()
        self._up: asyncio.Future[None] = loop.create_future()
        self._on_end = on_end
        self.task = asyncio.create_task(self._live(), name=name)
        self.task.add_done_callback(self._ended)

    @property
    def state(self) -> State:
        if self.task.done():
            return "stopped"
        if self._is_asked:
            return "stopping"
        return "running" if self.is_up else "starting"

    @property
    def error(self) -> BaseException | None:
        """What it crashed of, once it has ended."""
        if self.task.cancelled():
            return Killed(f"{self.spec.id} was killed")
        return self.task.exception()

    async def up(self) -> None:
        """Wait until it runs. Raises what its start raises."""
        await asyncio.wait({self._up, self.task}, return_when=asyncio.FIRST_COMPLETED)
        if not self.is_up:
            error = self.error
            raise error if error is not None else RuntimeError(f"{self.spec.id} ended before it ran")

    async def stop(self) -> None:
        """Ask it to end, and wait for that; it is cancelled when it takes longer than it may. May be called twice."""
        self._is_asked = True
        self._finish()
        if not self.is_up or self.spec.shutdown == 0:
            self.task.cancel()
        elif not (await asyncio.wait({self.task}, timeout=self.spec.shutdown))[0]:
            log.warning("%s did not stop within %s s, and is cancelled", self.spec.id, self.spec.shutdown)
            self.task.cancel()
        if not (await asyncio.wait({self.task}, timeout=LAST_WORDS))[0]:
            log.error("%s does not end, and is left to itself", self.spec.id)
            _left.add(self.task)
            self.task.add_done_callback(_left.discard)

    def kill(self) -> None:
        """Let it crash at once, by hand."""
        self.is_killed = True
        self.task.cancel()

    async def _live(self) -> None:
        above = current_child.get()
        current_child.set(f"{above}/{self.spec.id}" if above else self.spec.id)
        async with self.spec.start() as self.what:
            self.is_up, self.since = True, now()
            self._up.set_result(None)
            log.debug("%s is up", self.spec.id)
            if (end := _end_of(self.what)) is not None:
                end.add_done_callback(self._ended_by_itself)
            await self._over

    def _ended_by_itself(self, end: asyncio.Future[object]) -> None:
        if end.cancelled():
            self._finish(Killed(f"{self.spec.id} was killed"))
        else:
            self._finish(end.exception())

    def _finish(self, error: BaseException | None = None) -> None:
        if self._over.done():
            return
        if error is None:
            self._over.set_result(None)
        else:
            self._over.set_exception(error)
            self._over.exception()  # somebody has seen it, also if it is no longer waited for

    def _ended(self, task: asyncio.Task[None]) -> None:
        self.since = now()
        error = None if task.cancelled() else task.exception()
        if self._is_asked:
            if error is not None:
                log.error("%s did not stop as it should", self.spec.id, exc_info=error)
        elif self.is_up:
            self._on_end(self)


def _end_of(what: object) -> asyncio.Future[object] | None:
    """The future that tells when a child ends by itself."""
    end: object = what if isinstance(what, asyncio.Future) else getattr(what, "ended", None)  # pyright: ignore[reportUnknownVariableType]
    return cast("asyncio.Future[object]", end) if isinstance(end, asyncio.Future) else None

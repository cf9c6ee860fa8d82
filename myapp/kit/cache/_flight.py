"""One computation that many wait for."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


class Flight[T]:
    """Runs as long as somebody waits: who is cancelled leaves the others waiting, and the last one cancels it."""

    def __init__(self, work: Coroutine[Any, Any, T]) -> None:
        self.task = asyncio.create_task(work)
        self._waiting = 0

    @property
    def is_given_up(self) -> bool:
        """Nobody waited any more, so it ends without a result."""
        return self.task.cancelling() > 0

    async def join(self) -> T:
        """Its result, or what it raised."""
        self._waiting += 1
        try:
            return await asyncio.shield(self.task)
        finally:
            self._waiting -= 1
            if not self._waiting and not self.task.done():
                self.task.cancel()

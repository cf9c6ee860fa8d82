"""How processes hear of new jobs and of what operators want: Oban's listener, which ends when it is told to."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

import asyncio
from typing import Any

from myapp.kit.jobs._library import Oban, PostgresNotifier, Query, listen

CHANNELS = ("insert", "signal")


class Notifier(PostgresNotifier):
    """Oban's own leaves tasks behind where its connection broke: a second heartbeat, or at its end all of them."""

    def __init__(self, _config: dict[str, Any], query: Query) -> None:
        super().__init__(query=query)
        self._connecting: asyncio.Task[object] | None = None
        self._is_over = False

    async def stop(self) -> None:
        self._is_over = True
        tasks = [task for task in (self._connecting, self._loop_task, self._beat_task) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._conn is not None:
            await self._conn.close()

    async def _connect(self) -> None:
        if self._beat_task is not None:
            self._beat_task.cancel()
        await super()._connect()

    async def _reconnect(self) -> None:
        if not self._is_over:
            self._connecting = asyncio.current_task()
            await super()._reconnect()


async def hears(oban: Oban) -> None:
    """Return once nothing that is said from now on is missed."""
    for channel in CHANNELS:
        await listen(oban, channel)

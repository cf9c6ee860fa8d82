"""Twice a minute jobs are looked for that nobody does any more.

Those of processes that are gone are found by whoever leads. Those that a process which lives has taken and does not do
are found by that process, as nobody else can know: a run that was cut off by nobody knows whom, jobs that were taken
when the line broke and that nobody was told of, what a queue that was stopped could not end.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
from typing import Any

from myapp.kit.jobs import _runtime
from myapp.kit.jobs._library import (
    Producer,
    Query,
    held_by,
    producers_of,
    remind,
    sleep_until_stopped,
    stop_looping,
    uuid_of,
)
from myapp.kit.jobs._options import RESCUE_AFTER
from myapp.kit.jobs._rescue import give_back_runs, rescue, rescue_runs
from myapp.kit.jobs._runtime import Run

EVERY = 30.0  # seconds
_TAKEN = """
SELECT id, timezone('UTC', attempted_at), attempted_by[2] FROM oban_jobs
WHERE state = 'executing' AND attempted_by[2] = ANY(%s)
"""

log = logging.getLogger(__name__)


class Lifeline:
    """In the place of Oban's, which goes by age alone, and looks only where it leads."""

    def __init__(self, config: dict[str, Any], *, leader: Any, query: Query) -> None:
        del config
        self._leader = leader
        self._query = query
        self._stopping = asyncio.Event()
        self._loop_task: asyncio.Task[None] | None = None
        self._producers: dict[str, Producer] = {}
        """Also those that were stopped, until nothing of theirs is left."""

    async def start(self) -> None:
        self._loop_task = asyncio.create_task(self._loop(), name="jobs lifeline", context=contextvars.Context())

    async def stop(self) -> None:
        await stop_looping(self._loop_task, self._stopping)

    async def _loop(self) -> None:
        while not self._stopping.is_set():
            await sleep_until_stopped(self._stopping, EVERY)
            if not self._stopping.is_set():
                try:
                    await self.look()
                except Exception:
                    log.exception("lost jobs could not be looked for; it is tried again in half a minute")

    async def look(self) -> None:
        """Look for them once."""
        await self._find_own()
        if self._leader.is_leader:
            await rescue(self._query, RESCUE_AFTER.total_seconds())

    async def _find_own(self) -> None:
        """What PostgreSQL was told of is held here, too, once nothing is being taken.

        So a row that is not held when the answer has come is lost: until it is given back, nobody else takes it.
        """
        runtime = _runtime.current()
        current = {uuid_of(each): each for each in producers_of(runtime.oban)} if runtime.oban else {}
        self._producers |= current
        broken = frozenset(runtime.broken)
        taken = await self._taken() if self._producers else []
        held = {job_id for producer in self._producers.values() for job_id in held_by(producer)}
        lost = [run for run, taker in taken if run[0] not in held and taker not in runtime.taking]
        await rescue_runs(self._query, [run for run in lost if run in runtime.broken])
        await give_back_runs(self._query, [run for run in lost if run not in runtime.broken])
        runtime.broken -= (broken - {run for run, _ in taken}) | set(lost)
        busy = runtime.taking | {taker for _, taker in taken}
        for uuid, producer in list(self._producers.items()):
            remind(producer)
            if uuid not in current and uuid not in busy and not held_by(producer):
                del self._producers[uuid]

    async def _taken(self) -> list[tuple[Run, str]]:
        """The runs that are under way by what PostgreSQL was told, and which producer took them."""
        async with self._query.connection() as connection:
            rows = await (await connection.execute(_TAKEN, (list(self._producers),))).fetchall()
        return [((job_id, at), taker) for job_id, at, taker in rows]

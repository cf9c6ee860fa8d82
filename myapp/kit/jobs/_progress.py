"""How far a job is: told a few times a second, and kept in its `meta` less often."""

from __future__ import annotations

from time import monotonic

from psycopg.types.json import Jsonb

from myapp.kit.jobs import _runtime
from myapp.kit.jobs.events import JobProgressed, topic_job
from myapp.kit.pubsub import broadcast

TELL_EVERY = 0.25
KEEP_EVERY = 0.5
_KEEP = "UPDATE oban_jobs SET meta = meta || %s WHERE id = %s AND state = 'executing'"


class Progress:
    """Of one run of one job."""

    __slots__ = ("_id", "_kept", "_told", "_worker")

    def __init__(self, job_id: int, worker: str) -> None:
        self._id = job_id
        self._worker = worker
        self._told = self._kept = 0.0

    async def tell(self, done: int, total: int) -> None:
        """What comes too soon is dropped, except for the end."""
        moment, is_end = monotonic(), done >= total
        if is_end or moment - self._told >= TELL_EVERY:
            self._told = moment
            broadcast(topic_job(self._id), JobProgressed(self._id, self._worker, done, total))
        if is_end or moment - self._kept >= KEEP_EVERY:
            self._kept = moment
            await self._keep(done, total)

    async def _keep(self, done: int, total: int) -> None:
        """On a connection of the queue's: it is no part of what the job does."""
        pool = _runtime.current().pool
        if pool is not None:
            async with pool.connection() as connection:
                await connection.execute(_KEEP, (Jsonb({"progress": {"done": done, "total": total}}), self._id))

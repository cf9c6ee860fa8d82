"""The queue inside the sandbox: jobs are added, looked for and run in a transaction that is rolled back.

async def test_it_greets(db, queue):
    await accounts.register(...)
    await assert_enqueued(worker="myapp.kit.mailer.jobs.DeliverMail")
    assert (await drain("mailers"))["completed"] == 1
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Self
from uuid import uuid4

import psycopg
import sqlalchemy as sa
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool
from sqlalchemy.ext.asyncio import AsyncConnection

from myapp.kit import rls
from myapp.kit.jobs import JobCard, JobState, _runtime, list_jobs
from myapp.kit.jobs._library import Oban, lifeline_of, query_of, telemetry
from myapp.kit.jobs._rescue import rescue
from myapp.kit.jobs._runtime import Runtime
from myapp.kit.jobs.events import CONTROLS
from myapp.kit.jobs.tables import oban_jobs
from myapp.kit.pubsub import subscribe
from myapp.kit.repo import transaction

from oban.testing import assert_enqueued, drain_queue, refute_enqueued  # isort: skip - it needs what stands in for erlpack
from tests.factories import SYSTEM

__all__ = [
    "Watch",
    "all_jobs",
    "assert_enqueued",
    "drain",
    "forget_silent_producers",
    "let_jobs_age",
    "look_for_lost_ones",
    "refute_enqueued",
    "sandbox_queue",
]


EVENTS = [
    "oban.job.start", "oban.job.stop", "oban.job.exception", "oban.producer.ack.stop", "oban.stager.stage.stop",
]  # fmt: skip


class SandboxPool(AsyncConnectionPool[Any]):
    """Hands out the test's one connection, as the system, and gives the role back that it had."""

    def __init__(self, connection: psycopg.AsyncConnection[Any]) -> None:
        self._sandboxed = connection
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def connection(
        self,
        timeout: float | None = None,  # noqa: ASYNC109 - as the class has it
    ) -> AsyncGenerator[psycopg.AsyncConnection[Any]]:
        async with self._turn, self._sandboxed.transaction():
            former = await (await self._sandboxed.execute("SELECT current_setting('role')")).fetchone()
            await self._sandboxed.execute(f"SET LOCAL ROLE {rls.SYSTEM}".encode())
            yield self._sandboxed
            await self._sandboxed.execute("SELECT set_config('role', %s, true)", former)

    def __del__(self) -> None:
        """It was never opened."""


@asynccontextmanager
async def sandbox_queue(connection: AsyncConnection) -> AsyncGenerator[None]:
    """An Oban that is never started."""
    raw = (await connection.get_raw_connection()).driver_connection
    assert raw is not None
    pool = SandboxPool(raw)
    runtime = Runtime(oban=Oban(pool=pool), pool=pool)
    subscription = subscribe(CONTROLS, runtime.controls.forget)
    _runtime.use(runtime)
    yield
    _runtime.use(None)
    subscription.cancel()


async def drain(
    queue: str = "default", *, scheduled: bool = False, recursive: bool = True, raises: bool = False
) -> Mapping[str, int]:
    """Run what waits in a queue, one after the other; how many ended in which state.

    `scheduled`: also what has its time later. Not `recursive`: only one.
    """
    return await drain_queue(queue, with_scheduled=scheduled, with_recursion=recursive, with_safety=not raises)


async def all_jobs(worker: str | None = None) -> list[JobCard]:
    """The jobs there are, the oldest first: of this worker, else all but those that the clock has added meanwhile."""
    found = await list_jobs(workers=[worker] if worker else [], limit=10_000)
    return [job for job in reversed(found) if worker or not job.meta.get("cron")]


class Watch:
    """Waits for what the queue of this process does, until something is so."""

    def __init__(self) -> None:
        self._name = uuid4().hex
        self._happened = asyncio.Event()

    def __enter__(self) -> Self:
        telemetry.attach(self._name, EVENTS, lambda _name, _details: self._happened.set())
        return self

    def __exit__(self, *_: object) -> None:
        telemetry.detach(self._name)

    async def until(self, is_so: Callable[[], Awaitable[bool]]) -> None:
        """Fails after 20 s."""
        async with asyncio.timeout(20):
            while not await is_so():
                self._happened.clear()
                await self._happened.wait()

    async def until_all(self, state: JobState, worker: str | None = None) -> list[JobCard]:
        """Until there are jobs and all of them are in this state; the jobs."""

        async def are_so() -> bool:
            found = await all_jobs(worker)
            return bool(found) and {job.state for job in found} == {state}

        await self.until(are_so)
        return await all_jobs(worker)


async def let_jobs_age(*, also_running: bool = False, **span: float) -> None:
    """Make every job so much older. What runs is known by when it began: its end is not noted afterwards."""
    past = timedelta(**span)
    names = ("inserted_at", "scheduled_at", "attempted_at")
    ageing = sa.update(oban_jobs).values({name: oban_jobs.c[name] - past for name in names})
    if not also_running:
        ageing = ageing.where(oban_jobs.c.state != JobState.EXECUTING)
    async with transaction(SYSTEM) as session:
        await (await session.connection()).execute(ageing)


async def forget_silent_producers(url: str) -> None:
    """What the leader does with one that has said nothing for a minute."""
    async with await psycopg.AsyncConnection[TupleRow].connect(url, autocommit=True) as owner:
        await owner.execute("DELETE FROM oban_producers")


async def look_for_lost_ones() -> None:
    """What every process does twice a minute, and as if this one led."""
    oban = _runtime.current().oban
    assert oban is not None
    await lifeline_of(oban).look()
    await rescue(query_of(oban), 1800.0)

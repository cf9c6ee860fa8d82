"""What operators set while everything runs: workers that are switched off, and queues that may begin only so often."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from time import monotonic
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from myapp.kit.clock import now
from myapp.kit.jobs.events import CONTROLS, ControlsChanged
from myapp.kit.jobs.tables import JobRate, JobSwitch
from myapp.kit.pubsub import broadcast
from myapp.kit.repo import reading, transaction
from myapp.kit.scope import Scope

FRESH = 5.0
"""Seconds that an answer is good for where PubSub failed to say that it changed."""
_CLERK = Scope.system("looks after the jobs")


@dataclass(frozen=True, slots=True)
class _Snapshot:
    off: frozenset[str] = frozenset()
    rated: frozenset[str] = frozenset()
    taken: float = field(default_factory=monotonic)


class Controls:
    """What this process knows of them."""

    def __init__(self) -> None:
        self._known: _Snapshot | None = None
        self._changes = 0
        self._asking = asyncio.Lock()

    def forget(self, *_: object) -> None:
        """They may have changed: ask at the next need."""
        self._known = None
        self._changes += 1

    async def is_off(self, worker: str) -> bool:
        """Whether jobs of this worker wait."""
        return worker in (await self._snapshot()).off

    async def is_rated(self, queue: str) -> bool:
        """Whether jobs of this queue may begin only so often."""
        return queue in (await self._snapshot()).rated

    async def _snapshot(self) -> _Snapshot:
        known = self._known
        if known is not None and monotonic() - known.taken < FRESH:
            return known
        async with self._asking:
            if self._known is not None and self._known is not known:
                return self._known
            while True:  # what changes while it is read may not be in it
                changes, found = self._changes, await self._read()
                if changes == self._changes:
                    self._known = found
                    return found

    @staticmethod
    async def _read() -> _Snapshot:
        """Both in one question."""
        off = sa.select(sa.literal("off"), col(JobSwitch.worker))
        rated = sa.select(sa.literal("rated"), col(JobRate.queue))
        async with reading(_CLERK) as session:
            rows = (await (await session.connection()).execute(off.union_all(rated))).all()
        found = {kind: frozenset(name for found, name in rows if found == kind) for kind in ("off", "rated")}
        return _Snapshot(found["off"], found["rated"])


@dataclass(frozen=True, slots=True)
class Rate:
    """So many jobs may begin in so many seconds, in all processes together."""

    count: int
    seconds: float


async def switch_off(worker: str, *, reason: str, by: UUID | None = None) -> None:
    """Let the jobs of this worker wait, in every process from its next job on; what runs, runs on."""
    values = {"worker": worker, "reason": reason, "user_id": by, "inserted_at": now()}
    adding = insert(JobSwitch).values(values)
    async with transaction(_CLERK) as session:
        await session.exec(adding.on_conflict_do_update(index_elements=["worker"], set_=values))
        broadcast(CONTROLS, ControlsChanged())


async def switch_on(worker: str) -> None:
    """Let them run again, within half a minute."""
    async with transaction(_CLERK) as session:
        await session.exec(sa.delete(JobSwitch).where(col(JobSwitch.worker) == worker))
        broadcast(CONTROLS, ControlsChanged())


async def list_switches() -> list[JobSwitch]:
    """The workers that are switched off."""
    async with reading(_CLERK) as session:
        return list((await session.exec(select(JobSwitch).order_by(JobSwitch.worker))).all())


async def limit_queue(queue: str, rate: Rate | None) -> None:
    """Let its jobs begin no oftener, or as often as they like."""
    values = {"queue": queue, "count": rate.count, "seconds": rate.seconds} if rate else {}
    async with transaction(_CLERK) as session:
        if rate is None:
            await session.exec(sa.delete(JobRate).where(col(JobRate.queue) == queue))
        else:
            full = {**values, "tokens": rate.count, "filled_at": sa.func.clock_timestamp()}
            adding = insert(JobRate).values(full)
            await session.exec(adding.on_conflict_do_update(index_elements=["queue"], set_=full))
        broadcast(CONTROLS, ControlsChanged())


async def list_rates() -> dict[str, Rate]:
    """The queues that have one."""
    async with reading(_CLERK) as session:
        rows = (await session.exec(select(JobRate).order_by(JobRate.queue))).all()
    return {row.queue: Rate(row.count, row.seconds) for row in rows}

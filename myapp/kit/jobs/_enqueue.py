"""Adding jobs, in the transaction of the deed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import batched
from typing import Any

import sqlalchemy as sa
from pydantic_core import to_jsonable_python
from sqlmodel.ext.asyncio.session import AsyncSession

from myapp.kit import logs, telemetry
from myapp.kit.clock import now
from myapp.kit.jobs._options import Unique
from myapp.kit.jobs._worker import options_of
from myapp.kit.jobs.tables import oban_jobs as jobs
from myapp.kit.query_log import repeats_allowed
from myapp.kit.repo import advisory_lock, current_session, in_transaction, transaction
from myapp.kit.scope import Scope

BATCH = 1000
_CLERK = Scope.system("adds a job")

_INSERT = sa.text("""
WITH given AS (
    SELECT * FROM jsonb_to_recordset(CAST(:jobs AS jsonb)) AS j (
        n int, queue text, worker text, max_attempts int, priority int, args jsonb, meta jsonb, tags jsonb,
        scheduled_at timestamp
    )
), inserted AS (
    INSERT INTO oban_jobs (state, queue, worker, max_attempts, priority, args, meta, tags, scheduled_at)
    SELECT
        CASE WHEN scheduled_at IS NULL THEN 'available' ELSE 'scheduled' END::oban_job_state,
        queue, worker, max_attempts, priority, args, meta, ARRAY(SELECT jsonb_array_elements_text(tags)),
        coalesce(scheduled_at, timezone('UTC', now()))
    FROM given ORDER BY n
    RETURNING id, queue, state
)
SELECT
    (SELECT array_agg(id ORDER BY id) FROM inserted),
    (SELECT count(pg_notify('public.oban_insert', json_build_object('queue', queue)::text))
     FROM (SELECT DISTINCT queue FROM inserted WHERE state = 'available') AS told)
""")
"""What Oban's own statement does, for many jobs at once: who serves the queue is told with the commit."""


@dataclass(frozen=True, slots=True)
class Enqueued:
    """A job that is there; `is_new` is False for one that was before."""

    id: int
    is_new: bool


async def enqueue(
    worker: str,
    args: Mapping[str, Any] | None = None,
    *,
    scheduled_in: timedelta | None = None,
    scheduled_at: datetime | None = None,
    unique: Unique | None = None,
    priority: int | None = None,
    max_attempts: int | None = None,
    tags: Iterable[str] = (),
    meta: Mapping[str, Any] | None = None,
) -> Enqueued:
    """Add a job for the worker at this path: with the open transaction, or else at once.

    What is not said here, the worker says; it need not be imported. Of a unique job the one that is there is returned.
    Raises UnknownWorker, and TypeError for arguments that JSON has no form for.
    """
    if scheduled_in is not None:
        scheduled_at = now() + scheduled_in
    given = made(worker, args, meta)
    given["tags"] = sorted(set(tags))
    given["scheduled_at"] = None if scheduled_at is None else _in_utc(scheduled_at)
    if priority is not None:
        given["priority"] = priority
    if max_attempts is not None:
        given["max_attempts"] = max_attempts
    found = unique or options_of(worker).unique
    if found is not None:
        return await _only_once(given, found)
    async with here() as session:
        return Enqueued((await put(session, [given]))[0], is_new=True)


async def enqueue_many(worker: str, args: Iterable[Mapping[str, Any]]) -> list[int]:
    """Add a job for each of these; their numbers. Quicker than one by one where they are not unique."""
    added: list[int] = []
    async with here() as session:
        if options_of(worker).unique is not None:
            return [(await enqueue(worker, each)).id for each in args]
        for some in batched(args, BATCH):
            added += await put(session, [made(worker, each) for each in some])
    return added


def made(worker: str, args: Mapping[str, Any] | None = None, meta: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A job as it is put in, with what its worker says and what it comes from. Raises UnknownWorker."""
    options = options_of(worker)
    return {
        "queue": options.queue,
        "worker": worker,
        "max_attempts": options.max_attempts,
        "priority": options.priority,
        "args": to_jsonable_python(dict(args or {})),
        "meta": {**_origin(), **(meta or {})},
        "tags": [],
        "scheduled_at": None,
    }


def _origin() -> dict[str, str]:
    """The request that adds a job, as its log knows it, and its span where somebody collects traces."""
    origin = {"request_id": logs.current().get("request_id", ""), "trace": telemetry.traceparent()}
    return {name: value for name, value in origin.items() if value}


async def _only_once(given: dict[str, Any], unique: Unique) -> Enqueued:
    """Who adds the same one waits here until this transaction is over.

    The system looks, as nobody else may read what jobs there are.
    """
    key = unique.key(given["worker"], given["queue"], given["args"])
    same = sa.select(jobs.c.id).where(
        jobs.c.meta["unique"].astext == key,
        jobs.c.meta.has_key("unique"),
        jobs.c.state.in_(unique.states),
    )
    if unique.period is not None:
        same = same.where(jobs.c.inserted_at > (now() - unique.period).replace(tzinfo=None))
    with repeats_allowed():
        async with transaction(_CLERK) as session, advisory_lock(f"jobs:{key}"):
            connection = await session.connection()
            found = (await connection.execute(same.order_by(jobs.c.id.desc()).limit(1))).scalar()
            if found is not None:
                return Enqueued(found, is_new=False)
            given["meta"]["unique"] = key
            return Enqueued((await put(session, [given]))[0], is_new=True)


def here() -> AbstractAsyncContextManager[AsyncSession]:
    """The open transaction, whoever's it is, or one of the system's."""
    return nullcontext(current_session()) if in_transaction() else transaction(_CLERK)


async def put(session: AsyncSession, given: list[dict[str, Any]]) -> list[int]:
    """Write the rows; their numbers, in the same order."""
    numbered = [{"n": n, **each} for n, each in enumerate(given)]
    connection = await session.connection()
    return (await connection.execute(_INSERT, {"jobs": json.dumps(numbered)})).one()[0]


def _in_utc(moment: datetime) -> str:
    """As Oban keeps moments. Raises ValueError for one without a zone."""
    if moment.tzinfo is None:
        raise ValueError("a moment has its zone")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat()

"""Jobs that nobody does any more: given to another, or discarded after the last attempt.

Of a process that may be gone: Oban's own rescue goes by age alone and would run a job twice that lives and takes long.
This one also asks whether the producer that took the job is still among those that report every 15 seconds; one that
has not for a minute is dropped from that list. And as a job's time is over before it is `rescue_after` old, even a
process that lives and could not report has let go of it by then. A process that lives finds its own (`_lifeline.py`).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import LiteralString

from psycopg.types.json import Jsonb

from myapp.kit.alerts import raise_alert
from myapp.kit.jobs._library import Query, telemetry
from myapp.kit.jobs._runtime import Run
from myapp.kit.jobs._worker import workers

GONE = "Its process was gone."
CUT_OFF = "It was cut off, and nobody knows by whom."

log = logging.getLogger(__name__)

type _Found = tuple[int, str, int, bool]
"""Id, worker and attempt of a job, and whether it is given up."""

_TRIED = """
UPDATE oban_jobs AS job SET
    state = CASE WHEN attempt >= max_attempts THEN 'discarded' ELSE 'available' END::oban_job_state,
    discarded_at = CASE WHEN attempt >= max_attempts THEN timezone('UTC', now()) ELSE discarded_at END,
    errors = CASE WHEN attempt >= max_attempts
        THEN errors || jsonb_build_object('attempt', attempt, 'at', now(), 'error', %(why)s::text)
        ELSE errors END,
    meta = CASE WHEN attempt >= max_attempts THEN meta
        ELSE meta || jsonb_build_object('rescued', coalesce((meta ->> 'rescued')::int, 0) + 1) END
"""
_NOT_TRIED = "UPDATE oban_jobs AS job SET state = 'available', attempt = greatest(attempt - 1, 0)"
_OF_THOSE_GONE = """
WHERE state = 'executing'
  AND attempted_at < timezone('UTC', now())
      - make_interval(secs => coalesce((%(own)s ->> worker)::float, %(usual)s))
  AND NOT EXISTS (SELECT FROM oban_producers AS producer WHERE producer.uuid::text = job.attempted_by[2])
"""
_OF_PRODUCERS = " WHERE state = 'executing' AND attempted_by[2] = ANY(%s)"
_THESE = """
FROM unnest(%(ids)s::bigint[], %(moments)s::timestamptz[]) AS run (id, taken_at)
WHERE job.id = run.id AND job.attempted_at = timezone('UTC', run.taken_at) AND job.state = 'executing'
"""
_WHICH = " RETURNING job.id, job.worker, job.attempt, job.state = 'discarded'"


async def rescue(query: Query, rescue_after: float) -> None:
    """Look for them; the leader does so twice a minute."""
    own = {path: options.rescue_after.total_seconds() for path, options in workers().items()}
    with telemetry.span("oban.lifeline.rescue", {}) as context:
        async with query.connection() as connection:
            about = {"own": Jsonb(own), "usual": rescue_after, "why": GONE}
            found = await (await connection.execute(_TRIED + _OF_THOSE_GONE + _WHICH, about)).fetchall()
        context.add({"rescued_count": len(found)})
    if found:
        log.warning("%s jobs whose process was gone are taken up again, or given up", len(found))
        _tell_of_those_given_up(found, GONE)


async def give_back(query: Query, producers: list[str]) -> None:
    """What these producers could not end before they stop is done by others, and does not count as tried."""
    async with query.connection() as connection:
        cursor = await connection.execute(_NOT_TRIED + _OF_PRODUCERS, (producers,))
    if cursor.rowcount:
        log.info("%s jobs were given back", cursor.rowcount)


async def rescue_runs(query: Query, runs: Sequence[Run]) -> None:
    """Those that this process has begun, and of which nothing came: they were tried."""
    if found := await _with_these(query, _TRIED, runs):
        log.warning("%s jobs that were cut off here are taken up again, or given up", len(found))
        _tell_of_those_given_up(found, CUT_OFF)


async def give_back_runs(query: Query, runs: Sequence[Run]) -> None:
    """Those that this process has taken, and which it has not begun or could not end: they were not tried."""
    if found := await _with_these(query, _NOT_TRIED, runs):
        log.warning("%s jobs that were taken here and are not done are given back", len(found))


async def _with_these(query: Query, deed: LiteralString, runs: Sequence[Run]) -> list[_Found]:
    """Those that still were as they are known here."""
    if not runs:
        return []
    ids, moments = zip(*runs, strict=True)
    async with query.connection() as connection:
        about = {"ids": list(ids), "moments": list(moments), "why": CUT_OFF}
        return await (await connection.execute(deed + _THESE + _WHICH, about)).fetchall()


def _tell_of_those_given_up(found: Sequence[_Found], why: str) -> None:
    for job_id, path, attempt, is_over in found:
        if is_over:
            log.error("job %s (%s) is given up, attempt %s was its last: %s", job_id, path, attempt, why)
            raise_alert("failed_job", f"A job of {path} is given up after {attempt} attempts.", job=job_id, error=why)

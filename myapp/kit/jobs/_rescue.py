"""Jobs whose process is gone: given to another, or discarded after the last attempt.

Oban's own rescue goes by age alone and would run a job twice that lives and takes long. This one also asks whether the
producer that took the job is still among those that report every 15 seconds; one that has not for a minute is dropped
from that list. And as a job's time is over before it is `rescue_after` old, even a process that lives and could not
report has let go of it by then.
"""

from __future__ import annotations

import logging

from psycopg.types.json import Jsonb

from myapp.kit.jobs._library import Query, telemetry
from myapp.kit.jobs._worker import workers

log = logging.getLogger(__name__)

_RESCUE = """
UPDATE oban_jobs AS job SET
    state = CASE WHEN attempt >= max_attempts THEN 'discarded' ELSE 'available' END::oban_job_state,
    discarded_at = CASE WHEN attempt >= max_attempts THEN timezone('UTC', now()) ELSE discarded_at END,
    errors = CASE WHEN attempt >= max_attempts
        THEN errors || jsonb_build_object('attempt', attempt, 'at', now(), 'error', 'Its process was gone.')
        ELSE errors END,
    meta = CASE WHEN attempt >= max_attempts THEN meta
        ELSE meta || jsonb_build_object('rescued', coalesce((meta ->> 'rescued')::int, 0) + 1) END
WHERE state = 'executing'
  AND attempted_at < timezone('UTC', now())
      - make_interval(secs => coalesce((%(own)s ->> worker)::float, %(usual)s))
  AND NOT EXISTS (SELECT FROM oban_producers AS producer WHERE producer.uuid::text = job.attempted_by[2])
"""

_GIVE_BACK = """
UPDATE oban_jobs SET state = 'available', attempt = greatest(attempt - 1, 0)
WHERE state = 'executing' AND attempted_by[2] = ANY(%s)
"""


async def rescue(query: Query, rescue_after: float) -> None:
    """Look for them; the leader does so twice a minute."""
    own = {path: options.rescue_after.total_seconds() for path, options in workers().items()}
    with telemetry.span("oban.lifeline.rescue", {}) as context:
        async with query.connection() as connection:
            cursor = await connection.execute(_RESCUE, {"own": Jsonb(own), "usual": rescue_after})
        context.add({"rescued_count": cursor.rowcount})
    if cursor.rowcount:
        log.warning("%s jobs whose process was gone are taken up again, or given up", cursor.rowcount)


async def give_back(query: Query, producers: list[str]) -> None:
    """What these producers could not end before they stop is done by others, and does not count as tried."""
    async with query.connection() as connection:
        cursor = await connection.execute(_GIVE_BACK, (producers,))
    if cursor.rowcount:
        log.info("%s jobs were given back", cursor.rowcount)

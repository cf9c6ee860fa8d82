"""What operators do with jobs and queues: in the open transaction, so that an audit row can stand beside it.

Processes are told through PostgreSQL, as Oban tells them, with the commit; it need not be one of them that says it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from myapp.kit.clock import now
from myapp.kit.errors import Conflict
from myapp.kit.i18n import gettext
from myapp.kit.jobs._enqueue import Enqueued, made, put
from myapp.kit.jobs._library import JobState, statement
from myapp.kit.jobs._worker import options_of
from myapp.kit.jobs.events import TOPIC, JobsChanged
from myapp.kit.jobs.tables import oban_jobs as jobs
from myapp.kit.pubsub import broadcast
from myapp.kit.repo import advisory_lock, transaction
from myapp.kit.scope import Scope

_CLERK = Scope.system("does what an operator wants with jobs")
_NOTIFY = sa.text("SELECT pg_notify('public.oban_signal', :payload)")


async def retry_jobs(ids: Sequence[int]) -> int:
    """Let them run again, now, with one more attempt than they had; how many. What waits or runs is left alone."""
    return (await _on("retry_many_jobs.sql", ids)).rowcount


async def delete_jobs(ids: Sequence[int]) -> int:
    """Forget them; how many. What runs is left alone."""
    return (await _on("delete_many_jobs.sql", ids)).rowcount


async def cancel_jobs(ids: Sequence[int]) -> int:
    """Let them not run; how many. One that runs is ended at its next `await`, wherever it runs."""
    async with transaction(_CLERK):
        found = (await _on("cancel_many_jobs.sql", ids)).mappings().all()
        for job in found:
            if job["original_state"] == JobState.EXECUTING:
                await _signal({"action": "pkill", "job_id": job["id"]})
    return len(found)


async def run_by_hand(worker: str, args: Mapping[str, Any] | None = None) -> Enqueued:
    """Add a job that comes first, also where the worker is switched off; one with hours is given what it is given then.

    Raises Conflict while the same is about to run or runs, and UnknownWorker.
    """
    given = made(worker, options_of(worker).args_at(now()) if args is None else args, {"by_hand": True})
    same = sa.select(jobs.c.id).where(
        jobs.c.worker == worker,
        jobs.c.args == given["args"],
        jobs.c.state.in_((JobState.AVAILABLE, JobState.EXECUTING)),
    )
    async with transaction(_CLERK) as session, advisory_lock(f"jobs by hand {worker}"):
        if (await (await session.connection()).execute(same.limit(1))).scalar() is not None:
            raise Conflict(gettext("This job runs already."))
        return Enqueued((await put(session, [{**given, "priority": 0}]))[0], is_new=True)


async def pause_queue(queue: str) -> None:
    """Begin no more of its jobs, in any process, until `resume_queue` or the process's next start."""
    await _signal({"action": "pause", "queue": queue})


async def resume_queue(queue: str) -> None:
    """Go on with its jobs."""
    await _signal({"action": "resume", "queue": queue})


async def scale_queue(queue: str, limit: int) -> None:
    """Run so many of its jobs at a time, in each process."""
    if limit < 1:
        raise ValueError("a queue runs one job at least: pause it")
    await _signal({"action": "scale", "queue": queue, "limit": limit})


async def start_queue(queue: str, limit: int) -> None:
    """Serve this queue as well, where it is not served."""
    if limit < 1 or not queue.strip():
        raise ValueError("a queue has a name and runs one job at least")
    await _signal({"action": "start", "queue": queue, "limit": limit, "paused": False})


async def stop_queue(queue: str) -> None:
    """Serve it no more, until `start_queue` or the process's next start; what runs may end."""
    await _signal({"action": "stop", "queue": queue})


async def _on(file: str, ids: Sequence[int]) -> sa.CursorResult[Any]:
    async with transaction(_CLERK) as session:
        result = await (await session.connection()).exec_driver_sql(statement(file), {"ids": list(ids)})
        broadcast(TOPIC, JobsChanged())
    return result


async def _signal(payload: dict[str, Any]) -> None:
    """To all processes."""
    addressed = {**payload, "ident": "any"}
    async with transaction(_CLERK) as session:
        await (await session.connection()).execute(_NOTIFY, {"payload": json.dumps(addressed)})
        broadcast(TOPIC, JobsChanged())

'''Jobs: work that is put into a row with the deed, and done soon after by whichever process has room.

    @worker(queue="imports", max_attempts=3, timeout=timedelta(minutes=25))
    class RunImport:
        """Runs an import that somebody asked for."""

        async def process(self, job: Work) -> Outcome:
            await blog.run_queued_import(Scope.system("a job"), UUID(job.args["id"]))

    async with transaction(scope):
        await repo.insert(...)
        await jobs.enqueue("myapp.blog.jobs.RunImport", {"id": row.id})

A room keeps its workers in `jobs.py`: thin classes that call the front door. Who adds a job names the worker by its
path, which is what the row keeps: choose it once.

What always holds: a job of a transaction that is rolled back was never there, and one that was committed is done,
whatever dies in between. It may be done twice, when a process dies between the deed and the note of it, so a worker
does no harm the second time. A run has its time, after which it is cut off; a job whose process is gone, or does not do
it, is taken up by another. What fails is tried again after `attempt^4 + 15` seconds and some by chance.

Oban, from Elixir, in its edition for Python: its tables and its producers. The way in, unique jobs, the clock, the
rescue, switches and rates are ours (docs/decisions/0029-jobs.md).
'''

from myapp.kit.jobs._alive import is_alive
from myapp.kit.jobs._controls import Rate, limit_queue, list_rates, list_switches, switch_off, switch_on
from myapp.kit.jobs._enqueue import Enqueued, enqueue, enqueue_many
from myapp.kit.jobs._library import Cancel, JobState, Record, Snooze
from myapp.kit.jobs._options import INCOMPLETE, SUCCESSFUL, WAITING, Options, Unique, request_of
from myapp.kit.jobs._queues import QueueCard, Server, WorkerCard, list_queues, list_workers
from myapp.kit.jobs._reading import (
    JobCard,
    JobError,
    count_jobs,
    get_job,
    list_jobs,
    subscribe_job,
    subscribe_jobs,
)
from myapp.kit.jobs._running import running
from myapp.kit.jobs._steering import (
    cancel_jobs,
    delete_jobs,
    pause_queue,
    resume_queue,
    retry_jobs,
    run_by_hand,
    scale_queue,
    start_queue,
    stop_queue,
)
from myapp.kit.jobs._waiting import waiting_figures
from myapp.kit.jobs._worker import Outcome, UnknownWorker, Work, Worker, backoff, load_workers, worker, workers
from myapp.kit.jobs.events import ControlsChanged, JobProgressed, JobsChanged

__all__ = [
    "INCOMPLETE",
    "SUCCESSFUL",
    "WAITING",
    "Cancel",
    "ControlsChanged",
    "Enqueued",
    "JobCard",
    "JobError",
    "JobProgressed",
    "JobState",
    "JobsChanged",
    "Options",
    "Outcome",
    "QueueCard",
    "Rate",
    "Record",
    "Server",
    "Snooze",
    "Unique",
    "UnknownWorker",
    "Work",
    "Worker",
    "WorkerCard",
    "backoff",
    "cancel_jobs",
    "count_jobs",
    "delete_jobs",
    "enqueue",
    "enqueue_many",
    "get_job",
    "is_alive",
    "limit_queue",
    "list_jobs",
    "list_queues",
    "list_rates",
    "list_switches",
    "list_workers",
    "load_workers",
    "pause_queue",
    "request_of",
    "resume_queue",
    "retry_jobs",
    "run_by_hand",
    "running",
    "scale_queue",
    "start_queue",
    "stop_queue",
    "subscribe_job",
    "subscribe_jobs",
    "switch_off",
    "switch_on",
    "waiting_figures",
    "worker",
    "workers",
]

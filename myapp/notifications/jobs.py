"""The jobs of notifications."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from myapp import notifications
from myapp.kit.jobs import Outcome, Unique, Work, worker
from myapp.kit.scope import Scope


@worker(max_attempts=5, alone=True, cron="0 2 * * *", catch_up=True)
class CleanUp:
    """Forgets what is old."""

    async def process(self, job: Work) -> Outcome:
        del job
        await notifications.prune_notifications(Scope.system("its time has come"))
        return None


@worker(max_attempts=5, alone=True, cron="0 0 * * SUN", catch_up=True)
class SendDigests:
    """Adds a job for everybody to whom the week has something to say."""

    async def process(self, job: Work) -> Outcome:
        del job
        await notifications.queue_digests(Scope.system("its time has come"))
        return None


@worker(max_attempts=5, priority=2, unique=Unique(period=timedelta(days=1), keys=("user_id",)))
class DeliverDigest:
    """Promises one person's mail about the week."""

    async def process(self, job: Work) -> Outcome:
        user_id, day = UUID(job.args["user_id"]), date.fromisoformat(job.args["day"])
        await notifications.send_digest(Scope.system("a job"), user_id, day)
        return None

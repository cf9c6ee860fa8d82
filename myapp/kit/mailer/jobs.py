"""The jobs of mail."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from myapp.kit.jobs import Outcome, Work, worker
from myapp.kit.mailer import deliver, prune


@worker(
    queue="mailers",
    max_attempts=3,
    priority=1,
    timeout=timedelta(seconds=60),
    rescue_after=timedelta(seconds=150),  # the mail's own lease is over by then
)
class DeliverMail:
    """Delivers one mail of the outbox."""

    async def process(self, job: Work) -> Outcome:
        return await deliver(UUID(job.args["id"]), is_last=job.is_last_attempt)


@worker(cron="0 2 * * *", catch_up=True, max_attempts=5, alone=True)
class PruneMails:
    """Forgets what is long over."""

    async def process(self, job: Work) -> Outcome:
        del job
        await prune()
        return None

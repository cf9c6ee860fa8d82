"""The jobs of notifications."""

from __future__ import annotations

from myapp import notifications
from myapp.kit.jobs import Outcome, Work, worker
from myapp.kit.scope import Scope


@worker(max_attempts=5, alone=True, cron="0 2 * * *", catch_up=True)
class CleanUp:
    """Forgets what is old."""

    async def process(self, job: Work) -> Outcome:
        del job
        await notifications.prune_notifications(Scope.system("its time has come"))
        return None

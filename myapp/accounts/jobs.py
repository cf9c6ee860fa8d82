"""The jobs of accounts."""

from __future__ import annotations

from myapp import accounts
from myapp.kit.jobs import Outcome, Work, worker
from myapp.kit.scope import Scope


@worker(max_attempts=5, alone=True, cron="0 2 * * *", catch_up=True)
class CleanUp:
    """Deletes the pictures that are nobody's any more."""

    async def process(self, job: Work) -> Outcome:
        del job
        await accounts.sweep_avatars(Scope.system("its time has come"))
        return None

"""The jobs of accounts."""

from __future__ import annotations

from myapp import accounts
from myapp.kit.jobs import Outcome, Work, worker
from myapp.kit.scope import Scope


@worker(max_attempts=5, alone=True, cron="0 2 * * *", catch_up=True)
class CleanUp:
    """Deletes the links of mails that are good for nothing any more, and the pictures that are nobody's."""

    async def process(self, job: Work) -> Outcome:
        del job
        clock = Scope.system("its time has come")
        await accounts.delete_old_links(clock)
        await accounts.sweep_avatars(clock)
        return None

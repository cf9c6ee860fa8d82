"""The jobs of those who run the site."""

from __future__ import annotations

from datetime import timedelta

from myapp import ops
from myapp.kit.clock import now
from myapp.kit.jobs import Outcome, Unique, Work, worker
from myapp.kit.scope import Scope

A_DAY = timedelta(hours=23)
"""Less than one: tomorrow's job may be added some milliseconds earlier in its minute than today's was."""


@worker(max_attempts=5, alone=True, unique=Unique(period=A_DAY), cron="0 2 * * *", catch_up=True)
class SendDailyReport:
    """Mails operators what the day before was like."""

    async def process(self, job: Work) -> Outcome:
        del job
        await ops.send_daily_report(Scope.system("its time has come"), now().date() - timedelta(days=1))
        return None

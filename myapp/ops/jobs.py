"""The jobs of those who run the site."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from myapp import ops
from myapp.kit.clock import now
from myapp.kit.jobs import Outcome, Unique, Work, worker
from myapp.kit.scope import Scope


def _the_day_before(moment: datetime) -> Mapping[str, date]:
    return {"day": moment.date() - timedelta(days=1)}


@worker(
    max_attempts=5,
    alone=True,
    unique=Unique(keys=("day",)),
    cron="0 2 * * *",
    catch_up=True,
    cron_args=_the_day_before,
)
class SendDailyReport:
    """Mails operators what a day was like: once for each, however late it runs."""

    async def process(self, job: Work) -> Outcome:
        said = job.args or _the_day_before(now())  # a process of the release before gives none
        await ops.send_daily_report(Scope.system("its time has come"), date.fromisoformat(str(said["day"])))
        return None

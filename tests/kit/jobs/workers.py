"""Workers for tests. What they did is in `DONE`; they say `BEGUN`, and wait for `RELEASE`."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from typing import Any

from myapp.kit import lifetime, logs
from myapp.kit.jobs import Cancel, Outcome, Record, Snooze, Unique, Work, worker

HERE = __name__
DONE: list[tuple[str, dict[str, Any]]] = []
BEGUN = asyncio.Event()
RELEASE = asyncio.Event()


def reset() -> None:
    """As if nothing had run."""
    DONE.clear()
    BEGUN.clear()
    RELEASE.clear()


@worker()
class Greet:
    """Notes that it ran."""

    async def process(self, job: Work) -> Outcome:
        DONE.append(("Greet", job.args))


@worker(max_attempts=3)
class Fail:
    """Never works."""

    async def process(self, job: Work) -> Outcome:
        raise ValueError(f"attempt {job.attempt}")


@worker()
class Answer:
    """Does what its arguments say."""

    async def process(self, job: Work) -> Outcome:
        match job.args:
            case {"snooze": seconds}:
                return Snooze(seconds)
            case {"cancel": why}:
                return Cancel(why)
            case {"record": value}:
                return Record(value)
            case _:
                return None


@worker(timeout=timedelta(milliseconds=50), max_attempts=2)
class Sleep:
    """Takes too long."""

    async def process(self, job: Work) -> Outcome:
        await asyncio.Event().wait()


@worker()
class Wait:
    """Runs until it is let go, and notes how that came."""

    async def process(self, job: Work) -> Outcome:
        BEGUN.set()
        try:
            await RELEASE.wait()
        except asyncio.CancelledError:
            DONE.append(("cut off", job.args))
            raise
        DONE.append(("Wait", job.args))


@worker()
class GoOn:
    """Has two steps, of which it leaves the second to another process when this one is to end."""

    async def process(self, job: Work) -> Outcome:
        BEGUN.set()
        await RELEASE.wait()
        lifetime.leave_off()
        DONE.append(("GoOn", job.args))


@worker()
class Log:
    """Notes what its lines in the log say of it."""

    async def process(self, job: Work) -> Outcome:
        DONE.append(("Log", dict(logs.current())))


@worker(alone=True)
class Alone:
    """One at a time, everywhere."""

    async def process(self, job: Work) -> Outcome:
        BEGUN.set()
        await RELEASE.wait()
        DONE.append(("Alone", job.args))


@worker(alone=True)
class Spell:
    """Runs until it is stopped, and says when, by a clock that all processes of the machine share."""

    async def process(self, job: Work) -> Outcome:
        print("began", time.monotonic(), flush=True)  # noqa: T201 - the test reads it
        try:
            await RELEASE.wait()
        finally:
            print("ended", time.monotonic(), flush=True)  # noqa: T201


@worker()
class Count:
    """Says how far it is, far too often."""

    async def process(self, job: Work) -> Outcome:
        for done in range(1, 101):
            await job.progress(done, 100)


@worker(unique=Unique(period=timedelta(minutes=1), keys=("id",)))
class Once:
    """The same id once a minute."""

    async def process(self, job: Work) -> Outcome:
        DONE.append(("Once", job.args))


@worker(cron="0 2 * * *", catch_up=True)
class Nightly:
    """Must not be left out. The clock may add it in the middle of another's test, so it notes nothing."""

    async def process(self, job: Work) -> Outcome: ...


@worker(cron="*/15 * * * *")
class Quarterly:
    """May be left out, and notes nothing, either."""

    async def process(self, job: Work) -> Outcome: ...

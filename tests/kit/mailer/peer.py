"""Another process for the tests of the outbox.

DATABASE_URL SMTP_URL promise    # promises a mail, and is killed right after the commit
DATABASE_URL SMTP_URL deliver    # serves the queue until a line comes
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys

from myapp.kit import jobs, mailer, pubsub, repo
from myapp.kit.mailer import Smtp
from myapp.kit.repo import after_commit, transaction
from tests.factories import SYSTEM
from tests.factories.mails import make_mail


async def promise() -> None:
    async with transaction(SYSTEM):
        after_commit(lambda: os.kill(os.getpid(), signal.SIGKILL))
        await mailer.enqueue(make_mail(subject="Promised"))


async def deliver(database_url: str) -> None:
    async with jobs.running(database_url, {"mailers": 3}):
        print("ready", flush=True)  # noqa: T201 - the test reads it
        await asyncio.to_thread(sys.stdin.readline)


async def main(database_url: str, smtp_url: str, command: str) -> None:
    engine = repo.make_engine(database_url)
    repo.use(repo.make_sessions(engine))
    way = mailer.running(Smtp(smtp_url), sender="no-reply@example.org", site="https://example.org")
    async with pubsub.connected(database_url, None), way:
        await (promise() if command == "promise" else deliver(database_url))
    await engine.dispose()

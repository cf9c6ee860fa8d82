"""The supervision tree: everything that runs beneath the pages, started in order and stopped in reverse.

    async with running(load_settings()):
        ...                                 # transaction() and broadcast() work, in every task

What always holds: a child may rely on those before it for as long as it lives; when one does not start, those before
it are stopped again; when one does not stop cleanly, that is logged and the rest still stop. What OTP's
`Application.start/2` does with its list of children. It knows no web framework: `myapp.py` ties it to the server's
life, commands to their own.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Literal

from myapp import accounts, blog, database, notifications, seeds
from myapp.config import Settings
from myapp.kit import (
    alerts,
    cache,
    error_reports,
    health_checks,
    images,
    jobs,
    logs,
    mailer,
    presence,
    pubsub,
    rate_limit,
    repo,
    run_log,
    scheduler,
    schema,
    storage,
    telemetry,
)
from myapp.kit.alerts import Alert
from myapp.kit.memory_watch import MemoryWatch
from myapp.kit.query_log import OnRepeats
from myapp.kit.scheduler import Periodic
from myapp.kit.scope import Scope
from myapp.kit.telemetry import Poller, ticks
from myapp.metrics import metrics

type Mode = Literal["web", "command"]
"""`web` serves people and does what has to be done in time; `command` does one thing and ends."""

log = logging.getLogger(__name__)

ON_REPEATS: dict[str, OnRepeats] = {"development": "warn", "test": "raise", "production": "ignore"}


@dataclass(frozen=True, slots=True)
class Child:
    """Something that runs: `start()` is entered when the application starts and left when it stops."""

    name: str
    start: Callable[[], AbstractAsyncContextManager[object]]


@asynccontextmanager
async def running(settings: Settings, mode: Mode = "web", *, and_then: Sequence[Child] = ()) -> AsyncGenerator[None]:
    """Start what this process needs, then what the web wing hands in; stop all of it at the end of the block."""
    logs.configure(settings.log_level, settings.log_format, secrets=settings.secrets)
    url = await asyncio.to_thread(database.prepare, settings)
    async with AsyncExitStack() as started:
        for child in (*children(mode, settings, url), *and_then):
            await started.enter_async_context(_tended(child))
        yield


def children(mode: Mode, settings: Settings, url: str) -> list[Child]:
    """The one list of what runs, in order."""
    every_process = [
        Child("error reports", partial(error_reports.running, settings.sentry_dsn, environment=settings.env)),
        Child("telemetry", _telemetry),
        Child("run log", run_log.running),
        Child("database", partial(_sessions, settings, url)),
        Child("pubsub", partial(pubsub.connected, url, settings.redis_url)),
        Child("cache", partial(cache.running, settings.redis_url)),
        Child("rate limits", partial(rate_limit.running, settings.redis_url)),
        Child("mailer", partial(_mailer, mode, settings)),
        Child("storage", partial(storage.running, settings.storage_url, settings.data_dir / "files")),
        Child("images", images.running),
    ]
    told = Child("notifications", _notifications)
    if mode == "command":
        return [*every_process, told]
    demonstration = [Child("demonstration", _demonstration)] if settings.env == "development" else []
    return [
        *every_process,
        Child("presence", presence.running),
        *demonstration,
        told,  # what the demonstration holds is no news
        Child("alerts", partial(alerts.running, _mail_operators)),
        Child("health", partial(health_checks.running, url, settings.redis_url)),
        Child("jobs", partial(jobs.running, url, settings.queues)),
        Child("scheduler", partial(scheduler.running, periodic_jobs(), url)),
    ]


def periodic_jobs() -> list[Periodic]:
    """What is done again and again, by whichever room it belongs to."""
    clock = Scope.system("its time has come")
    figures = [telemetry.process_figures(), repo.pool_figures, presence.figures]
    return [
        Periodic(
            "end expired sessions", partial(accounts.delete_expired_sessions, clock), every=60, once_per_cluster=True
        ),
        Periodic(
            "end expired programs", partial(accounts.delete_expired_programs, clock), every=60, once_per_cluster=True
        ),
        Periodic(
            "close expired keys", partial(accounts.close_expired_api_keys, clock), every=60, once_per_cluster=True
        ),
        Periodic("publish due posts", partial(blog.publish_due_posts, clock), every=10, once_per_cluster=True),
        Periodic("deliver mails", mailer.deliver_due, every=5),
        Periodic("prune mails", mailer.prune, every=3600, once_per_cluster=True),
        Periodic("mail unread notifications", partial(notifications.mail_unread, clock), every=20),
        Periodic("prune notifications", partial(notifications.prune_notifications, clock), every=3600),
        Periodic("sweep avatars", partial(accounts.sweep_avatars, clock), every=3600, once_per_cluster=True),
        Periodic("sweep the files of posts", partial(blog.sweep_files, clock), every=3600, once_per_cluster=True),
        Periodic("run imports", partial(blog.run_waiting_imports, clock), every=2),
        Periodic("watch memory", MemoryWatch().look, every=60),
        Periodic("poll telemetry", Poller(figures).poll, every=10),
    ]


@asynccontextmanager
async def _tended(child: Child) -> AsyncGenerator[None]:
    process = child.start()
    await process.__aenter__()
    log.debug("%s is up", child.name)
    try:
        yield
    finally:
        try:
            await process.__aexit__(None, None, None)
        except Exception:
            log.exception("%s did not stop as it should", child.name)


@asynccontextmanager
async def _sessions(settings: Settings, url: str) -> AsyncGenerator[None]:
    """The pool of connections that `transaction()` takes from."""
    schema.load_models()
    engine = repo.make_engine(
        url,
        pool_size=settings.pool_size,
        on_repeats=ON_REPEATS[settings.env],
        hides_values=settings.env == "production",
    )
    repo.use(repo.make_sessions(engine))
    try:
        yield
    finally:
        repo.use(None)
        await engine.dispose()


@asynccontextmanager
async def _telemetry() -> AsyncGenerator[None]:
    """What the others execute is measured from the start."""
    async with telemetry.running(metrics(), ticks.tell), telemetry.watching_the_loop():
        yield


async def _mail_operators(alert: Alert) -> None:
    """An alert becomes a mail to those who run the site."""
    await accounts.mail_operators(Scope.system("an alert"), alert)


@asynccontextmanager
async def _notifications() -> AsyncGenerator[None]:
    """What the rooms tell becomes what people are told of, in the same transaction."""
    notifications.install()
    yield


def _mailer(mode: Mode, settings: Settings) -> AbstractAsyncContextManager[None]:
    """Every process writes mails; those that serve deliver them, or keep them for a developer to read."""
    out = mailer.Smtp(settings.smtp_url) if settings.smtp_url else mailer.Kept()
    return mailer.running(out if mode == "web" else None, sender=settings.mail_from, site=settings.public_url)


@asynccontextmanager
async def _demonstration() -> AsyncGenerator[None]:
    """A developer's first start shows something."""
    if await seeds.load():
        log.info("the database was empty, so the demonstration was loaded")
    yield

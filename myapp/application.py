"""The supervision tree: everything that runs beneath the pages, started in order, restarted when it crashes, and
stopped in reverse.

    async with running(load_settings()):
        ...                                 # transaction() and broadcast() work, in every task

What always holds: a child starts when those before it run, and when one does not start, those before it are stopped
again; one that crashes is started again, in "live" together with those after it, as they hold on to it; all others ask
for what they need anew each time. A crash leaves in place what others work with until the next one is there. When a
child crashes again and again the tree ends, and with it the process. What OTP's `Application.start/2` does with its
list of children. It knows no web framework: `myapp.py` ties it to the server's life, commands to their own.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from functools import partial
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncEngine

from myapp import accounts, blog, database, notifications, ops, seeds
from myapp.config import Settings
from myapp.kit import (
    alerts,
    cache,
    error_reports,
    health_checks,
    images,
    jobs,
    lifetime,
    logs,
    mailer,
    names,
    outside,
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
from myapp.kit.console import Attached
from myapp.kit.console import running as attachable
from myapp.kit.memory_watch import MemoryWatch
from myapp.kit.query_log import OnRepeats
from myapp.kit.scheduler import Periodic
from myapp.kit.scope import Scope
from myapp.kit.supervisor import ChildSpec as Child
from myapp.kit.supervisor import Supervisor, as_root, nested, supervised
from myapp.kit.telemetry import Poller, console, statsd, ticks
from myapp.metrics import metrics

type Mode = Literal["all", "web", "worker", "command"]
"""`web` serves people, `worker` does what has to be done in time, `all` both; `command` does one thing and ends."""

log = logging.getLogger(__name__)

ON_REPEATS: dict[str, OnRepeats] = {"development": "warn", "test": "raise", "production": "ignore"}


@asynccontextmanager
async def running(
    settings: Settings, mode: Mode = "all", *, live: Sequence[Child] = (), on_end: Callable[[], object] | None = None
) -> AsyncGenerator[Supervisor]:
    """Start what this process needs, and stop all of it at the end of the block.

    `live` is what the web wing hands in: it relies on PubSub and presence. When the tree gives up, the block is
    cancelled, or `on_end` is called, which is to end it; then GaveUp is raised.
    """
    logs.configure(settings.log_level, settings.log_format, secrets=settings.secrets)
    url = await asyncio.to_thread(database.prepare, settings)
    if mode != "command":
        await asyncio.to_thread(database.warn_of_superuser, settings)
    with lifetime.begun():
        try:
            async with supervised("myapp", children(mode, settings, url, live)) as root:
                with as_root(root), _ending_with(root, on_end):
                    yield root
                lifetime.begin_stopping()
        except BaseException:
            lifetime.begin_stopping()  # that it failed gives what does not stop no more time
            raise


def children(mode: Mode, settings: Settings, url: str, live: Sequence[Child] = ()) -> list[Child]:
    """The one list of what runs, in order. What nobody else holds on to stands for itself."""
    every_process = [
        Child("error reports", partial(error_reports.running, settings.sentry_dsn, environment=settings.env)),
        Child("telemetry", _telemetry),
        Child("run log", run_log.running),
        *_reporters(settings),
        Child("database", _Database(settings, url).running, shutdown=10),
        Child("names", partial(names.running, url)),
        Child("rate limits", partial(rate_limit.running, settings.redis_url)),
        Child("calls to others", outside.running),
        Child("mailer", partial(_mailer, mode, settings), shutdown=10),
        Child("storage", partial(storage.running, settings.storage_url, settings.data_dir / "files")),
        Child("images", images.running, shutdown=10),
        nested("live", _live(mode, settings, url, live), strategy="rest_for_one"),
    ]
    if mode != "command":
        every_process.append(Child("console", partial(attachable, settings.data_dir, note=_note_attached)))
        every_process.append(Child("alerts", partial(alerts.running, _mail_operators)))
        queues = {} if mode == "web" else settings.queues
        every_process.append(Child("health", partial(health_checks.running, url, settings.redis_url)))
        every_process.append(Child("jobs", partial(jobs.running, url, queues), shutdown=20))
        again = own_periodic_jobs() if mode == "web" else periodic_jobs()
        every_process.append(Child("scheduler", partial(scheduler.running, again), shutdown=15))
    return every_process


def _live(mode: Mode, settings: Settings, url: str, live: Sequence[Child]) -> list[Child]:
    """PubSub, and what listens to it: whoever comes later holds subscriptions, or people, of those before."""
    serves = mode in {"all", "web"}
    group = [
        Child("pubsub", partial(pubsub.connected, url, settings.redis_url), shutdown=10),
        Child("cache", partial(cache.running, settings.redis_url)),
    ]
    if mode != "command":
        group.append(Child("operations", partial(ops.answering, mode)))
    if serves:
        group.append(Child("presence", presence.running))
    if serves and settings.env == "development":
        group.append(Child("demonstration", _demonstration, restart="temporary"))
    group.append(Child("blog", _blog))
    group.append(Child("notifications", _notifications))  # what the demonstration holds is no news
    return [*group, *live] if serves else group


@contextmanager
def _ending_with(root: Supervisor, on_end: Callable[[], object] | None) -> Generator[None]:
    """The block ends when the tree does, with the tree's error."""
    task = asyncio.current_task()

    def end(ended: asyncio.Future[None]) -> None:
        if ended.exception() is None:
            return
        if on_end is not None:
            on_end()
        elif task is not None:
            task.cancel()

    root.ended.add_done_callback(end)
    try:
        yield
    except asyncio.CancelledError:
        if not root.ended.done() or on_end is not None or task is None:
            raise
        task.uncancel()
    finally:
        root.ended.remove_done_callback(end)
    if root.ended.done():
        root.ended.result()


def periodic_jobs() -> list[Periodic]:
    """What is done again and again, by whichever room it belongs to."""
    clock = Scope.system("its time has come")
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
        Periodic("mail unread notifications", partial(notifications.mail_unread, clock), every=20),
        Periodic("queue lost imports", partial(blog.queue_lost_imports, clock), every=5, once_per_cluster=True),
        Periodic("queue lost exports", partial(blog.queue_lost_exports, clock), every=15, once_per_cluster=True),
        Periodic("forget unused names", partial(names.forget_unused, clock), every=3600, once_per_cluster=True),
        *own_periodic_jobs(),
    ]


def own_periodic_jobs() -> list[Periodic]:
    """What of it every process does, as it is about itself."""
    figures = [telemetry.process_figures(), repo.pool_figures, presence.figures, ops.database_figures()]
    figures.append(jobs.waiting_figures())
    return [
        Periodic("poll telemetry", Poller(figures).poll, every=10),
        Periodic("sweep caches", cache.sweep, every=60),
        Periodic("sweep presence", presence.sweep, every=presence.SWEEP),
        Periodic("watch memory", MemoryWatch().look, every=60, settle=60),
    ]


class _Database:
    """The pool of connections that `transaction()` takes from."""

    def __init__(self, settings: Settings, url: str) -> None:
        self._settings = settings
        self._url = url
        self._engine: AsyncEngine | None = None

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """After a crash whoever is at work goes on with the pool there was, until the next one is in its place."""
        schema.load_models()
        settings, former = self._settings, self._engine
        engine = self._engine = repo.make_engine(
            self._url,
            pool_size=settings.pool_size,
            on_repeats=ON_REPEATS[settings.env],
            hides_values=settings.env == "production",
        )
        repo.use(repo.make_sessions(engine))
        if former is not None:
            await former.dispose()
        yield
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


async def _note_attached(attached: Attached) -> None:
    """Who can do anything in a process is in the audit trail."""
    await ops.note_attached(Scope.system("the console of the machine"), attached)


def _reporters(settings: Settings) -> list[Child]:
    """Who else is sent what is measured. Prometheus comes and asks (`/metrics`)."""
    reporters: list[Child] = []
    if settings.statsd_url:
        reporters.append(Child("statsd", partial(statsd.running, settings.statsd_url, metrics())))
    if settings.otlp_url:
        reporters.append(Child("traces", partial(_traces, settings.otlp_url)))
    if settings.env == "development" and settings.log_level == "debug":
        reporters.append(Child("telemetry console", partial(console.running, metrics())))
    return reporters


def _traces(endpoint: str) -> AbstractAsyncContextManager[None]:
    from myapp.kit.telemetry import traces  # noqa: PLC0415 - the SDK is 20 MB that most processes do without

    return traces.running(endpoint)


@asynccontextmanager
async def _blog() -> AsyncGenerator[None]:
    """What becomes of an organisation is what becomes of its posts, from the same transaction on."""
    blog.install()
    yield


@asynccontextmanager
async def _notifications() -> AsyncGenerator[None]:
    """What the rooms tell becomes what people are told of, in the same transaction."""
    notifications.install()
    yield


def _mailer(mode: Mode, settings: Settings) -> AbstractAsyncContextManager[None]:
    """Every process writes mails; those that serve deliver them, or keep them for a developer to read."""
    out = mailer.Smtp(settings.smtp_url) if settings.smtp_url else mailer.Kept()
    return mailer.running(None if mode == "command" else out, sender=settings.mail_from, site=settings.public_url)


@asynccontextmanager
async def _demonstration() -> AsyncGenerator[None]:
    """A developer's first start shows something."""
    if await seeds.load():
        log.info("the database was empty, so the demonstration was loaded")
    yield

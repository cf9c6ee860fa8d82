"""Everything that is measured: one list for Prometheus, StatsD, the console and the operators' charts.

What always holds: a tag's values come from a set that the code spells out (routes, handlers, tables, kinds), never from
what people send; a duration is in seconds and a size in bytes. An event that no metric names costs next to nothing, so
what may be wanted is executed, and what is wanted stands here. Descriptions are in the catalogues for the operators'
charts; reporters to other programs give them in English. `MyAppWeb.Telemetry.metrics/0` of a Phoenix application.
"""

from __future__ import annotations

from collections.abc import Callable

from myapp.kit.i18n import gettext_noop as _
from myapp.kit.telemetry import Measurements, Metadata, Metric, counter, distribution, last_value, sum_, summary

QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
"""Bounds in seconds of what somebody waits for."""
LONG = (0.01, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 300.0)
"""Bounds in seconds of what is done beside."""
STATUSES = ("2xx", "3xx", "4xx", "5xx")
"""The classes of an answer over HTTP (RFC 9110, 15): the first digit of its status."""


def metrics() -> list[Metric]:
    """All of them, in the order in which operators read them."""
    groups = (_web(), _live(), _channels(), _database(), _work(), _others(), _deeds(), _refusals(), _process())
    return [metric for group in groups for metric in group]


def _web() -> list[Metric]:
    """Requests over HTTP."""
    return [
        distribution(
            "http.request.stop.duration",
            unit="second",
            tags=("route", "method", "status"),
            outcome="status",
            is_failure=_is_server_error,
            classes=STATUSES,
            class_of=_hundred_of,
            buckets=QUICK,
            limit=300,
            description=_("Requests, until the whole answer was sent"),
        ),
    ]


def _live() -> list[Metric]:
    """What open tabs ask of their states."""
    return [
        distribution(
            "live.event.stop.duration",
            unit="second",
            tags=("state", "handler", "outcome"),
            outcome="outcome",
            buckets=QUICK,
            limit=300,
            description=_("Live events, from the handler's start to the last change it made"),
        ),
        last_value("live.tabs.connected", description=_("Open tabs")),
        counter("live.refused.count", tags=("reason",), description=_("Live events that were not let in")),
    ]


def _channels() -> list[Metric]:
    """What travels over the channels."""
    return [
        last_value("channel.sockets.connections", description=_("Connections to the channels")),
        last_value("channel.sockets.people", adds=False, description=_("People and visitors who are connected")),
        last_value("channel.sockets.joined", description=_("Topics that are joined, over all connections")),
        summary(
            "channel.join.stop.duration",
            unit="second",
            tags=("channel", "outcome"),
            outcome="outcome",
            description=_("Joining a topic"),
        ),
        sum_("channel.messages.count", tags=("channel",), description=_("Messages from clients")),
        counter(
            "channel.delivery.count", tags=("event",), description=_("Broadcasts that somebody here had joined for")
        ),
        sum_("channel.delivery.recipients", tags=("event",), description=_("Broadcasts, once for each client")),
        counter("channel.close.count", tags=("reason",), description=_("Connections that the server ended")),
        last_value("presence.state.topics", adds=False, description=_("Topics on which anybody is present")),
        last_value("presence.state.here", description=_("Those present through this process")),
    ]


def _database() -> list[Metric]:
    """What is asked of PostgreSQL."""
    return [
        distribution(
            "repo.query.duration",
            unit="second",
            tags=("table", "command"),
            buckets=QUICK,
            limit=200,
            description=_("Queries, as long as the caller waited"),
        ),
        counter("repo.query.failures", tags=("table", "command"), keep=_failed, description=_("Queries that failed")),
        last_value("repo.database.size", unit="byte", adds=False, description=_("Size of the database")),
        last_value("repo.database.connections", adds=False, description=_("Connections to the database, whoever's")),
        summary("repo.pool.wait", unit="second", description=_("Waiting for a connection of the pool")),
        last_value("repo.pool.size", description=_("Connections that the pool may have")),
        last_value("repo.pool.open", description=_("Connections that are open")),
        last_value("repo.pool.in_use", description=_("Connections that are taken")),
    ]


def _work() -> list[Metric]:
    """What is done beside: jobs, mail, periodic work, files."""
    return [
        distribution(
            "jobs.run.duration",
            unit="second",
            tags=("queue", "worker", "outcome"),
            outcome="outcome",
            is_failure=_is_no_success,
            buckets=LONG,
            limit=200,
            description=_("Runs of jobs, by what came of them"),
        ),
        summary("jobs.run.wait", unit="second", tags=("queue",), description=_("From a job's time to its run")),
        last_value(
            "jobs.queue.waiting",
            tags=("queue",),
            adds=False,
            description=_("Jobs whose time has come and that nobody has begun"),
        ),
        last_value(
            "jobs.backlog.age", unit="second", adds=False, description=_("How long the first of them has waited")
        ),
        distribution(
            "mailer.delivery.stop.duration",
            unit="second",
            tags=("kind", "outcome"),
            outcome="outcome",
            is_failure=_is_no_success,
            buckets=LONG,
            description=_("Deliveries of mail"),
        ),
        summary("scheduler.run.stop.duration", unit="second", tags=("job",), description=_("Runs of periodic jobs")),
        counter("scheduler.run.exception.count", tags=("job",), description=_("Runs of periodic jobs that failed")),
        summary(
            "storage.operation.stop.duration",
            unit="second",
            tags=("operation",),
            description=_("What the storage of files was asked for"),
        ),
        counter("storage.operation.exception.count", tags=("operation",), description=_("What of it failed")),
        sum_("storage.kept.bytes", unit="byte", tags=("folder",), description=_("Bytes of the files that were kept")),
    ]


def _deeds() -> list[Metric]:
    """What people do, once it is committed."""
    return [
        counter("audit.deed.count", tags=("action",), limit=200, description=_("Deeds that are recorded")),
        counter("blog.post.created.count", description=_("Posts written")),
        counter("blog.post.published.count", description=_("Posts published")),
        counter("blog.comment.created.count", description=_("Comments")),
        sum_("blog.posts.imported.count", measurement=_imported, description=_("Posts that came in by imports")),
        counter(
            "blog.import.ended.count", tags=("status",), tag_values=_status, description=_("Imports that have ended")
        ),
        counter(
            "blog.export.ended.count", tags=("status",), tag_values=_status, description=_("Exports that have ended")
        ),
        counter("chat.message.created.count", description=_("Messages in the chat")),
        counter("notifications.created.count", description=_("Notifications")),
        counter(
            "accounts.user.registered.count",
            event="audit.deed",
            keep=_is("accounts.user.registered"),
            description=_("Registrations"),
        ),
        counter(
            "accounts.log_in.ok.count",
            event="audit.deed",
            keep=_is("accounts.session.started", "accounts.program.logged_in"),
            description=_("Log-ins"),
        ),
        counter("accounts.log_in.failed.count", description=_("Log-ins with a wrong address or password")),
    ]


def _others() -> list[Metric]:
    """What is asked of the services of others, and what need not be asked again."""
    return [
        distribution(
            "outside.call.stop.duration",
            unit="second",
            tags=("service", "outcome"),
            outcome="outcome",
            is_failure=_is_server_error,
            classes=STATUSES,
            buckets=LONG,
            description=_("Calls to other services that were answered"),
        ),
        counter("outside.call.exception.count", tags=("service", "error"), description=_("Calls that were not")),
        counter(
            "circuit_breaker.changed.count", tags=("breaker", "state"), description=_("Changes of circuit breakers")
        ),
        counter("cache.read.count", tags=("cache", "outcome"), description=_("Reads of caches, hits and misses")),
    ]


def _refusals() -> list[Metric]:
    """Who was told to wait."""
    return [counter("rate_limit.refused.count", tags=("limit",), description=_("Tries above a limit"))]


def _process() -> list[Metric]:
    """What the process holds, and whether it keeps up."""
    return [
        last_value("process.memory.resident", unit="byte", description=_("Memory that the process holds")),
        last_value("process.cpu.share", unit="ratio", description=_("Share of one core since it was asked last")),
        summary("process.loop.lag", unit="second", description=_("How late the event loop does what is due")),
        last_value("process.work.tasks", description=_("Tasks of the event loop")),
        last_value("process.work.threads", description=_("Threads")),
        last_value("process.work.files", description=_("Open files and sockets")),
    ]


def _failed(metadata: Metadata) -> bool:
    return metadata["outcome"] == "failed"


def _is_server_error(status: str) -> bool:
    return status.startswith("5")


def _hundred_of(status: str) -> str:
    return f"{status[:1]}xx"


def _is_no_success(outcome: str) -> bool:
    """Of jobs and mails."""
    return outcome in {"retryable", "discarded", "not delivered yet", "given up"}


def _is(*actions: str) -> Callable[[Metadata], bool]:
    return lambda metadata: metadata["action"] in actions


def _imported(_measurements: Measurements, metadata: Metadata) -> float:
    """Of a deed, `event` is what was broadcast."""
    return metadata["event"].count


def _status(metadata: Metadata) -> Metadata:
    return {"status": metadata["event"].status}

"""What happens, told in figures: events that code executes, and whoever has attached to them.

    telemetry.execute("accounts.log_in.failed", {"count": 1}, {"reason": "password"})

    with telemetry.span("mailer.delivery", {"kind": mail.kind}) as span:    # …start, then …stop or …exception
        await transport.deliver(message)                                    # which measure its `duration` in seconds
        span.metadata["outcome"] = "sent"

    telemetry.attach("loud", ["mailer.delivery.exception"], lambda event, measurements, metadata: print(event))
    telemetry.detach("loud")

    REQUESTS = distribution("http.request.stop.duration", unit="second", tags=("route",), buckets=(0.1, 0.5, 1))

What always holds: who executes an event pays for nobody who does not listen (some 100 ns); a handler that raises is
detached and logged, and what it listened to goes on; a metric has a bounded number of series, and what comes beyond
counts under `other`. Metadata names kinds of things, from sets that code spells out: no person, no address, no text.

`myapp/metrics.py` is the one list of what the product measures. Operators' pages read the last hour:

    for series in telemetry.history("http.request.stop.duration"):          # points of 10 s, oldest first
        print(series.tags, [point.p95 for point in series.points])
    rows = telemetry.table("http.request.stop.duration")                    # the hour as a whole, a row for each series
    moments = telemetry.moments("http.request.stop.duration")               # over all series, as these add up
    pubsub.subscribe(ticks.TOPIC, callback)                                 # Ticked, when new points are there

Elixir's `:telemetry`, `Telemetry.Metrics` and `telemetry_poller`. Durations are in seconds, sizes in bytes.
"""

from __future__ import annotations

from myapp.kit.telemetry._cells import Spread
from myapp.kit.telemetry._core import (
    Handler,
    Measurements,
    Metadata,
    attach,
    attached,
    detach,
    execute,
    is_attached,
)
from myapp.kit.telemetry._history import TICK, counts, history, metrics, moments, running, spreads, store, table
from myapp.kit.telemetry._metrics import Kind, Metric, counter, distribution, last_value, sum_, summary
from myapp.kit.telemetry._poller import Measurement, Poller, polling, process_figures, watching_the_loop
from myapp.kit.telemetry._ring import Point, Row, Series
from myapp.kit.telemetry._span import Span, span, traceparent
from myapp.kit.telemetry._store import Store
from myapp.kit.telemetry._whole import SLOT, Moment

__all__ = [
    "SLOT",
    "TICK",
    "Handler",
    "Kind",
    "Measurement",
    "Measurements",
    "Metadata",
    "Metric",
    "Moment",
    "Point",
    "Poller",
    "Row",
    "Series",
    "Span",
    "Spread",
    "Store",
    "attach",
    "attached",
    "counter",
    "counts",
    "detach",
    "distribution",
    "execute",
    "history",
    "is_attached",
    "last_value",
    "metrics",
    "moments",
    "polling",
    "process_figures",
    "running",
    "span",
    "spreads",
    "store",
    "sum_",
    "summary",
    "table",
    "traceparent",
    "watching_the_loop",
]

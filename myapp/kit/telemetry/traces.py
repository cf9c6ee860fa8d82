"""Sends spans to a collector of OpenTelemetry: requests, live events, and the queries and other work within them.

    async with traces.running("http://collector:4318"): ...

A request that belongs to somebody else's trace (`traceparent`) goes on in it; what runs in the task of a span, or in
tasks that it starts, is within that span. A job may run hours later and several times: each run is a trace of its own,
with a link to the span in which the job was added. What else the SDK reads from the environment holds, such as
`OTEL_TRACES_SAMPLER` and `OTEL_EXPORTER_OTLP_HEADERS`
(https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/). Attributes are named by
https://opentelemetry.io/docs/specs/semconv/ where that has a name.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from opentelemetry import context, trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, SpanKind, Status, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from myapp.kit.telemetry._core import Measurements, Metadata, attached
from myapp.kit.telemetry._span import Span, use_tracer

_PROPAGATOR = TraceContextTextMapPropagator()
_FAILED = {"failed", "given up"}


@dataclass(frozen=True, slots=True)
class Shape:
    """How an event becomes a span: what it is called, and which of the metadata become which attributes."""

    name: Callable[[Metadata], str]
    attributes: dict[str, str]
    kind: SpanKind = SpanKind.INTERNAL


SHAPES = {
    "http.request": Shape(
        lambda given: f"{given['method']} {given.get('route', '')}".strip(),
        {"method": "http.request.method", "route": "http.route", "status": "http.response.status_code"},
        SpanKind.SERVER,
    ),
    "live.event": Shape(
        lambda given: f"{given['state']}.{given['handler']}",
        {"state": "code.namespace", "handler": "code.function.name", "outcome": "myapp.outcome"},
        SpanKind.SERVER,
    ),
    "channel.join": Shape(
        lambda given: f"join {given['channel']}",
        {"channel": "myapp.channel", "outcome": "myapp.outcome"},
        SpanKind.SERVER,
    ),
    "outside.call": Shape(
        lambda given: f"{given['method']} {given['service']}",
        {"service": "myapp.service", "method": "http.request.method", "outcome": "myapp.outcome"},
        SpanKind.CLIENT,
    ),
    "mailer.delivery": Shape(
        lambda given: f"mail {given['kind']}",
        {"kind": "myapp.mail.kind", "outcome": "myapp.outcome"},
        SpanKind.CLIENT,
    ),
    "jobs.attempt": Shape(
        lambda given: f"job {given['worker']}",
        {
            "queue": "messaging.destination.name",
            "worker": "code.function.name",
            "job": "messaging.message.id",
            "attempt": "myapp.job.attempt",
        },
        SpanKind.CONSUMER,
    ),
    "scheduler.run": Shape(lambda given: f"run {given['job']}", {"job": "myapp.job"}),
    "storage.operation": Shape(
        lambda given: f"storage {given['operation']}", {"operation": "myapp.storage.operation"}, SpanKind.CLIENT
    ),
}
"""Events that start and stop."""

QUERY = Shape(
    lambda given: f"{given['command']} {given['table']}".strip(),
    {"command": "db.operation.name", "table": "db.collection.name", "statement": "db.query.text"},
    SpanKind.CLIENT,
)


class _Spans:
    """The spans that are open, by ours."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._open: WeakKeyDictionary[Span, tuple[trace.Span, Context]] = WeakKeyDictionary()

    def begin(self, event: str, _measurements: Measurements, metadata: Metadata) -> None:
        shape = SHAPES[event.rpartition(".")[0]]
        before = context.get_current()
        origin = metadata.get("origin")
        if origin is None:
            parent, links = _PROPAGATOR.extract({"traceparent": metadata.get("traceparent", "")}, before), []
        else:
            parent, links = Context(), _links_to(origin)
        span = self._tracer.start_span(shape.name(metadata), parent, shape.kind, links=links)
        self._open[metadata["span"]] = span, before
        context.attach(trace.set_span_in_context(span, parent))

    def end(self, event: str, _measurements: Measurements, metadata: Metadata) -> None:
        ours: Span | None = metadata.get("span")
        if ours is None or ours not in self._open:
            return  # it began before anybody listened
        span, before = self._open.pop(ours)
        shape = SHAPES[event.rpartition(".")[0]]
        span.update_name(shape.name(metadata))
        _describe(span, shape, metadata)
        span.end()
        # Not by a token: the end of a live event is told in another context than its beginning.
        context.attach(before)

    def query(self, _event: str, measurements: Measurements, metadata: Metadata) -> None:
        """Told when it is over."""
        end = time.time_ns()
        start = end - int(measurements["duration"] * 1e9)
        span = self._tracer.start_span(QUERY.name(metadata), kind=QUERY.kind, start_time=start)
        span.set_attribute("db.system.name", "postgresql")
        _describe(span, QUERY, metadata)
        span.end(end)


def _links_to(traceparent: str) -> list[Link]:
    there = trace.get_current_span(_PROPAGATOR.extract({"traceparent": traceparent}, Context())).get_span_context()
    return [Link(there)] if there.is_valid else []


def _traceparent() -> str:
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier)
    return carrier.get("traceparent", "")


def _describe(span: trace.Span, shape: Shape, metadata: Metadata) -> None:
    for name, attribute in shape.attributes.items():
        value: Any = metadata.get(name)
        if value is not None:
            span.set_attribute(attribute, value if isinstance(value, int) else str(value))
    error = metadata.get("error")
    if error:
        span.set_attribute("error.type", error)
    if error or metadata.get("outcome") in _FAILED or metadata.get("status", 0) >= 500:
        span.set_status(Status(StatusCode.ERROR))


@asynccontextmanager
async def running(endpoint: str) -> AsyncGenerator[None]:
    """Send until the end of the block, from a thread of the SDK's own; what waits at the end is still sent."""
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: "myapp"}), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces")))
    spans = _Spans(provider.get_tracer("myapp"))
    starts = [f"{event}.start" for event in SHAPES]
    ends = [f"{event}.{end}" for event in SHAPES for end in ("stop", "exception")]
    try:
        with (
            attached("traces: starts", starts, spans.begin),
            attached("traces: ends", ends, spans.end),
            attached("traces: queries", ["repo.query"], spans.query),
        ):
            use_tracer(_traceparent)
            yield
    finally:
        use_tracer(None)
        await asyncio.to_thread(provider.shutdown)

"""A collector gets spans that belong together: of requests, what runs within them, and jobs that they have added."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from threading import Thread
from typing import override

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span as Sent
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import select

from myapp.kit import jobs, telemetry
from myapp.kit.audit import AuditLog
from myapp.kit.repo import transaction
from myapp.kit.telemetry import traces
from tests.factories import SYSTEM
from tests.kit.jobs.workers import HERE
from tests.queue import drain, sandbox_queue


@pytest.fixture
def collector() -> Generator[tuple[str, Queue[ExportTraceServiceRequest]]]:
    received = Queue[ExportTraceServiceRequest]()

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/traces"
            body = self.rfile.read(int(self.headers["content-length"]))
            received.put(ExportTraceServiceRequest.FromString(body))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        @override
        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Collector) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", received
        server.shutdown()


def spans_in(received: Queue[ExportTraceServiceRequest]) -> dict[str, Sent]:
    """By their names."""
    found: dict[str, Sent] = {}
    while not received.empty():
        for resource in received.get().resource_spans:
            said = {each.key: each.value.string_value for each in resource.resource.attributes}
            assert said["service.name"] == "myapp"
            found |= {span.name: span for scope in resource.scope_spans for span in scope.spans}
    return found


def attributes_of(span: Sent) -> dict[str, object]:
    return {each.key: getattr(each.value, str(each.value.WhichOneof("value"))) for each in span.attributes}


@pytest.mark.usefixtures("db")
async def test_a_request_and_the_queries_within_it_are_one_trace_that_goes_on_with_the_sender_s(
    collector: tuple[str, Queue[ExportTraceServiceRequest]],
) -> None:
    url, received = collector
    sender = f"00-{'a' * 32}-{'b' * 16}-01"
    async with traces.running(url):
        with telemetry.span("http.request", {"method": "GET", "traceparent": sender}) as span:
            async with transaction(SYSTEM) as session:
                await session.exec(select(AuditLog).where(AuditLog.action == "a secret"))
            span.metadata |= {"route": "/posts", "status": 200}
        async with transaction(SYSTEM) as session:
            await session.exec(select(AuditLog.id))
    spans = spans_in(received)
    request, query = spans["GET /posts"], spans["select audit_logs"]
    assert request.trace_id.hex() == "a" * 32
    assert request.parent_span_id.hex() == "b" * 16
    assert attributes_of(request) == {
        "http.request.method": "GET", "http.route": "/posts", "http.response.status_code": 200
    }  # fmt: skip
    assert query.trace_id != request.trace_id, "the last of that name is outside of the request"
    assert "a secret" not in str(spans)
    assert attributes_of(query)["db.operation.name"] == "select"


@pytest.mark.usefixtures("db")
async def test_tasks_that_a_span_starts_are_within_it_and_what_comes_after_is_not(
    collector: tuple[str, Queue[ExportTraceServiceRequest]],
) -> None:
    url, received = collector

    async def work() -> None:
        with telemetry.span("storage.operation", {"operation": "put"}):
            pass

    async with traces.running(url):
        with pytest.raises(ZeroDivisionError), telemetry.span("scheduler.run", {"job": "sweep"}):
            await asyncio.create_task(work())
            raise ZeroDivisionError
        with telemetry.span("mailer.delivery", {"kind": "hello", "outcome": "given up"}):
            pass
    spans = spans_in(received)
    run, put, mail = spans["run sweep"], spans["storage put"], spans["mail hello"]
    assert (put.trace_id, put.parent_span_id) == (run.trace_id, run.span_id)
    assert mail.trace_id != run.trace_id
    assert attributes_of(run)["error.type"] == "ZeroDivisionError"
    assert [span.status.code for span in (run, put, mail)] == [2, 0, 2]


async def test_a_span_that_began_before_is_passed_over(
    collector: tuple[str, Queue[ExportTraceServiceRequest]],
) -> None:
    url, received = collector
    with telemetry.span("scheduler.run", {"job": "sweep"}):
        async with traces.running(url):
            early = telemetry.span("scheduler.run", {"job": "early"})
            early.end()
    assert spans_in(received) == {}


async def test_a_job_s_run_is_a_trace_of_its_own_that_leads_to_the_span_that_added_it(
    db: AsyncConnection, collector: tuple[str, Queue[ExportTraceServiceRequest]]
) -> None:
    url, received = collector
    async with traces.running(url), sandbox_queue(db):
        with telemetry.span("http.request", {"method": "POST", "route": "/posts", "status": 200}):
            await jobs.enqueue(f"{HERE}.Greet", {"name": "a secret"})
        await jobs.enqueue(f"{HERE}.Fail", max_attempts=1)
        with telemetry.span("scheduler.run", {"job": "what runs around it is not its trace"}):
            await drain()
    spans = spans_in(received)
    request, greeted, failed = spans["POST /posts"], spans[f"job {HERE}.Greet"], spans[f"job {HERE}.Fail"]
    assert [(link.trace_id, link.span_id) for link in greeted.links] == [(request.trace_id, request.span_id)]
    assert greeted.trace_id not in {request.trace_id, spans["run what runs around it is not its trace"].trace_id}
    assert greeted.parent_span_id == b""
    assert (greeted.kind, attributes_of(greeted)["messaging.destination.name"]) == (Sent.SPAN_KIND_CONSUMER, "default")
    assert (list(failed.links), failed.status.code) == ([], 2)
    assert "a secret" not in str(spans)


async def test_where_nobody_collects_there_is_nothing_to_lead_to(db: AsyncConnection) -> None:
    with telemetry.span("http.request", {"method": "POST"}):
        assert telemetry.traceparent() == ""

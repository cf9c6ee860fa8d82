"""StatsD gets packets over a real socket, a developer lines, and a collector spans that belong together."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from threading import Thread
from typing import override

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span as Sent
from sqlmodel import select

from myapp.kit import telemetry
from myapp.kit.audit import AuditLog
from myapp.kit.repo import transaction
from myapp.kit.telemetry import Metric, console, counter, distribution, last_value, statsd, sum_, summary, traces
from tests.factories import SYSTEM

METRICS = [
    counter("tea.made.count", tags=("kind",)),
    sum_("tea.made.cups", keep=lambda given: given["kind"] != "none"),
    last_value("pot.level"),
    summary("boil.stop.duration", unit="second", tags=("route", "status")),
    distribution("walk.stop.duration", unit="second", buckets=(1.0,)),
]


@pytest.fixture
def server() -> Generator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(10)
        yield server


def url_of(server: socket.socket, scheme: str = "statsd") -> str:
    return f"{scheme}://127.0.0.1:{server.getsockname()[1]}"


def make_tea() -> None:
    telemetry.execute("tea.made", {"cups": 2}, {"kind": "green"})
    telemetry.execute("tea.made", {"cups": 2}, {"kind": "none"})
    telemetry.execute("pot", {"level": 7})
    telemetry.execute("boil.stop", {"duration": 0.25}, {"route": "/o/[slug]:a|b", "status": 200})
    telemetry.execute("walk.stop", {"duration": 1.5})


async def test_statsd_gets_each_kind_as_it_knows_it(server: socket.socket) -> None:
    async with statsd.running(url_of(server), METRICS):
        make_tea()
    assert server.recv(2000).decode().split("\n") == [
        "myapp.tea.made.count.green:1|c",
        "myapp.tea.made.cups:2|c",
        "myapp.tea.made.count.none:1|c",
        "myapp.pot.level:7|g",
        "myapp.boil.stop.duration./o/[slug]_a_b.200:250|ms",
        "myapp.walk.stop.duration:1500|ms",
    ]
    assert not telemetry.is_attached("tea.made")


async def test_datadog_gets_tags_as_it_writes_them(server: socket.socket) -> None:
    async with statsd.running(url_of(server, "dogstatsd"), METRICS):
        telemetry.execute("boil.stop", {"duration": 0.25}, {"route": "/a,b", "status": ""})
        telemetry.execute("pot", {"level": 7})
    assert server.recv(2000).decode().split("\n") == [
        "myapp.boil.stop.duration:250|ms|#route:/a_b,status:none",
        "myapp.pot.level:7|g",
    ]


async def test_no_packet_is_larger_than_networks_carry_and_no_line_is_cut(server: socket.socket) -> None:
    async with statsd.running(url_of(server), METRICS):
        for _ in range(100):
            telemetry.execute("tea.made", {"cups": 2}, {"kind": "green"})
    packets: list[bytes] = []
    while sum(packet.count(b"\n") + 1 for packet in packets) < 200:
        packets.append(server.recv(65536))
    assert max(map(len, packets)) <= statsd.PACKET
    lines = [line for packet in packets for line in packet.split(b"\n")]
    assert set(lines) == {b"myapp.tea.made.count.green:1|c", b"myapp.tea.made.cups:2|c"}


async def test_what_waits_is_sent_by_itself(server: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statsd, "FLUSH", 0.01)
    async with statsd.running(url_of(server), METRICS):
        telemetry.execute("pot", {"level": 7})
        assert await asyncio.to_thread(server.recv, 2000) == b"myapp.pot.level:7|g"


async def test_a_server_that_is_not_there_hinders_nobody() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        url = url_of(taken)
    async with statsd.running(url, METRICS):
        for _ in range(500):
            make_tea()


async def test_a_developer_reads_events_as_lines_without_what_is_polled(caplog: pytest.LogCaptureFixture) -> None:
    metrics: list[Metric] = [*METRICS, last_value("process.memory.resident")]
    with caplog.at_level(logging.DEBUG, logger="myapp.kit.telemetry"):
        async with console.running(metrics):
            telemetry.execute("boil.stop", {"duration": 0.25}, {"route": "/a", "status": 200, "who": "ada"})
            telemetry.execute("process.memory", {"resident": 1})
    assert caplog.messages == ["boil.stop duration=0.25 route=/a status=200"]


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

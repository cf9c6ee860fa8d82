"""What is reported to Sentry: errors, with the id of their request, and no secret; received by a server of our own."""

from __future__ import annotations

import gzip
import json
import logging
import queue
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from myapp.kit import error_reports, logs

log = logging.getLogger("myapp.test")
SECRET = "Tr0ub4dor-geheim"


class Received:
    """What came in at a Sentry of our own."""

    def __init__(self, port: int, events: queue.Queue[dict[str, Any]]) -> None:
        self.dsn = f"http://public@127.0.0.1:{port}/1"
        self.events = events

    def next(self) -> dict[str, Any]:
        return self.events.get(timeout=20)


@pytest.fixture
def sentry() -> Iterator[Received]:
    events: queue.Queue[dict[str, Any]] = queue.Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            lines = body.split(b"\n")
            if json.loads(lines[1])["type"] == "event":
                events.put(json.loads(lines[2]))
            self.send_response(200)
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Received(server.server_address[1], events)
    server.shutdown()
    server.server_close()
    thread.join()


def fail(password: str) -> None:
    raise ValueError(f"password={password!r}")


async def test_an_error_is_reported_with_its_request_and_without_secrets(sentry: Received) -> None:
    async with error_reports.running(sentry.dsn, environment="production"):
        logs.begin("req-0123456789")
        logs.bind(user_id="ada", org_id="demo")
        try:
            fail(SECRET)
        except ValueError:
            log.exception("failed with %s", f"Cookie: session={SECRET}", extra={"token": SECRET, "count": 3})
    event = sentry.next()

    assert SECRET not in json.dumps(event)
    assert event["exception"]["values"][0]["type"] == "ValueError"
    frame = event["exception"]["values"][0]["stacktrace"]["frames"][-1]
    assert frame["function"] == "fail"
    assert "vars" not in frame
    assert event["tags"] == {"request_id": "req-0123456789", "org_id": "demo"}
    assert event["user"] == {"id": "ada"}
    assert event["extra"] == {"token": "[hidden]", "count": 3}
    assert event["environment"] == "production"


async def test_only_errors_are_and_only_until_it_stops(sentry: Received) -> None:
    async with error_reports.running(sentry.dsn, environment="test"):
        log.warning("a warning")
        log.error("an error")
    log.error("after it")

    assert sentry.next()["logentry"]["formatted"] == "an error"
    assert sentry.events.empty()


async def test_without_an_address_nothing_is_set_up() -> None:
    handlers = list(logging.getLogger().handlers)
    async with error_reports.running(None, environment="test"):
        assert logging.getLogger().handlers == handlers


async def test_a_sentry_that_is_away_stops_nobody() -> None:
    async with error_reports.running("http://public@127.0.0.1:9/1", environment="test"):
        log.error("nobody hears it")

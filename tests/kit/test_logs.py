"""What is logged: from which level on, how it is written, whose it is, and what is remembered."""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from myapp.kit import logs
from myapp.kit.logs._handler import Handler, line_of, renderer
from myapp.kit.logs._ring import Line, Ring

SCRIPT = """
import logging, sys, warnings
import structlog
from myapp.kit import logs
logs.configure(sys.argv[1], "json", secrets=["the-key-that-signs-everything"])
logging.getLogger("myapp.blog").debug("our detail")
logging.getLogger("myapp.blog").info("our news")
logging.getLogger("library").info("their news")
logging.getLogger("library").warning("their warning")
logging.getLogger("library").error("their error")
"""
LOGGING_BY_OTHER_WAYS = """
warnings.warn("old")
structlog.get_logger("myapp.x").warning("by structlog", count=3)
logging.getLogger("uvicorn.error").error("of the server: the-key-that-signs-everything")
"""


def run(script: str, level: str = "info") -> list[dict[str, object]]:
    ended = subprocess.run([sys.executable, "-c", script, level], capture_output=True, text=True, check=True)
    return [json.loads(line) for line in ended.stderr.splitlines()]


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        ("debug", ["our detail", "our news", "their warning", "their error"]),
        ("info", ["our news", "their warning", "their error"]),
        ("warning", ["their warning", "their error"]),
        ("error", ["their error"]),
    ],
)
def test_ours_from_the_level_on_and_others_from_warnings_on(level: str, expected: list[str]) -> None:
    assert [line["message"] for line in run(SCRIPT, level)] == expected


def test_everything_goes_the_same_way_whoever_logs_it() -> None:
    lines = run(SCRIPT + LOGGING_BY_OTHER_WAYS, "error")
    _, of_the_server = lines
    assert of_the_server["message"] == "of the server: [hidden]"

    warning, by_structlog, _ = run(SCRIPT + LOGGING_BY_OTHER_WAYS, "warning")[-3:]
    assert "UserWarning: old" in str(warning["message"])
    assert (by_structlog["message"], by_structlog["count"], by_structlog["logger"]) == ("by structlog", 3, "myapp.x")


def test_a_library_that_writes_by_itself_is_heard_once_and_without_secrets() -> None:
    """As Engine.IO and Sentry's SDK do, which make themselves a handler when they are imported."""
    itself = """
library = logging.getLogger("library.server")
library.addHandler(logging.StreamHandler())
logs.configure("info", "json", secrets=["the-key-that-signs-everything"])
library.error("with the-key-that-signs-everything")
"""
    assert [line["message"] for line in run(SCRIPT + itself)][-1:] == ["with [hidden]"]


@pytest.fixture
def ring() -> Iterator[Ring]:
    """What the logger `myapp.test` says, remembered as the application remembers it."""
    ring, logger = Ring(), logging.getLogger("myapp.test")
    handler = Handler(ring, None, renderer("json"))
    logger.addHandler(handler)
    yield ring
    logger.removeHandler(handler)


log = logging.getLogger("myapp.test")


async def test_every_line_of_a_request_says_so_and_those_of_its_tasks_do(ring: Ring) -> None:
    async def later() -> None:
        log.warning("in a task of it")

    async def request(name: str) -> None:
        logs.begin(name)
        log.warning("begun")
        logs.bind(user_id="ada", org_id=None)
        await asyncio.create_task(later())

    await asyncio.gather(asyncio.create_task(request("req-first")), asyncio.create_task(request("req-second")))

    for name in ("req-first", "req-second"):
        begun, in_a_task = ring.of_request(name)
        assert begun.about == {"request_id": name}
        assert in_a_task.about == {"request_id": name, "user_id": "ada"}


async def test_a_block_knows_more_and_what_follows_does_not(ring: Ring) -> None:
    logs.begin("req-block")
    with logs.bound(job="digest"):
        log.warning("within")
    log.warning("after")

    within, after = ring.of_request("req-block")
    assert (within.about.get("job"), after.about.get("job")) == ("digest", None)


async def test_a_request_without_an_id_gets_one_that_stays(ring: Ring) -> None:
    request = logs.begin(event="press")
    log.warning("one")
    log.warning("two")

    assert len(ring.of_request(request.id)) == 2
    assert logs.request_id() == request.id


def test_errors_are_found_the_newest_first(ring: Ring) -> None:
    log.error("one")
    log.warning("no error")
    log.error("two", exc_info=RuntimeError("why"))

    two, one = ring.errors()
    assert (one.message, two.message) == ("one", "two")
    assert two.traceback.endswith("RuntimeError: why")
    assert [line.message for line in ring.recent(containing="NO ERR")] == ["no error"]


def test_the_memory_of_it_is_bounded_by_lines_and_by_size() -> None:
    few, small = Ring(max_lines=3), Ring(max_bytes=10_000)
    for number in range(100):
        record = logging.makeLogRecord({"msg": f"{number} {'x' * 1000}", "levelname": "ERROR"})
        few.add(line_of(record))
        small.add(line_of(record))

    assert [line.message.split()[0] for line in few.errors()] == ["99", "98", "97"]
    assert 1 < len(small) < 10
    assert sum(line.size for line in small.recent()) == small.size <= 10_000


def test_errors_of_three_days_are_counted_whose_lines_are_gone() -> None:
    ring, first = Ring(max_lines=1), datetime(2026, 1, 30, 23, 59, 59, tzinfo=UTC)
    for days in (0, 1, 2, 1, 3):
        for level in ("error", "critical", "warning"):
            ring.add(Line(first + timedelta(days=days), level, "myapp.test", "no cake", {}))
    assert [ring.errors_on(first.date() + timedelta(days=days)) for days in range(5)] == [0, 4, 2, 2, 0]


def line(message: str, **about: object) -> Line:
    record = logging.makeLogRecord(
        {"msg": message, "levelname": "WARNING", "name": "myapp.test", "created": 0, **about}
    )
    return line_of(record)


def test_json_is_one_object_a_line_whatever_it_holds() -> None:
    written = renderer("json")(line("two\nlines", thing={1: object()}, message_="x", level="mine", number=7))

    assert "\n" not in written
    read = json.loads(written)
    assert (read["time"], read["level"], read["logger"]) == ("1970-01-01T00:00:00.000Z", "warning", "myapp.test")
    assert (read["message"], read["level_"], read["number"]) == ("two\nlines", "mine", 7)


def test_logfmt_is_one_line_of_pairs() -> None:
    written = renderer("logfmt")(line('say "hi"\nlevel=error', a_count=7))

    assert written.splitlines() == [written]
    assert written.startswith("time=1970-01-01T00:00:00.000Z level=warning logger=myapp.test message=")
    assert written.endswith(" a_count=7")
    assert r"\"hi\"" in written


def test_no_text_passes_for_a_line_of_the_log_or_moves_the_cursor() -> None:
    first, second = renderer("text")(line("innocent\n12:00:00.000 ERROR   myapp: forged \x1b[2J")).splitlines()

    assert first.endswith("WARNING myapp.test: innocent")
    assert second == r"    12:00:00.000 ERROR   myapp: forged \x1b[2J"


def test_what_cannot_be_written_stops_nobody() -> None:
    class Odd:
        def __str__(self) -> str:
            raise ValueError("no")

    record = logging.LogRecord("myapp.test", logging.INFO, "", 1, "%s and %s", (Odd(),), None)
    record.thing = Odd()

    made = line_of(record)

    assert made.message == "%s and %s (its arguments do not fit)"
    assert made.about["thing"] == "<Odd that cannot be shown: ValueError>"

"""A process that was told to stop ends in time, whoever holds on, and says who that was."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from myapp.kit import deadline
from tests.furnished import furnish
from tests.serving import Served, build_pages, clear_away

SWALLOWED = r"odd/swallows: task 'odd/swallows' at \S+odd\.py:\d+ in waits"


def odd(data_dir: Path, command: str) -> Served:
    return Served(furnish(data_dir), has_imported=True, program="tests.boot.odd", command=command)


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "data"
    clear_away(tmp_path)


@pytest.mark.parametrize(
    ("kind", "said", "who"),
    [
        ("swallows", "MyApp works", SWALLOWED),
        ("holds", "It holds", r"thread 'MainThread' at \S+odd\.py:\d+ in hold"),
        ("begins", "MyApp works", "thread 'sleeper' at "),
    ],
)
def test_a_worker_ends_although_a_child_does_not(data_dir: Path, kind: str, said: str, who: str) -> None:
    worker = odd(data_dir, f"{kind} worker")
    try:
        worker.says(said).process.send_signal(signal.SIGTERM)
        assert worker.ended() == deadline.LATE
    finally:
        worker.close()
    [line] = [line for line in worker.said if "not stopped within" in line]
    assert re.search(who, line)


def test_a_server_ends_although_a_child_does_not(data_dir: Path) -> None:
    build_pages()
    server = odd(data_dir, "swallows serve")
    try:
        server.answers().process.send_signal(signal.SIGTERM)
        assert server.ended() == deadline.LATE
    finally:
        server.close()
    [line] = [line for line in server.said if "not stopped within" in line]
    assert re.search(SWALLOWED, line)


def test_it_is_25_seconds() -> None:
    assert deadline.LIMIT == 25.0

"""A process that was told to stop ends in time, whoever holds on, and says who that was."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from myapp.kit import deadline
from tests.furnished import furnish
from tests.serving import Served, build_pages, clear_away

SCRIPT = """
import asyncio, signal, sys, threading, time
from contextlib import asynccontextmanager
from myapp import application, cli
from myapp.kit import deadline, supervisor

async def waits():
    await asyncio.Event().wait()

@asynccontextmanager
async def swallows():
    try:
        yield
    finally:
        while True:
            try:
                await waits()
            except asyncio.CancelledError:
                pass

@asynccontextmanager
async def holds():
    asyncio.get_running_loop().call_later(0.5, lambda: [print("It holds", flush=True), time.sleep(3600)])
    yield

@asynccontextmanager
async def begins():
    threading.Thread(target=time.sleep, args=(3600,), name="sleeper").start()
    yield

kind = {kind}
deadline.LIMIT = 3
supervisor._run.LAST_WORDS = 0.1
before = application.children
application.children = lambda *given: [
    *before(*given), supervisor.nested("odd", [application.Child(kind.__name__, kind, shutdown=0.1)])
]
cli.main()
"""


class Odd(Served):
    """A process with such a child in its tree."""

    def __init__(self, data_dir: Path, kind: str, command: str) -> None:
        popen = subprocess.Popen

        def start(arguments: list[str], **named: object) -> subprocess.Popen[str]:
            return popen([sys.executable, "-c", SCRIPT.format(kind=kind), *arguments[3:]], **named)  # type: ignore[call-overload]

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(subprocess, "Popen", start)
            super().__init__(data_dir, command=command)


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "data"
    clear_away(tmp_path)


@pytest.mark.parametrize(
    ("kind", "said", "who"),
    [
        ("swallows", "MyApp works", "odd/swallows: task 'odd/swallows' at <string>:8 in waits"),
        ("holds", "It holds", "thread 'MainThread' at <string>:23 in holds.<locals>.<lambda>"),
        ("begins", "MyApp works", "thread 'sleeper' at "),
    ],
)
def test_a_worker_ends_although_a_child_does_not(data_dir: Path, kind: str, said: str, who: str) -> None:
    worker = Odd(furnish(data_dir), kind, "worker")
    try:
        worker.says(said).process.send_signal(signal.SIGTERM)
        assert worker.ended() == deadline.LATE
    finally:
        worker.close()
    [line] = [line for line in worker.said if "not stopped within" in line]
    assert who in line


def test_a_server_ends_although_a_child_does_not(data_dir: Path) -> None:
    build_pages()
    server = Odd(furnish(data_dir), "swallows", "serve")
    try:
        server.answers().process.send_signal(signal.SIGTERM)
        assert server.ended() == deadline.LATE
    finally:
        server.close()
    [line] = [line for line in server.said if "not stopped within" in line]
    assert "odd/swallows: task 'odd/swallows' at <string>:8 in waits" in line


def test_it_is_25_seconds() -> None:
    assert deadline.LIMIT == 25.0

"""`worker` as a supervisor of processes uses it: it ends well when asked to, and with an error when it cannot go on."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from myapp.config import ROOT
from tests.furnished import furnish
from tests.serving import PATIENCE, Served, clear_away, environment, free_port

CRASHES_FOR_EVER = """
import asyncio
from contextlib import asynccontextmanager
from myapp import application, cli
from myapp.kit.supervisor import beside

@asynccontextmanager
async def broken():
    async def loop():
        await asyncio.sleep(0)
        raise ZeroDivisionError
    async with beside(loop()):
        yield

application.children = lambda *_: [application.Child("broken", broken)]
cli.main()
"""


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "data"
    clear_away(tmp_path)


def works(worker: Served) -> None:
    """Wait until it says so."""
    while (line := worker._lines.get(timeout=PATIENCE)) != "MyApp works\n":
        assert line is not None, "".join(worker.said)


def test_who_watches_it_asks_for_its_health_and_its_figures_on_a_port_of_its_own(data_dir: Path) -> None:
    port = free_port()
    furnish(data_dir)
    worker = Served(data_dir, port=port, command="worker", has_imported=True, MYAPP_WORKER_PORT=str(port))
    try:
        works(worker)
        assert worker.get("/health/ready").json() == {"status": "ok"}
        assert {"database", "migrations", "jobs"} == worker.get("/health").json()["checks"].keys()
        deadline = time.monotonic() + PATIENCE  # the first query that counts is its first periodic work's
        while "myapp_repo_query_duration_seconds" not in (figures := worker.get("/metrics").text):
            assert time.monotonic() < deadline, figures
        assert worker.get("/metrics", headers={"x-forwarded-for": "192.0.2.1"}).status_code == 404
        elsewhere = worker.get("/log-in")
        assert (elsewhere.status_code, elsewhere.headers["x-content-type-options"]) == (404, "nosniff")

        other = Served(data_dir, command="worker", has_imported=True, MYAPP_WORKER_PORT=str(port))
        assert other.ended() == 1
        assert other.said == [f"MYAPP_WORKER_PORT: 127.0.0.1:{port} is not to be had: Address already in use\n"]
        assert worker.stop() == 0
    finally:
        worker.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_stop_it_ends_well_and_takes_postgresql_along(data_dir: Path, number: signal.Signals) -> None:
    worker = Served(furnish(data_dir), command="worker", has_imported=True)
    try:
        works(worker)
        assert worker.stop(number) == 0
        assert not (data_dir / "postgres/cluster/postmaster.pid").exists()
    finally:
        worker.close()


def test_killed_outright_it_hinders_no_other(data_dir: Path) -> None:
    furnish(data_dir)
    for number, code in ((signal.SIGKILL, -signal.SIGKILL), (signal.SIGTERM, 0)):
        worker = Served(data_dir, command="worker", has_imported=True)
        try:
            works(worker)
            assert worker.stop(number) == code
        finally:
            worker.close()


def test_when_its_tree_gives_up_it_ends_with_an_error_that_says_why(data_dir: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", CRASHES_FOR_EVER, "worker"],
        cwd=ROOT,
        env=environment(MYAPP_DATA_DIR=str(furnish(data_dir))),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1] == (
        "myapp gives up: broken was restarted too often; the last time: ZeroDivisionError"
    )

"""A process at work, seen from within by who may be its user, and what it says of that."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from myapp.config import ROOT
from tests.furnished import furnish
from tests.serving import Served, clear_away, environment


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("o")
    secret = "a-secret-of-this-very-test-and-no-other"
    server = Served(furnish(folder / "data"), command="worker", LOG_FORMAT="json", SECRET_KEY=secret)
    yield server.says("MyApp works")
    server.close()
    clear_away(folder)


def attach(server: Served, *arguments: str, typed: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "myapp", "attach", *arguments],
        cwd=ROOT,
        env=environment(MYAPP_DATA_DIR=str(server.data_dir)),
        input=typed,
        capture_output=True,
        text=True,
        check=False,
    )


def lines_of(server: Served) -> list[dict[str, Any]]:
    return [json.loads(line) for line in server.said if line.startswith("{")]


def test_one_attaches_to_it_and_finds_it_at_work(server: Served) -> None:
    listed = attach(server, "-e", "tasks()")
    assert listed.returncode == 0, listed.stderr
    assert "myapp/scheduler" in listed.stdout
    assert "scheduler: running" in attach(server, "-e", "tree()").stdout

    healthy = attach(server, typed="report = await health.report()\nprint(report.is_ok, len(report.outcomes))\n")
    assert healthy.stdout.startswith("True")

    mistaken = attach(server, "-e", "1 / 0")
    assert (mistaken.returncode, mistaken.stdout) == (1, "")
    assert "ZeroDivisionError" in mistaken.stderr
    assert server.process.poll() is None


def test_what_it_logs_is_json_with_the_id_of_the_request_and_no_secret(server: Served) -> None:
    secrets = "'%s and password=%s', 'a-secret-of-this-very-test-and-no-other', 'geheim12'"
    attach(server, "-e", f"import logging; logging.getLogger('myapp.test').warning({secrets})")
    attach(server, "-e", "1")  # it has said all of the former by now

    [line] = [line for line in lines_of(server) if line["logger"] == "myapp.test"]
    assert line["message"] == "[hidden] and password=[hidden]"
    assert line["request_id"]
    typed = [line for line in lines_of(server) if line["message"].startswith("typed: ")]
    assert {"console_pid", "console_uid", "request_id"} <= typed[0].keys()
    assert "a-secret-of-this-very-test" not in "".join(server.said), "not even where it was typed"


def test_nobody_can_attach_when_nothing_runs(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("none")
    tried = subprocess.run(
        [sys.executable, "-m", "myapp", "attach", "-e", "1"],
        cwd=ROOT, env=environment(MYAPP_DATA_DIR=str(folder)), capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (tried.returncode, tried.stdout) == (1, "")
    assert "no process runs here" in tried.stderr

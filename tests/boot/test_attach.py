"""A process at work, seen from within by who may be its user, and what it says of that."""

from __future__ import annotations

import json
import os
import pwd
import subprocess
import sys
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from myapp import cli
from myapp.config import ROOT
from tests.furnished import furnish
from tests.serving import Served, clear_away, environment

type Attach = Callable[..., Ended]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("o")
    secret = "a-secret-of-this-very-test-and-no-other"
    server = Served(furnish(folder / "data"), command="worker", has_imported=True, LOG_FORMAT="json", SECRET_KEY=secret)
    yield server.says("MyApp works")
    server.close()
    clear_away(folder)


class Ended(NamedTuple):
    """What a command that has ended said."""

    code: object
    out: str
    err: str


@pytest.fixture
def attach(server: Served, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Attach:
    """The command in this process: to start one of its own for every question takes longer than all the answers."""

    def attach(*arguments: str, typed: str = "") -> Ended:
        monkeypatch.setattr(sys, "argv", ["myapp", "attach", *arguments])
        monkeypatch.setattr(sys, "stdin", StringIO(typed))
        monkeypatch.setattr("os.environ", environment(MYAPP_DATA_DIR=str(server.data_dir)))
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return Ended(ended.value.code, said.out, said.err)

    return attach


def attach_as_typed(data_dir: Path, *arguments: str) -> Ended:
    command = [sys.executable, "-m", "myapp", "attach", *arguments]
    variables = environment(MYAPP_DATA_DIR=str(data_dir))
    ended = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)
    return Ended(ended.returncode, ended.stdout, ended.stderr)


def lines_of(server: Served) -> list[dict[str, Any]]:
    return [json.loads(line) for line in server.said if line.startswith("{")]


def test_one_attaches_to_it_and_finds_it_at_work(server: Served, attach: Attach) -> None:
    listed = attach_as_typed(server.data_dir, "-e", "tasks()")
    assert listed.code == 0, listed.err
    assert "myapp/scheduler" in listed.out
    assert "scheduler: running" in attach("-e", "tree()").out

    assert "Registrar (names): waits, 0 messages" in attach("-e", "actors()").out
    assert "<scheduler: " in attach("-e", "state('names')").out

    healthy = attach(typed="report = await health.report()\nprint(report.is_ok, len(report.outcomes))\n")
    assert healthy.out.startswith("True")

    mistaken = attach("-e", "1 / 0")
    assert (mistaken.code, mistaken.out) == (1, "")
    assert "ZeroDivisionError" in mistaken.err
    assert server.process.poll() is None


def test_who_attached_is_in_the_audit_trail(server: Served, attach: Attach) -> None:
    typed = "from myapp import ops\nfrom myapp.kit.scope import Scope\n"
    asked = "(await ops.list_audit(Scope.system('a test'), ops.AuditFilter(what='process.attached'))).entries[0]"
    found = attach(typed=f"{typed}row = {asked}\nprint(row.subject_id, row.after, row.reason)\n").out
    assert str(server.process.pid) in found
    assert pwd.getpwuid(os.getuid()).pw_name in found
    assert "the console of the machine" in found


def test_what_it_was_started_with_is_not_looked_through_for_garbage(server: Served, attach: Attach) -> None:
    found = "any(each is supervisor.root() for each in gc.get_objects())"
    assert attach(typed=f"import gc\nfrom myapp.kit import supervisor\nprint({found})\n").out.strip() == "False"


def test_what_it_logs_is_json_with_the_id_of_the_request_and_no_secret(server: Served, attach: Attach) -> None:
    secrets = "'%s and password=%s', 'a-secret-of-this-very-test-and-no-other', 'geheim12'"
    attach("-e", f"import logging; logging.getLogger('myapp.test').warning({secrets})")
    attach("-e", "1")  # it has said all of the former by now

    [line] = [line for line in lines_of(server) if line["logger"] == "myapp.test"]
    assert line["message"] == "[hidden] and password=[hidden]"
    assert line["request_id"]
    typed = [line for line in lines_of(server) if line["message"].startswith("typed: ")]
    assert {"console_pid", "console_uid", "request_id"} <= typed[0].keys()
    assert "a-secret-of-this-very-test" not in "".join(server.said), "not even where it was typed"


def test_nobody_can_attach_when_nothing_runs(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("none")
    tried = attach_as_typed(folder, "-e", "1")

    assert (tried.code, tried.out) == (1, "")
    assert "no process runs here" in tried.err

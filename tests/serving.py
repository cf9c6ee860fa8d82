"""Servers of our own for tests: `python -m myapp serve` as a person starts it, on a free port with its own data.

The pages are built once for all of them (and for the next run, while the sources stay the same).
"""

from __future__ import annotations

import os
import queue
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import httpx

from myapp import bundle
from myapp.config import ROOT, Settings, load_settings
from myapp.kit import embedded_postgres
from tests.peers import Program

PATIENCE = 120  # seconds for what takes two when the machine is idle; a start that fails says so at once


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(**variables: str) -> dict[str, str]:
    """Ours without what a test runner or a developer has set, and with these variables."""
    theirs = {str(field.validation_alias) for field in Settings.model_fields.values()} | {"MAKELEVEL"}
    kept = {name: value for name, value in os.environ.items() if name not in theirs and "REFLEX" not in name}
    return kept | variables


def build_pages() -> None:
    """For whoever serves them; a server would build them too, and be slow to answer."""
    if bundle.is_current(load_settings()):
        return
    command = [sys.executable, "-m", "myapp", "build"]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr


class Served:
    """One server process, and what it has said."""

    process: subprocess.Popen[str] | Program

    def __init__(
        self,
        data_dir: Path,
        *,
        port: int | None = None,
        command: str = "serve",
        has_imported: bool = False,
        program: str = "myapp.cli",
        **variables: str,
    ) -> None:
        """As typed; for tests of what it does later, one that `has_imported` the house already (`tests/peers.py`).

        Such a one may be another `program` than ours.
        """
        self.port = port or free_port()
        self.data_dir = data_dir
        env = environment(**({"MYAPP_PORT": str(self.port), "MYAPP_DATA_DIR": str(data_dir)} | variables))
        if has_imported:
            self.process = Program(program, *command.split(), environment=env)
        else:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "myapp", *command.split()],
                cwd=ROOT,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        self.said: list[str] = []
        self._lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answers(self) -> Served:
        """Wait until it says that it runs."""
        while True:
            line = self._lines.get(timeout=PATIENCE)
            if line is None:
                raise AssertionError("it ended:\n" + "".join(self.said))
            if self.url.rpartition(":")[2] in line and "http" in line:
                return self

    def says(self, words: str) -> Served:
        """Wait until it says so."""
        while True:
            line = self._lines.get(timeout=PATIENCE)
            if line is None:
                raise AssertionError("it ended:\n" + "".join(self.said))
            if words in line:
                return self

    def still_runs(self) -> Served:
        """Fail with what it said, if it has ended before it was told to."""
        code = self.process.poll()
        assert code is None, f"it ended with {code}:\n" + "".join(self.said[-200:])
        return self

    def get(self, path: str = "/", **asked: Any) -> httpx.Response:
        return httpx.get(self.url + path, timeout=PATIENCE, **asked)

    def post(self, path: str, **asked: Any) -> httpx.Response:
        return httpx.post(self.url + path, timeout=PATIENCE, **asked)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ask it to stop, wait, and return its exit code."""
        self.process.send_signal(number)
        return self.process.wait(timeout=PATIENCE)

    def ended(self) -> int:
        """Its exit code, once it ends by itself."""
        code = self.process.wait(timeout=PATIENCE)
        while self._lines.get(timeout=PATIENCE) is not None:
            pass
        return code

    def close(self) -> None:
        self.process.kill()
        self.process.wait()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line)
            self._lines.put(line)
        self._lines.put(None)
        self.process.stdout.close()


def clear_away(folder: Path) -> None:
    """Remove every server's data beneath a folder, also what root keeps elsewhere because the folder is private.

    A server whose last user was killed may only just be starting to end, and write its last words.
    """
    kept = [postgres for postgres in folder.rglob("postgres") if (postgres / "users").exists()]
    for postgres in kept:
        embedded_postgres.release(postgres.parent)
    deadline = time.monotonic() + PATIENCE
    for place in [*(postgres.resolve() for postgres in kept), folder]:
        while place.exists() and time.monotonic() < deadline:
            shutil.rmtree(place, ignore_errors=True)
            time.sleep(0.02)

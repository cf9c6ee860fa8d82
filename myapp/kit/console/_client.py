"""The end of the console at the keyboard."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from pathlib import Path
from typing import Self, cast

import orjson

from myapp.kit.console._wire import FOLDER, Answered, Asked, socket_of


class ConsoleError(Exception):
    """Nobody answers there; the sentence says why."""


def processes(data_dir: Path) -> list[int]:
    """The numbers of the processes one can attach to. What dead ones left behind is cleared away."""
    found: list[int] = []
    for path in sorted((data_dir / FOLDER).glob("*.sock")):
        with suppress(ValueError):
            pid = int(path.stem)
            if _is_alive(pid):
                found.append(pid)
            else:
                path.unlink(missing_ok=True)
    return found


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class Connection:
    """Attached to one process."""

    def __init__(self, data_dir: Path, pid: int) -> None:
        self._path = socket_of(data_dir, pid)
        self.pid = pid

    def __enter__(self) -> Self:
        self._socket = socket.socket(socket.AF_UNIX)
        try:
            self._socket.connect(str(self._path))
        except OSError as error:
            self._socket.close()
            raise ConsoleError(f"process {self.pid} cannot be attached to: {error.strerror}") from None
        self._lines = self._socket.makefile("rb")
        return self

    def __exit__(self, *_: object) -> None:
        self._lines.close()
        self._socket.close()

    def ask(self, code: str) -> Answered:
        """Have something run there, and wait for what comes of it. Raises ConsoleError when the process ends."""
        try:
            self._socket.sendall(orjson.dumps(Asked(code=code)) + b"\n")
            line = self._lines.readline()
        except OSError:
            line = b""
        if not line:
            raise ConsoleError(f"process {self.pid} has ended the connection")
        return cast("Answered", orjson.loads(line))

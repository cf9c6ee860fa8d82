"""A port of this machine, ours from the first moment: who finds it taken says so before anything slow begins."""

from __future__ import annotations

import socket
import time
from collections.abc import Generator
from contextlib import contextmanager

_PATIENCE = 1.0  # seconds: one that was just stopped needs a moment to let go


class NoPortError(Exception):
    """It is not to be had; the sentence names the variable that says which one is wanted."""


@contextmanager
def listening(host: str, port: int, variable: str) -> Generator[socket.socket]:
    """The port until the end of the block; nobody is let in before somebody accepts. Raises NoPortError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)
    except socket.gaierror as error:
        raise NoPortError(f"MYAPP_HOST: {host} is no address of this machine: {error.strerror}") from None
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                listener.bind((host, port))
            except OSError as error:
                if time.monotonic() < deadline:
                    time.sleep(0.1)
                    continue
                raise NoPortError(f"{variable}: {host}:{port} is not to be had: {error.strerror}") from None
            break
        yield listener

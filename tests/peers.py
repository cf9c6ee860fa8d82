"""Other processes of the same house, for tests of what several do together: each in a few milliseconds.

there = await start("tests.kit.jobs.peer", url, "hang")      # runs `main(url, "hang")` of that module
assert await there.stdout.readline() == b"taken\n"
there.kill()
assert await there.wait() == -signal.SIGKILL

A process that imports the house needs one to three seconds of a processor for it, so that is done once for each of
pytest's workers, in a process that each peer is a fork of (`tests/nursery.py`). How a program of ours starts from
nothing is for the tests in `tests/boot`.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from io import FileIO
from typing import ClassVar, override

from myapp.config import ROOT


class _Forked:
    """A process that is not a child of ours: the nursery says how it ended."""

    pid = 0
    returncode: int | None = None

    def send_signal(self, number: int) -> None:
        if self.returncode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Peer(_Forked, asyncio.Protocol):
    """As `asyncio.subprocess.Process` is, for a process that is not a child of ours."""

    alive: ClassVar[set[Peer]] = set()
    stdin: asyncio.StreamWriter
    stdout: asyncio.StreamReader

    def __init__(self) -> None:
        self._half_said = b""
        self._has_begun, self._has_ended = asyncio.Event(), asyncio.Event()

    @override
    def data_received(self, data: bytes) -> None:
        """Its number, and later its exit code."""
        *lines, self._half_said = (self._half_said + data).split(b"\n")
        for line in lines:
            if self.pid:
                self.returncode = int(line)
            else:
                self.pid = int(line)
                self._has_begun.set()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self.alive.discard(self)
        self._has_begun.set()
        self._has_ended.set()
        self.stdin.close()

    async def has_begun(self) -> None:
        await self._has_begun.wait()
        assert self.pid, "the nursery could not make it: see above"

    async def wait(self) -> int:
        """Its exit code; that of one which was killed is below zero."""
        await self._has_ended.wait()
        with suppress(ConnectionError):
            await self.stdin.wait_closed()
        assert self.returncode is not None
        return self.returncode


class Program(_Forked):
    """As `subprocess.Popen` is, with nothing to read and one pipe for all that it says.

    It runs a module's `main()` that is no coroutine, as the interpreter would.
    """

    def __init__(self, module: str, *arguments: str, environment: Mapping[str, str]) -> None:
        order = {"module": module, "arguments": arguments, "environment": environment, "errors_too": True}
        (said, their_stdout), (status, their_status) = os.pipe(), os.pipe()
        nothing = os.open(os.devnull, os.O_RDONLY)
        Nursery.of_this_worker().ask(order, nothing, their_stdout, their_status)
        self.stdout = os.fdopen(said, encoding="utf-8")
        self._status = os.fdopen(status)
        self.pid = int(self._status.readline())
        self._has_ended = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        with self._status as status:
            self.returncode = int(status.readline())
        self._has_ended.set()

    def poll(self) -> int | None:
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code; that of one which was killed is below zero."""
        if not self._has_ended.wait(timeout):
            raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
        assert self.returncode is not None
        return self.returncode


class Nursery:
    """The one of this worker; it is started by the first peer."""

    running: ClassVar[Nursery | None] = None

    def __init__(self) -> None:
        self._asking, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
        with theirs:
            command = [sys.executable, "-m", "tests.nursery", str(theirs.fileno())]
            self._process = subprocess.Popen(command, cwd=ROOT, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)

    @classmethod
    def of_this_worker(cls) -> Nursery:
        if cls.running is None:
            cls.running = cls()
        return cls.running

    def ask(self, order: Mapping[str, object], *theirs: int) -> None:
        """For a process with these descriptors: what it reads, what it says, and what is said of it."""
        socket.send_fds(self._asking, [json.dumps(order).encode()], theirs)
        for descriptor in theirs:
            os.close(descriptor)

    async def start(self, order: Mapping[str, object]) -> Peer:
        loop = asyncio.get_running_loop()
        (their_stdin, our_stdin), (our_stdout, their_stdout), (our_status, their_status) = (os.pipe() for _ in range(3))
        peer = Peer()
        peer.stdout = asyncio.StreamReader()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(peer.stdout), FileIO(our_stdout, "rb"))
        writing, protocol = await loop.connect_write_pipe(
            lambda: asyncio.StreamReaderProtocol(asyncio.StreamReader()), FileIO(our_stdin, "wb")
        )
        peer.stdin = asyncio.StreamWriter(writing, protocol, None, loop)
        await loop.connect_read_pipe(lambda: peer, FileIO(our_status, "rb"))
        self.ask(order, their_stdin, their_stdout, their_status)
        await peer.has_begun()
        Peer.alive.add(peer)
        return peer

    def stop(self) -> None:
        self._asking.close()
        self._process.wait()


async def start(module: str, *arguments: str, environment: Mapping[str, str] | None = None) -> Peer:
    """A process that runs the module's `main(*arguments)`; it has our environment, with these variables."""
    variables = os.environ | (environment or {})
    order = {"module": module, "arguments": arguments, "environment": variables, "errors_too": False}
    return await Nursery.of_this_worker().start(order)


@asynccontextmanager
async def none_left() -> AsyncGenerator[None]:
    """Who is begun within the block ends with it: after a failure they would go on in the database of the next test."""
    others = set(Peer.alive)
    yield
    for peer in Peer.alive - others:
        peer.kill()
        await peer.wait()


def stop() -> None:
    """The nursery, at the end of the run."""
    if Nursery.running is not None:
        Nursery.running.stop()
        Nursery.running = None

"""The end of the console in the process that one looks into."""

from __future__ import annotations

import asyncio
import logging
import os
import pwd
import socket
import struct
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import orjson

from myapp.kit import logs
from myapp.kit.console._evaluate import Answer, Session
from myapp.kit.console._wire import LONGEST, MAX_PATH, Answered, Asked, socket_of

log = logging.getLogger(__name__)


NOTE = 2.0  # seconds that it may take to note who attaches: where the database hangs, somebody has to look


@dataclass(frozen=True, slots=True)
class Attached:
    """Who looks into this process: a user of this machine, by name and number, and the process they do it from."""

    user: str
    uid: int
    pid: int


type Note = Callable[[Attached], Awaitable[object]]


@asynccontextmanager
async def running(
    data_dir: Path, names: Mapping[str, object] | None = None, *, note: Note | None = None
) -> AsyncGenerator[None]:
    """Let this user attach until the end of the block. Where no socket is to be had, nothing is lost but that.

    `note` keeps who did, before they can do anything. That it failed, or took long, is in the log and keeps nobody out.
    """
    path = socket_of(data_dir, os.getpid())
    console = _Console(names or {}, note)
    try:
        server = await _listen(path, console)
    except OSError as error:
        log.warning("nobody can attach to this process: %s", error)
        yield
        return
    try:
        yield
    finally:
        server.close()
        await console.close()
        path.unlink(missing_ok=True)


async def _listen(path: Path, console: _Console) -> asyncio.Server:
    if len(os.fsencode(path)) > MAX_PATH:
        raise OSError(f"{path} is too long for a socket")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.parent.chmod(0o700)  # before there is a socket in it
    path.unlink(missing_ok=True)  # of a process that had this number before
    server = await asyncio.start_unix_server(console.serve, str(path), limit=LONGEST)
    path.chmod(0o600)
    return server


class _Console:
    """Those who are attached."""

    def __init__(self, names: Mapping[str, object], note: Note | None) -> None:
        self._names = names
        self._note = note
        self._attached: set[asyncio.Task[Any]] = set()

    async def close(self) -> None:
        """Show everybody out."""
        for task in self._attached:
            task.cancel()
        await asyncio.gather(*self._attached, return_exceptions=True)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection. What it asks for is in the log before it is done."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - asyncio calls this in one
        task.set_name("console")
        self._attached.add(task)
        try:
            await self._converse(reader, writer)
        except (ConnectionError, asyncio.CancelledError, ValueError):
            pass
        finally:
            self._attached.discard(task)
            writer.close()
            with suppress(Exception):
                await writer.wait_closed()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        pid, uid = _peer(writer)
        logs.begin(console_pid=pid, console_uid=uid)
        if uid not in {os.getuid(), 0}:
            log.error("somebody else tried to attach")
            return
        log.warning("attached")
        await self._keep(Attached(_user_name(uid), uid, pid))
        session = Session(self._names)
        while line := await reader.readline():
            asked = cast("Asked", orjson.loads(line))
            log.warning("typed: %s", asked["code"])
            answer = await _unless_they_go(reader, session.run(asked["code"]))
            if answer is None:
                break
            writer.write(orjson.dumps(Answered(text=answer.text, is_error=answer.is_error)) + b"\n")
            await writer.drain()
        log.warning("detached")

    async def _keep(self, attached: Attached) -> None:
        if self._note is None:
            return
        try:
            async with asyncio.timeout(NOTE):
                await self._note(attached)
        except Exception:
            log.exception("that %s attached is noted in this log alone", attached.user)


async def _unless_they_go(reader: asyncio.StreamReader, work: Any) -> Answer | None:
    """What comes of it; None, and it is cancelled, where nobody is there to hear."""
    running_work: asyncio.Task[Answer] = asyncio.create_task(work, name="console: what was typed")
    gone = asyncio.create_task(reader.read(1), name="console: whether they go")  # they say nothing before the answer
    try:
        await asyncio.wait({running_work, gone}, return_when=asyncio.FIRST_COMPLETED)
        return running_work.result() if running_work.done() else None
    finally:
        for task in (running_work, gone):
            task.cancel()
        await asyncio.gather(running_work, gone, return_exceptions=True)


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _peer(writer: asyncio.StreamWriter) -> tuple[int, int]:
    """Number of process and user; where the system does not tell (macOS), the file's mode has to do."""
    option = getattr(socket, "SO_PEERCRED", None)
    if option is None:
        return 0, os.getuid()
    raw: bytes = writer.get_extra_info("socket").getsockopt(socket.SOL_SOCKET, option, struct.calcsize("3i"))
    pid, uid, _ = struct.unpack("3i", raw)
    return pid, uid

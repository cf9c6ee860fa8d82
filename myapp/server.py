"""`python -m myapp serve`: one process, one port for pages, API and sockets, from the first check to the last.

What always holds: a taken port is said before anything slow begins; whatever stops it (Ctrl-C, SIGTERM, an error) stops
what it started, PostgreSQL last, and what does not let go within 25 s is named and left (`kit/deadline.py`); killed
outright, it leaves nothing that hinders the next start.

uvicorn runs in this process, with uvloop, httptools and `websockets-sansio`: 54 KiB a Reflex session against granian's
194 KiB, and a third more events a second.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager, suppress
from functools import partial
from types import FrameType
from typing import override

import uvicorn

from myapp import accounts, bundle, database, seeds
from myapp.config import ROOT, Settings
from myapp.kit import deadline, lifetime, logs, routes
from myapp.kit.channels.server import WebSocketProtocol
from myapp.kit.listening import listening

GRACE = 10
"""Seconds that requests and events under way are given to finish."""
PR_SET_PDEATHSIG = 1
_CHATTER = ("npm silly", "npm verbose", "npm info", "npm http", "─", "Compiling:")


class ServeError(Exception):
    """It cannot start; the sentence says why."""


def serve(settings: Settings, say: Callable[[str], None]) -> None:
    """Check, prepare, build, serve until told to stop; `say` what is going on.

    Raises ServeError, NoPortError, DatabaseError.
    """
    _follow_make()
    logs.configure(settings.log_level, settings.log_format, secrets=settings.secrets)
    with deadline.kept(), listening(settings.host, settings.port, "MYAPP_PORT") as listener, _stoppable():
        try:
            with _built(settings, say):
                database.prepare(settings)
            _run(settings, listener, say)
        finally:
            database.release(settings)


def _run(settings: Settings, listener: socket.socket, say: Callable[[str], None]) -> None:
    # Reflex's names for: serve the built pages from the same port, and do not compile them again.
    os.environ["__REFLEX_MOUNT_FRONTEND_COMPILED_APP"] = "1"
    os.environ["__REFLEX_SKIP_COMPILE"] = "1"
    os.environ["REFLEX_ENV_MODE"] = "prod"
    config = uvicorn.Config(
        "myapp.myapp:app",
        factory=True,
        loop="uvloop",
        http="httptools",
        ws=WebSocketProtocol,
        ws_max_size=1 << 20,
        ws_per_message_deflate=False,  # it would hold 31 KiB for each connection
        log_config=None,  # what it logs goes where everything goes
        log_level="warning",
        access_log=False,
        server_header=False,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=GRACE,
    )
    server = _Server(config, partial(_announce, settings, say))
    try:
        server.run(sockets=[listener])
    finally:
        # It asked itself to stop, and uvicorn passes the signal on: that must not look like an end in good order.
        if server.started and server.lifespan.should_exit:
            raise ServeError("the application gave up: the log above says why") from None
    if not server.started:
        raise ServeError("the application did not start: the log above says why")


async def _announce(settings: Settings, say: Callable[[str], None]) -> None:
    say(f"MyApp runs at {settings.public_url}")
    if settings.keeps_mail:
        say(f"Mails stay here, to be read at {settings.public_url}{routes.mailbox()}")
    people = await accounts.list_demo_users() if settings.env == "development" else []
    if people:
        say(f"Log in as one of the demonstration's people at {settings.public_url}{routes.log_in()}")
        say(f"with one press, or with the password {seeds.PASSWORD}:")
    for person in people:
        say(f"  {f'{person.username}@{accounts.DEMO_DOMAIN}':22}{person.name}, {person.role} of {person.org_name}")


class _Server(uvicorn.Server):
    """Says so once it answers."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], Awaitable[None]]) -> None:
        super().__init__(config)
        self._announce = announce

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        await self._announce()

    @override
    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        lifetime.begin_stopping()
        super().handle_exit(sig, frame)


@contextmanager
def _built(settings: Settings, say: Callable[[str], None]) -> Generator[None]:
    """The pages are built beside what happens in the block; leaving it early ends the build."""
    if bundle.is_current(settings):
        yield
        return
    say("Building the pages …")
    log = settings.data_dir / "build.log"
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        build = subprocess.Popen(
            [sys.executable, "-m", "myapp", "build"],
            cwd=ROOT,
            env=os.environ | {"COLUMNS": "240"},  # a line of npm's stays one line
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield
        if build.wait() != 0:
            raise ServeError(f"{_gist(log.read_text(errors='replace'))}\nthe pages could not be built; see {log}")
    finally:
        if build.poll() is None:
            os.killpg(build.pid, signal.SIGKILL)
            build.wait()


def _gist(log: str) -> str:
    """The end of a failed build's log without what npm says to itself, which is a thousand lines and more."""
    lines = [line for line in log.strip().splitlines() if not line.startswith(_CHATTER)]
    return "\n".join(lines[-40:])


@contextmanager
def _stoppable() -> Generator[None]:
    """Before and after uvicorn listens for them, signals unwind what was done so far; a second one changes nothing."""
    asked = False

    def stop(_number: int, _frame: object) -> None:
        nonlocal asked
        if not asked:
            asked = True
            raise _Stopped

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with suppress(_Stopped):
            yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Stopped(BaseException):
    """Somebody asked us to stop."""


def _follow_make() -> None:
    """Killed outright, `make` cannot pass anything on: the kernel then stops us, and the port is free (Linux only)."""
    if "MAKELEVEL" in os.environ and sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)

"""Starting, joining, watching and giving up the server of one folder."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import stat
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from myapp.kit.embedded_postgres import _install, _locks
from myapp.kit.embedded_postgres._install import Account, EmbeddedPostgresError

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "jit": "off",
    "timezone": "UTC",
}
SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_PATH_BYTES = 100
"""Kernels take 104 to 108 bytes, PostgreSQL a little less."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Use:
    """This process's part in a server: the shared lock that says so, open until `release` or the end."""

    lock: int
    is_released: bool = False


_uses: dict[Path, _Use] = {}


def ensure(data_dir: Path, *, database: str = "postgres", timeout: float = 60) -> str:
    """Start the server of this folder or join it, make the database if it is missing, and return its URL.

    The URL is a superuser's, over a private socket. Blocks up to `timeout` seconds. Raises EmbeddedPostgresError.
    """
    deadline = time.monotonic() + timeout
    try:
        server = Server(_install.settle(data_dir.absolute() / "postgres"))
        if server.folder in _uses:
            server.start_or_join(deadline)
        else:
            _uses[server.folder] = server.use(deadline)
        server.create_database(database, deadline)
    except TimeoutError:
        raise EmbeddedPostgresError(f"the embedded PostgreSQL did not answer within {timeout:.0f} s") from None
    except OSError as error:
        raise EmbeddedPostgresError(f"the embedded PostgreSQL cannot use {error.filename}: {error.strerror}") from error
    return server.url(database)


def release(data_dir: Path, *, timeout: float = 30) -> None:
    """Give the server up; when nobody else uses it, wait until it is down."""
    server = Server((data_dir.absolute() / "postgres").resolve())
    use = _uses.pop(server.folder, None)
    if use is None:
        return
    use.is_released = True
    os.close(use.lock)
    deadline = time.monotonic() + timeout
    while server.folder.exists() and not _locks.is_free(server.keeper, _locks.SHARED) and not server.has_users():
        _locks.pause_until(deadline)


@dataclass(frozen=True, slots=True)
class Server:
    """One server by its real folder: the cluster, the log, and the locks, which so belong to it under every name."""

    folder: Path

    @property
    def cluster(self) -> Path:
        return self.folder / "cluster"

    @property
    def users(self) -> Path:
        return self.folder / "users"

    @property
    def keeper(self) -> Path:
        return self.folder / "keeper"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    def url(self, database: str) -> str:
        return f"postgresql://postgres@/{quote(database, safe='')}?host={quote(str(self.sockets))}"

    @property
    def sockets(self) -> Path:
        """In the cluster, which only its account can enter; elsewhere when the path is too long, or has a comma."""
        if len(os.fsencode(self.cluster / SOCKET_NAME)) <= SOCKET_PATH_BYTES and "," not in str(self.cluster):
            return self.cluster
        return Path("/tmp") / f"pg-{os.geteuid()}-{hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:12]}"  # noqa: S108

    def use(self, deadline: float) -> _Use:
        """Become a user, from before the server starts, so that no keeper can think itself unneeded."""
        use = _Use(_locks.acquire(self.users, _locks.SHARED, deadline))
        try:
            self.start_or_join(deadline)
        except BaseException:
            os.close(use.lock)
            raise
        threading.Thread(target=self.watch, args=(use,), daemon=True).start()
        return use

    def start_or_join(self, deadline: float) -> None:
        with _locks.held(self.folder / "start", deadline):
            while (lock := _locks.attempt(self.keeper, _locks.EXCLUSIVE)) is None:
                if self.answers():
                    return
                _locks.pause_until(deadline)
            try:
                self.spawn_keeper(lock)
            finally:
                os.close(lock)
            while not self.answers():
                if _locks.is_free(self.keeper, _locks.SHARED):
                    raise EmbeddedPostgresError(f"the embedded PostgreSQL does not start:\n{self.last_words()}")
                _locks.pause_until(deadline)

    def spawn_keeper(self, lock: int) -> None:
        """The keeper inherits the lock, so that there is no moment in which nobody seems to stand over the server."""
        account = _install.account_for(self.cluster)
        _install.initialise(self.cluster, account)
        self.prepare_sockets(account)
        argv = [
            str(_install.reachable_programs(account) / "postgres"),
            "-D",
            str(self.cluster),
            "-k",
            str(self.sockets),
        ]
        for name, value in SETTINGS.items():
            argv += ["-c", f"{name}={value}"]
        job = {"argv": argv, "cluster": str(self.cluster), "users": str(self.users), "lock": lock, "account": account}
        with self.log.open("ab") as output:
            keeper = subprocess.Popen(
                [sys.executable, "-I", "-S", str(Path(__file__).with_name("_keeper.py")), json.dumps(job)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=[lock],
                start_new_session=True,
                cwd="/",
                env=_install.environment(),
            )
        keeper.returncode = 0  # it outlives its starter, who never waits for it; Popen would warn about that

    def prepare_sockets(self, account: Account) -> None:
        if self.sockets == self.cluster:
            return
        self.sockets.mkdir(mode=0o700, exist_ok=True)
        found = self.sockets.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (os.geteuid(), account.get("user")):
            raise EmbeddedPostgresError(f"{self.sockets} belongs to somebody else: move the project to a shorter path")
        if account:
            os.chown(self.sockets, account["user"], account["group"])

    def answers(self) -> bool:
        try:
            with psycopg.connect(self.url("postgres"), connect_timeout=2):
                return True
        except psycopg.OperationalError:
            return False

    def create_database(self, name: str, deadline: float) -> None:
        """In the gate, so that two processes do not both find it missing."""
        with (
            _locks.held(self.folder / "start", deadline),
            psycopg.connect(self.url("postgres"), autocommit=True) as connection,
        ):
            if connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone() is None:
                connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))

    def has_users(self) -> bool:
        """The keeper takes the users' lock whole as soon as it can: one that can only be shared is in others' use."""
        return not _locks.is_free(self.users, _locks.EXCLUSIVE) and _locks.is_free(self.users, _locks.SHARED)

    def watch(self, use: _Use) -> None:
        """Put a new keeper in the place of one that was killed, for as long as this process uses the server."""
        try:
            while True:
                _locks.wait_for(self.keeper)
                if use.is_released:
                    return
                self.start_or_join(time.monotonic() + 60)
        except (EmbeddedPostgresError, OSError):
            if not use.is_released:
                log.exception("the embedded PostgreSQL is gone")

    def last_words(self) -> str:
        return self.log.read_text(errors="replace")[-2000:].strip()

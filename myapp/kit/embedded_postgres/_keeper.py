"""The process that stands over an embedded PostgreSQL; started by `_server.py`, never imported by it.

It is the server's parent and lives in a session of its own, so that Ctrl-C in a terminal does not reach the server
while somebody still uses it. What always holds:

- it inherits the exclusive lock on the `keeper` file: while that is held, somebody stands over the server;
- it waits for the exclusive lock on the `users` file, which every user of the server holds shared. The kernel gives
  up a dead process's locks, so it gets it as soon as the last user is gone, however that one died;
- a server that dies meanwhile is started again; a keeper that dies takes its server along;
- when the folder was deleted, or another one is in its place now, it lets go of everything.

Run as a script with `-I -S`, hence the standard library only. A one-child supervisor, in Erlang's words.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

PR_SET_PDEATHSIG = 1
QUICK_DEATH_SECONDS = 5
TRIES = 40
"""A killed server's children need a moment to notice; until then a new one finds its memory still in use."""


class Keeper:
    """Starts the server, starts it again when it dies, and stops it when nobody holds the users' lock."""

    def __init__(self, argv: list[str], cluster: Path, users: Path, lock: int, account: dict[str, int]) -> None:
        self.argv, self.cluster, self.users, self.lock, self.account = argv, cluster, users, lock, account
        self.server: subprocess.Popen[bytes] | None = None
        self.stopping = False
        self.guard = threading.Lock()

    def run(self) -> int:
        """Until the last user is gone (0), or until the server does not stay up however often it is tried (1)."""
        threading.Thread(target=self.stop_after_the_last_user, daemon=True).start()
        tries = 0
        while tries < TRIES:
            started = time.monotonic()
            server = self.start()
            if server is None:
                return 0
            server.wait()
            tries = tries + 1 if time.monotonic() - started < QUICK_DEATH_SECONDS else 0
            time.sleep(0.1)
        return 1

    def start(self) -> subprocess.Popen[bytes] | None:
        """The new server, or None because it is time to go."""
        with self.guard:
            if self.stopping or not self.is_still_in_place():
                return None
            make_way(self.cluster)
            self.server = subprocess.Popen(
                self.argv,
                preexec_fn=die_with_parent(),  # noqa: PLW1509 - the other thread waits in the kernel and holds nothing
                user=self.account.get("user"),
                group=self.account.get("group"),
                extra_groups=[] if self.account else None,
            )
            return self.server

    def is_still_in_place(self) -> bool:
        try:
            return os.path.samestat(os.fstat(self.lock), self.users.with_name("keeper").stat())
        except OSError:
            return False

    def stop_after_the_last_user(self) -> None:
        with self.users.open("r+b") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # held to the end: a new user waits until the server is down
            with self.guard:
                self.stopping = True
            if self.server is not None:
                stop(self.server)


def die_with_parent() -> Callable[[], object]:
    """Between fork and exec: ask the kernel for a fast shutdown when the keeper dies (Linux only)."""
    if sys.platform != "linux":
        return lambda: None
    prctl = ctypes.CDLL(None).prctl  # found before the fork: the server's account may not be able to read this Python
    return lambda: prctl(PR_SET_PDEATHSIG, signal.SIGINT)


def stop(server: subprocess.Popen[bytes]) -> None:
    """PostgreSQL's fast shutdown, and its immediate one (which loses nothing either, but recovers later)."""
    server.send_signal(signal.SIGINT)
    try:
        server.wait(timeout=30)
    except subprocess.TimeoutExpired:
        server.send_signal(signal.SIGQUIT)


def make_way(cluster: Path) -> None:
    """End a server that an earlier keeper left behind, and defuse its `postmaster.pid`.

    PostgreSQL refuses to start while the number in that file belongs to any living process, also when that is a
    zombie, or a stranger that was given the number after a restart. Our own number in its place tells it that the
    owner is gone, and leaves its second check (is the shared memory still in use?) alone.
    """
    pid_file = cluster / "postmaster.pid"
    try:
        first, rest = pid_file.read_text().split("\n", 1)
        pid = int(first)
    except (OSError, ValueError):
        return
    for number in (signal.SIGINT, signal.SIGQUIT):
        end(pid, cluster, number)
    if pid_file.exists():
        pid_file.write_text(f"{os.getpid()}\n{rest}")


def end(pid: int, cluster: Path, number: int) -> None:
    """Signal the server once and give it time."""
    if is_server(pid, cluster):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
    deadline = time.monotonic() + 30
    while is_server(pid, cluster) and time.monotonic() < deadline:
        time.sleep(0.05)


def is_server(pid: int, cluster: Path) -> bool:
    """Whether this is a living process started with our cluster (a zombie has no arguments any more)."""
    try:
        if Path("/proc/self").exists():
            arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        else:
            shown = subprocess.run(["ps", "-o", "args=", "-p", str(pid)], capture_output=True, check=False)  # noqa: S607
            arguments = shown.stdout.strip().split(b" -k ")[0].split(b" -D ")
    except OSError:
        return False
    return os.fsencode(cluster) in arguments


def main() -> int:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    job = json.loads(sys.argv[1])
    return Keeper(job["argv"], Path(job["cluster"]), Path(job["users"]), job["lock"], job["account"]).run()


if __name__ == "__main__":
    raise SystemExit(main())

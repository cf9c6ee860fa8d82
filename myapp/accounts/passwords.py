"""Passwords as argon2id, and never on the event loop.

    hashed = await hash_password("Correct horse 1")
    check = await check_password(hashed, "Correct horse 1")
    check.is_right, check.is_outdated               # True, False

What always holds: to check a password for somebody who has none, or whom nobody knows, takes the same work as for
anybody else, so that how long it took tells nothing. The work is done by as many threads as there are cores, which
step back for everything else, so that pages stay live while many log in; whoever would have to wait for long is told to
come again. Whoever calls holds no connection to the database meanwhile.

The parameters are OWASP's (Password Storage Cheat Sheet): 19 MiB and two passes, 22 ms of a core here. Hashes of other
parameters are told by `is_outdated`, and made anew at the next log-in.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from myapp.kit.errors import RateLimited

HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
THREADS = os.cpu_count() or 1
MAX_WAITING = 500
"""How many may wait for their turn: some ten seconds' worth."""
NICE = 10
_NOBODYS = "the password of nobody"


@dataclass(frozen=True, slots=True)
class PasswordCheck:
    """What came of it; `is_outdated` only where it is right."""

    is_right: bool
    is_outdated: bool = False


async def hash_password(password: str) -> str:
    """What is kept of a password, in PHC format: parameters, salt and hash. Raises RateLimited when too many wait."""
    return await _work(HASHER.hash, password)


async def check_password(hashed: str | None, password: str) -> PasswordCheck:
    """Whether it is the password of this hash; never, where there is no hash. Raises RateLimited when too many wait."""
    return await _work(_check, hashed, password)


def _check(hashed: str | None, password: str) -> PasswordCheck:
    try:
        HASHER.verify(hashed or _nobodys_hash(), password)
    except (VerificationError, InvalidHashError):
        return PasswordCheck(is_right=False)
    return PasswordCheck(hashed is not None, hashed is not None and HASHER.check_needs_rehash(hashed))


@cache
def _nobodys_hash() -> str:
    return HASHER.hash(_NOBODYS)


_waiting = 0


async def _work[T](act: Callable[..., T], *arguments: object) -> T:
    global _waiting  # noqa: PLW0603 - one count for the one pool of the process
    if _waiting >= MAX_WAITING:
        raise RateLimited(5)
    _waiting += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_pool(), act, *arguments)
    finally:
        _waiting -= 1


@cache
def _pool() -> ThreadPoolExecutor:
    """Made when it is first needed, and prepared so that the first of nobody's passwords takes no longer."""
    pool = ThreadPoolExecutor(THREADS, thread_name_prefix="argon2", initializer=_step_back)
    pool.submit(_nobodys_hash)
    return pool


def _step_back() -> None:
    """Let everything else go first. On Linux a thread has a priority of its own."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)


_turns: asyncio.Semaphore | None = None


@asynccontextmanager
async def turn() -> AsyncGenerator[None]:
    """As many at once as there are threads: what is looked at within, such as how often somebody has failed, holds.

    Raises RateLimited when too many wait.
    """
    global _turns, _waiting  # noqa: PLW0603 - one queue for the one pool of the process
    if _waiting >= MAX_WAITING:
        raise RateLimited(5)
    _turns = _turns or asyncio.Semaphore(THREADS)
    _waiting += 1
    try:
        async with _turns:
            yield
    finally:
        _waiting -= 1

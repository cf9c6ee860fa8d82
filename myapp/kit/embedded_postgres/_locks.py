"""Advisory file locks that the kernel drops with their process, taken with a deadline instead of for ever."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

SHARED, EXCLUSIVE = fcntl.LOCK_SH, fcntl.LOCK_EX
_PAUSE = 0.02


def attempt(path: Path, kind: int) -> int | None:
    """A descriptor that holds the lock until it is closed, or None while others hold it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def acquire(path: Path, kind: int, deadline: float) -> int:
    """Like `attempt`, but waits until `time.monotonic()` reaches the deadline. Raises TimeoutError."""
    while (descriptor := attempt(path, kind)) is None:
        pause_until(deadline)
    return descriptor


def wait_for(path: Path) -> None:
    """Block until nobody holds the lock exclusively. Raises FileNotFoundError when it was never taken, or deleted."""
    descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


def is_free(path: Path, kind: int) -> bool:
    """Whether a lock of this kind could be had right now."""
    descriptor = attempt(path, kind)
    if descriptor is not None:
        os.close(descriptor)
    return descriptor is not None


@contextmanager
def held(path: Path, deadline: float) -> Generator[None]:
    """The exclusive lock for a block."""
    descriptor = acquire(path, EXCLUSIVE, deadline)
    try:
        yield
    finally:
        os.close(descriptor)


def pause_until(deadline: float) -> None:
    """One short pause of a waiting loop; TimeoutError when there is no time left."""
    if time.monotonic() >= deadline:
        raise TimeoutError
    time.sleep(_PAUSE)

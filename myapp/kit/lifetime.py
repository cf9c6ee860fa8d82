"""Whether this process is about to end: what waits for work takes no more, and whoever asks is told to go elsewhere.

lifetime.settle()               # everything is started: it is not looked through for garbage any more
lifetime.begin_stopping()       # the server does, with the first signal; what is under way is finished after it
lifetime.is_stopping()          # `/health` says "not ready", the scheduler begins no run
lifetime.leave_off()            # long work says so where another process can go on; a job is then given back
"""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Generator
from contextlib import contextmanager

log = logging.getLogger(__name__)


class Stopping(Exception):
    """The process is about to end, and what was under way can be gone on with by another."""


_is_stopping = False
_told: list[Callable[[], None]] = []


def settle() -> None:
    """Whatever has been made until now stays, and the garbage collector leaves it out.

    There are 400,000 objects by then: to look through them holds up the event loop for 0.1 s or more, each time.
    """
    gc.freeze()


def begin_stopping() -> None:
    """Take no more work from now on. May be called twice, and from a signal's handler."""
    global _is_stopping  # noqa: PLW0603 - a process has one life
    if _is_stopping:
        return
    _is_stopping = True
    for callback in tuple(_told):
        try:
            callback()
        except Exception:
            log.exception("somebody who was to be told of the stop failed")


def is_stopping() -> bool:
    """Whether it was said that this process is to end."""
    return _is_stopping


def leave_off() -> None:
    """Raise Stopping if this process is to end. For long work, between two of its steps: what was done is kept."""
    if _is_stopping:
        raise Stopping


@contextmanager
def when_stopping(callback: Callable[[], None]) -> Generator[None]:
    """Within the block: call `callback()` once, when the process begins to stop; at once, if it has begun."""
    if _is_stopping:
        callback()
    _told.append(callback)
    try:
        yield
    finally:
        _told.remove(callback)


@contextmanager
def begun() -> Generator[None]:
    """The application's life: it is not stopping when the block begins, and is no more when it has ended."""
    global _is_stopping  # noqa: PLW0603
    _is_stopping = False
    try:
        yield
    finally:
        _is_stopping = False

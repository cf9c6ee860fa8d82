"""A process that was told to stop ends in time, whoever does not let go.

    with deadline.kept():               # around all that the process does
        server.run()

What always holds: from the moment at which the process begins to stop (`lifetime.begin_stopping`) it has `LIMIT`
seconds. One that ends by itself has stopped all that ran, and its code is its own: 0. Else it is ended with the code
`LATE`, after one line that names what did not stop: tasks with the child of the tree that began them and the line at
which they stand, threads, and where the main thread is. A thread watches, as what does not stop may hold the loop.

Whoever stops processes should wait a little longer before it kills: `TimeoutStopSec=30`,
`terminationGracePeriodSeconds: 30`.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress

from myapp.kit import lifetime
from myapp.kit.supervisor import child_of, place, stands_at

log = logging.getLogger(__name__)

LIMIT = 25.0
LATE = 124
"""The exit code of one that was ended: that of `timeout(1)`."""
LAST_WORDS = 2.0  # seconds that the line may take: who is stuck may hold what the log needs
SHOWN = 20


@contextmanager
def kept() -> Generator[None]:
    """Begin to count when the process begins to stop, within the block; it is over when the process has ended."""
    watch = _Watch()
    with lifetime.when_stopping(watch.begin):
        yield


class _Watch:
    """Counts, once it has begun, until it ends the process."""

    def __init__(self) -> None:
        self._begun = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        threading.Thread(target=self._run, name="deadline", daemon=True).start()

    def begin(self) -> None:
        """May be called twice, and from a signal's handler."""
        with suppress(RuntimeError):
            self._loop = self._loop or asyncio.get_running_loop()
        self._begun.set()

    def _run(self) -> None:
        self._begun.wait()
        time.sleep(LIMIT)
        last_words = threading.Thread(target=self._say, daemon=True)
        last_words.start()
        last_words.join(LAST_WORDS)
        os._exit(LATE)

    def _say(self) -> None:
        left = [*_threads(), *_tasks(self._loop)]
        more = f"; and {len(left) - SHOWN} more" if len(left) > SHOWN else ""
        log.critical("not stopped within %.0f s, so the process is ended: %s%s", LIMIT, "; ".join(left[:SHOWN]), more)


def _tasks(loop: asyncio.AbstractEventLoop | None) -> list[str]:
    """Those that children of the tree began come first."""
    found = [] if loop is None else [(child_of(task), task.get_name(), stands_at(task)) for task in _all(loop)]
    found.sort(key=lambda each: (not each[0], *each))
    return [f"{child or 'no child'}: task {name!r} at {where or 'its end'}" for child, name, where in found]


def _all(loop: asyncio.AbstractEventLoop) -> set[asyncio.Task[object]]:
    with suppress(RuntimeError):  # they changed too often while they were looked at, from this thread
        return asyncio.all_tasks(loop)
    return set()


def _threads() -> list[str]:
    """What the end of the interpreter waits for, the main thread first; not those of executors that have no work."""
    at = sys._current_frames()  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - no other way to see a thread
    alive = [each for each in threading.enumerate() if not each.daemon and each.ident in at]
    found = [(each.name, place(at[each.ident or 0])) for each in alive]
    return [f"thread {name!r} at {where}" for name, where in found if not where.endswith(" in _worker")]

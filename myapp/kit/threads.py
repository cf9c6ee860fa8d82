"""Threads that compute beside the event loop.

with fair_threads():
    await asyncio.to_thread(compress, files)
"""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager

FAIR = 0.001

_former: list[float] = []


@contextmanager
def fair_threads() -> Generator[None]:
    """Until the end of the block, threads give way after 1 ms instead of 5: those who wait for the loop wait less.

    It is the whole process's, and ends with the last of those who want it.
    """
    _former.append(sys.getswitchinterval())
    sys.setswitchinterval(min(FAIR, _former[0]))
    try:
        yield
    finally:
        usual = _former[0]
        _former.pop()
        if not _former:
            sys.setswitchinterval(usual)

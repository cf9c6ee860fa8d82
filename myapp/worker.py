"""`python -m myapp worker`: a process that serves no pages, and does what has to be done in time and what waits.

What always holds: asked to stop (Ctrl-C, SIGTERM) it begins nothing more, finishes what is under way, and ends with 0;
when its supervision tree gives up it ends with an error, so that whoever started it starts another.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable

from myapp import application, database
from myapp.config import Settings
from myapp.kit import lifetime


def work(settings: Settings, say: Callable[[str], None]) -> None:
    """Work until told to stop; `say` that it does. Raises DatabaseError, GaveUp."""
    try:
        asyncio.run(_work(settings, say))
    finally:
        database.release(settings)


async def _work(settings: Settings, say: Callable[[str], None]) -> None:
    asked = asyncio.Event()

    def stop() -> None:
        lifetime.begin_stopping()
        asked.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    async with application.running(settings, "worker"):
        say("MyApp works")
        await asked.wait()

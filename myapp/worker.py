"""`python -m myapp worker`: a process that serves no pages, and does what has to be done in time and what waits.

What always holds: asked to stop (Ctrl-C, SIGTERM) it begins nothing more, finishes what is under way, and ends with 0,
or with 124 where something does not stop within 25 s (`kit/deadline.py`), also when its loop is held up; when its
supervision tree gives up it ends with an error, so that whoever started it starts another. On `MYAPP_WORKER_PORT` it
answers who asks for its health and its figures.
"""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial

from myapp import application, database
from myapp.application import Child
from myapp.config import Settings
from myapp.kit import deadline, lifetime
from myapp.kit.listening import listening
from myapp.web.side_door import side_door


def work(settings: Settings, say: Callable[[str], None]) -> None:
    """Work until told to stop; `say` that it does. Raises DatabaseError, NoPortError, GaveUp."""
    with deadline.kept(), _port(settings) as listener:
        try:
            asyncio.run(_work(settings, listener, say))
        finally:
            database.release(settings)


def _port(settings: Settings) -> AbstractContextManager[socket.socket | None]:
    port = settings.worker_port
    return nullcontext() if port is None else listening(settings.host, port, "MYAPP_WORKER_PORT")


async def _work(settings: Settings, listener: socket.socket | None, say: Callable[[str], None]) -> None:
    asked = asyncio.Event()

    def stop(_number: int, _frame: object) -> None:
        lifetime.begin_stopping()
        loop.call_soon_threadsafe(asked.set)

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)  # the loop's own handlers wait for a loop that is held up
    async with application.running(settings, "worker") as root:
        if listener is not None:
            await root.start_child(Child("side door", partial(side_door, settings, listener)))
        lifetime.settle()
        say("MyApp works")
        await asked.wait()

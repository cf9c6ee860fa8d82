"""`serve` and `worker` with one child more that does not end: `python -m tests.boot.odd KIND COMMAND`."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from myapp import application, cli
from myapp.kit import deadline, supervisor
from myapp.kit.supervisor import _run


async def waits() -> None:
    await asyncio.Event().wait()


@asynccontextmanager
async def swallows() -> AsyncGenerator[None]:
    """Every cancellation."""
    try:
        yield
    finally:
        while True:
            with suppress(asyncio.CancelledError):
                await waits()


def hold() -> None:
    sys.stdout.write("It holds\n")
    sys.stdout.flush()
    time.sleep(3600)


@asynccontextmanager
async def holds() -> AsyncGenerator[None]:
    """The event loop, soon."""
    asyncio.get_running_loop().call_later(0.5, hold)
    yield


@asynccontextmanager
async def begins() -> AsyncGenerator[None]:
    """A thread that goes on."""
    threading.Thread(target=time.sleep, args=(3600,), name="sleeper").start()
    yield


KINDS = {"swallows": swallows, "holds": holds, "begins": begins}


def main() -> None:
    kind = sys.argv.pop(1)
    deadline.LIMIT = 3
    _run.LAST_WORDS = 0.1
    usual = application.children
    application.children = lambda *given: [
        *usual(*given), supervisor.nested("odd", [application.Child(kind, KINDS[kind], shutdown=0.1)])
    ]  # fmt: skip
    cli.main()

"""Another process for the tests of names: holds what it is told to, and says what becomes of it, and when.

Each line begins with a time that all processes of the machine share.
"""

from __future__ import annotations

import asyncio
import sys
import time

from myapp.kit import names
from myapp.kit.names import Claim, NamesUnreachable, NameTaken, _registrar

claims: dict[str, Claim] = {}


def say(*words: object) -> None:
    print(time.monotonic(), *words, flush=True)  # noqa: T201 - the test reads it


async def hold(name: str) -> None:
    def lost() -> None:
        say("lost", name)

    try:
        claim = await names.register(name, on_lost=lost)
    except NameTaken as error:
        say("taken", name, error.holder.node if error.holder else "-")
    except NamesUnreachable:
        say("unreachable", name)
    else:
        if claim.is_held:
            claims[name] = claim
            say("held", name, claim.token)


async def want(name: str) -> None:
    """For ever: hold it whenever that is possible."""
    while True:
        await hold(name)
        if claim := claims.get(name):
            await asyncio.wait({claim.lost})
        await asyncio.sleep(0.05)


async def free(name: str) -> None:
    claim = claims.pop(name, None)
    if claim is not None and claim.is_held:
        claim.is_held = False  # nothing is said of it any more
        say("freed", name)
        claim.is_held = True
        await names.release(claim)
    say("free", name)


async def main(url: str, lease: str, step_down: str) -> None:
    _registrar.LEASE, _registrar.STEP_DOWN, _registrar.BEAT = float(lease), float(step_down), float(lease) / 4
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    begun: set[asyncio.Task[None]] = set()
    async with names.running(url) as registrar:
        say("ready", registrar.node)
        while line := await reader.readline():
            verb, name = line.decode().split()
            task = asyncio.create_task({"hold": hold, "want": want, "free": free}[verb](name))
            begun.add(task)
            task.add_done_callback(begun.discard)

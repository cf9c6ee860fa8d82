"""What the rest of the process does with names."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection
from contextlib import asynccontextmanager, suppress

from myapp.kit import supervisor
from myapp.kit.errors import Forbidden
from myapp.kit.names._claim import Claim, Holder, NameLost, NamesUnreachable, NameTaken
from myapp.kit.names._monitor import SCOPE, Callback, Monitors, holders
from myapp.kit.names._registrar import Free, Registrar, Take, Taken
from myapp.kit.names._table import FORGET, TAKEN
from myapp.kit.repo import reading, transaction
from myapp.kit.scope import Scope
from myapp.kit.supervisor import NotAlive, Process, beside

_registrar: Registrar | None = None
_monitors: Monitors | None = None


@asynccontextmanager
async def running(url: str) -> AsyncGenerator[Registrar]:
    """Let this process hold names until the end of the block, and tell who watches some. It connects when one is asked
    for.
    """
    global _registrar, _monitors  # noqa: PLW0603 - the one place a process keeps its names
    async with Registrar.running(url) as registrar:
        monitors = Monitors(_monitors)
        _registrar, _monitors = registrar, monitors
        try:
            async with beside(monitors.keep_looking()):
                yield registrar
        finally:
            _registrar = None


async def register(name: str, *, owner: Process | None = None, on_lost: Callable[[], object] | None = None) -> Claim:
    """Hold the name until it is given back by `release`, its owner ends, or it is lost: then `on_lost()` is called and
    has `STEP_DOWN` seconds.

    It takes some seconds where a former holder was not heard to let go. Raises NameTaken, NamesUnreachable.
    """
    claim = Claim(name, on_lost)
    try:
        while seconds := await ask_for(claim):  # noqa: ASYNC110 - until a moment, and then it may be lost
            await asyncio.sleep(seconds)
    except BaseException:
        _give_back(claim)
        raise
    if owner is not None:
        supervisor.monitor(owner, lambda _down: _give_back(claim))
    return claim


async def release(claim: Claim) -> None:
    """Give it back: it is free at once. Nothing happens when it is lost."""
    if _registrar is not None:
        with suppress(NotAlive):
            await _registrar.call(Free(claim), timeout=None)


@asynccontextmanager
async def hold(name: str) -> AsyncGenerator[Claim]:
    """Hold it for the block, which is cancelled when it is lost. Raises NameTaken, NamesUnreachable, NameLost."""
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - asyncio runs this in one
    is_cancelled = False

    def cancel() -> None:
        nonlocal is_cancelled
        is_cancelled = True
        task.cancel()

    claim = await register(name, on_lost=cancel)
    before = task.cancelling()
    try:
        yield claim
    except asyncio.CancelledError:
        if is_cancelled and task.uncancel() <= before:
            raise NameLost(f"{name} was lost") from None
        raise
    except BaseException:
        if is_cancelled:
            task.uncancel()  # what it ended with instead is for whoever asked for the block
        raise
    else:
        if is_cancelled and task.uncancel() <= before:
            raise NameLost(f"{name} was lost at the last moment")
    finally:
        await asyncio.shield(release(claim))


async def lookup(name: str) -> Holder | None:
    """Who holds it, in whichever process; None where nobody does, or it passes from one to another."""
    return (await holders([name])).get(name)


async def taken(names: Collection[str]) -> set[str]:
    """Those of them that somebody holds, or is about to, in whichever process: of the others none was found to."""
    async with reading(SCOPE) as session:
        connection = await session.connection()
        return set((await connection.exec_driver_sql(TAKEN, {"names": list(names)})).scalars())


async def forget_unused(scope: Scope) -> int:
    """Forget the names that nobody has held for a week; how many. They can be held anew. For the system."""
    if not scope.is_system:
        raise Forbidden
    async with transaction(scope) as session:
        return (await (await session.connection()).exec_driver_sql(FORGET)).rowcount


def monitor(name: str, callback: Callback) -> Callable[[], None]:
    """Call `callback(Changed(name, holder))` with what is found first, and within a second of each change. Call what
    comes back to stop that. Raises NamesUnreachable.
    """
    if _monitors is None:
        raise NamesUnreachable("names are not started")
    return _monitors.add(name, callback)


async def ask_for(claim: Claim) -> float:
    """Ask once. 0 when it is held, else the seconds after which to ask again. Raises NameTaken, NamesUnreachable."""
    if _registrar is None:
        raise NamesUnreachable("this process names nobody at the moment")
    try:
        answer = await _registrar.call(Take(claim), timeout=None)
    except NotAlive:
        raise NamesUnreachable("this process names nobody any more") from None
    match answer:
        case True:
            return 0.0
        case float(seconds):
            return seconds
        case Taken(holder):
            raise NameTaken(claim.name, holder)
        case _:
            raise NamesUnreachable(answer.reason)


def _give_back(claim: Claim) -> None:
    if _registrar is not None:
        _registrar.cast(Free(claim))

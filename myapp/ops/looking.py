"""One process of the site, this one or another, looked into: what runs in it, with a way to kill a child, how its
stores stand, and how it uses the database.

A process is called as `own_name()` says, and "" is this one. Whoever looks asks the other one, which reads what it is
asked for in its own loop and answers; it takes two seconds at most.

A child that is killed crashes as it would by itself: its supervisor restarts it, with what its strategy says. The right
is asked for and the deed noted here, before the other process is told; that one trusts whoever can broadcast, who could
read and write all there is anyway.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from pydantic import TypeAdapter

from myapp.kit import audit, pubsub, supervisor
from myapp.kit.errors import NotFound, Unavailable
from myapp.kit.repo import after_commit, transaction
from myapp.kit.scope import Scope
from myapp.ops import exchange, policy
from myapp.ops.exchange import KillOrdered, ask, ask_one, own_name
from myapp.ops.processes import Running, own_children, own_running
from myapp.ops.statements import DatabaseUse, own_database_use
from myapp.ops.stores import Stores, own_stores
from myapp.ops.travelling import unpack

PATIENCE = 2.0  # seconds that the process which is looked into is waited for: it may be busy

_RUNNING, _STORES, _DATABASE = TypeAdapter(Running), TypeAdapter(Stores), TypeAdapter(DatabaseUse)


@dataclass(frozen=True, slots=True)
class Looked[T]:
    """What a process says of itself; `found` is None if it does not answer. `processes` are those that do, this one
    first; `silent` did not in time.
    """

    process: str
    processes: tuple[str, ...]
    silent: tuple[str, ...]
    found: T | None


async def get_running(scope: Scope, process: str = "") -> Looked[Running]:
    """What runs in a process. Raises Forbidden, Unauthenticated."""
    policy.authorise(scope, "see_operations")
    return await _look(process or own_name(), own_running, _elsewhere)


async def get_stores(scope: Scope, process: str = "") -> Looked[Stores]:
    """How the stores of a process stand. Raises Forbidden, Unauthenticated."""
    policy.authorise(scope, "see_operations")

    async def here() -> Stores:
        return own_stores()

    async def there(process: str) -> Stores | None:
        return await ask_one(process, "stores", lambda said: _STORES.validate_python(unpack(said)), patience=PATIENCE)

    return await _look(process or own_name(), here, there)


async def get_database_use(scope: Scope, process: str = "") -> Looked[DatabaseUse]:
    """How a process uses the database. Raises Forbidden, Unauthenticated."""
    policy.authorise(scope, "see_operations")

    async def here() -> DatabaseUse:
        return own_database_use()

    async def there(process: str) -> DatabaseUse | None:
        return await ask_one(
            process, "database", lambda said: _DATABASE.validate_python(unpack(said)), patience=PATIENCE
        )

    return await _look(process or own_name(), here, there)


async def kill_child(scope: Scope, path: str, process: str = "") -> None:
    """Let a child crash, once that is noted.

    Raises NotFound, Unavailable if the process does not answer, Forbidden, Unauthenticated.
    """
    acting = policy.authorise(scope, "run_operations")
    name = process or own_name()
    is_here = name == own_name()
    running = None if is_here else await _elsewhere(name)
    if running is None and not is_here:
        raise Unavailable(PATIENCE)
    if all(child.path != path for child in (running.children if running else own_children())):
        raise NotFound
    async with transaction(acting):
        await audit.record(acting, "ops.child.killed", "child", path, after={"process": name})
        if is_here:
            root = supervisor.root()
            after_commit(lambda: root.kill(path))
        else:
            pubsub.broadcast(exchange.TOPIC, KillOrdered(name, path))


async def _elsewhere(process: str) -> Running | None:
    return await ask_one(process, "running", lambda said: _RUNNING.validate_python(unpack(said)), patience=PATIENCE)


async def _look[T](
    process: str, here: Callable[[], Awaitable[T]], there: Callable[[str], Awaitable[T | None]]
) -> Looked[T]:
    """The processes there are say so meanwhile."""
    found = here() if process == own_name() else there(process)
    others, what = await asyncio.gather(ask(exchange.GREETING), found)
    return Looked(process, (own_name(), *others.said), others.silent, what)

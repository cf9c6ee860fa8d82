"""Who holds a name, watched from any process: one question a second for all names that somebody watches."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Literal

from myapp.kit.names._claim import Holder
from myapp.kit.names._table import HOLDERS
from myapp.kit.repo import reading
from myapp.kit.scope import Scope

log = logging.getLogger(__name__)

LOOK = 1.0  # seconds between two looks
SCOPE = Scope.system("who holds which name")


@dataclass(frozen=True, slots=True)
class Changed:
    """From now on `holder` has the name; None for nobody."""

    name: str
    holder: Holder | None


type Callback = Callable[[Changed], object]


@dataclass(slots=True)
class _Watcher:
    name: str
    callback: Callback
    known: Holder | None | Literal["nothing yet"] = "nothing yet"


class Monitors:
    """Those of this process."""

    def __init__(self, former: Monitors | None = None) -> None:
        """Takes over those of a former one."""
        self._watchers: list[_Watcher] = former.give_up() if former else []
        self._news = asyncio.Event()
        if self._watchers:
            self._news.set()

    def add(self, name: str, callback: Callback) -> Callable[[], None]:
        """Call it with what is found first, and then with each change; call what comes back to stop that."""
        watcher = _Watcher(name, callback)
        self._watchers.append(watcher)
        self._news.set()

        def forget() -> None:
            watcher.callback = _nobody

        return forget

    def give_up(self) -> list[_Watcher]:
        """Its watchers, which it has no more."""
        given, self._watchers = self._watchers, []
        return given

    async def keep_looking(self) -> None:
        """For ever, but only while somebody watches."""
        while True:
            await self._news.wait()
            self._watchers = [each for each in self._watchers if each.callback is not _nobody]
            if not self._watchers:
                self._news.clear()
                continue
            try:
                self._tell(await holders({each.name for each in self._watchers}))
            except Exception as error:  # noqa: BLE001 - whatever a driver raises when its server is gone
                log.warning("who holds which name cannot be seen, and is looked for again: %s", error)
            await asyncio.sleep(LOOK)

    def _tell(self, found: dict[str, Holder]) -> None:
        for watcher in tuple(self._watchers):
            holder = found.get(watcher.name)
            if holder == watcher.known:
                continue
            watcher.known = holder
            try:
                watcher.callback(Changed(watcher.name, holder))
            except Exception:
                log.exception("a monitor of %s failed", watcher.name)


async def holders(names: Collection[str]) -> dict[str, Holder]:
    """Who holds these names, without those that nobody holds."""
    async with reading(SCOPE) as session:
        connection = await session.connection()
        rows = (await connection.exec_driver_sql(HOLDERS, {"names": list(names)})).all()
    return {name: Holder(*holder) for name, *holder in rows}


def _nobody(_changed: Changed) -> None: ...

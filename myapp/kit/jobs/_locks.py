"""Which workers run alone, and do at the moment: each is a name that one process of all holds (`kit/names`).

What always holds: a run that has lost its name, as PostgreSQL was restarted or cannot be reached, is cut off before
another process may begin one. A process that was killed is waited for some seconds, like everybody who has a name.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

from myapp.kit import names
from myapp.kit.names import NamesUnreachable, NameTaken

log = logging.getLogger(__name__)


class Locks:
    """The locks of this process; where they are not `for_all`, as in a test, they hold for this process alone."""

    def __init__(self, *, for_all: bool = False) -> None:
        self._for_all = for_all
        self._held: set[str] = set()

    @asynccontextmanager
    async def hold(self, name: str) -> AsyncGenerator[bool]:
        """Whether nobody else holds it, so that it is ours until the end of the block. Raises NameLost when the block
        was cut off.
        """
        if name in self._held:
            yield False
            return
        self._held.add(name)
        try:
            async with AsyncExitStack() as held:
                yield await self._take(name, held)
        finally:
            self._held.discard(name)

    async def _take(self, name: str, held: AsyncExitStack) -> bool:
        if self._for_all:
            try:
                await held.enter_async_context(names.hold(f"job {name}"))
            except NameTaken:
                return False
            except NamesUnreachable as error:
                log.warning("%s waits, as it may run alone only: %s", name, error)
                return False
        return True

"""Work that is done at most once a period, however often it is asked for.

    pace = Pace(0.1, flush)
    pace.soon()         # at once, as it has rested
    pace.soon()         # 100 ms later
    pace.later()        # with the one before

"At once" is the next turn of the event loop, so what one turn asks for is done together.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Pace:
    """`work` is called on the event loop; `on_rest` once a period has passed in which nothing was asked for."""

    __slots__ = ("_is_asked", "_loop", "_on_rest", "_period", "_timer", "_work")

    def __init__(self, period: float, work: Callable[[], None], on_rest: Callable[[], None] | None = None) -> None:
        self._period = period
        self._work = work
        self._on_rest = on_rest
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.Handle | None = None
        self._is_asked = False

    def soon(self) -> None:
        """Do it at once, or when the period since the last time is over."""
        self._ask(0)

    def later(self) -> None:
        """Do it within a period: something else may come to be done with it."""
        self._ask(self._period)

    def cancel(self) -> None:
        """Do nothing more."""
        if self._timer is not None:
            self._timer.cancel()

    def _ask(self, delay: float) -> None:
        self._is_asked = True
        if self._timer is None:
            self._timer = self._loop.call_later(delay, self._tick)

    def _tick(self) -> None:
        if not self._is_asked:
            self._timer = None
            if self._on_rest is not None:
                self._on_rest()
            return
        self._is_asked = False
        self._timer = self._loop.call_later(self._period, self._tick)
        self._work()

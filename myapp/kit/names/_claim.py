"""What somebody has of a name, and what comes of asking for one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple, override

log = logging.getLogger(__name__)


class Holder(NamedTuple):
    """The process that holds a name, as host:number, since when, and the token it got."""

    node: str
    token: int
    since: datetime


class NameTaken(Exception):
    """Somebody else holds it: `holder`, or None while it passes from one to another."""

    def __init__(self, name: str, holder: Holder | None) -> None:
        whose = f"is held by {holder.node}" if holder else "is about to be held by another process"
        super().__init__(f"{name} {whose}")
        self.name, self.holder = name, holder


class NameLost(Exception):
    """Whoever held it does so no more, and did not give it back."""


class NamesUnreachable(Exception):
    """PostgreSQL does not say whether the name is free."""


class Claim:
    """A name that is held, or is to be. `token` is greater than that of any former holder."""

    def __init__(self, name: str, on_lost: Callable[[], object] | None = None) -> None:
        self.name = name
        self.token = 0
        self.is_held = False
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Fails with NameLost when it is lost; is cancelled when it is given back."""
        self.waits_until: float | None = None
        self._on_lost = on_lost

    @override
    def __repr__(self) -> str:
        return f"<{self.name}: {f'held, token {self.token}' if self.is_held else 'not held'}>"

    def get(self, token: int) -> None:
        """It is held from now on."""
        self.token, self.is_held, self.waits_until = token, True, None

    def give_up(self) -> None:
        """It is held no longer, and that is as it should be."""
        self.is_held = False
        self.lost.cancel()

    def lose(self, reason: str) -> None:
        """Tell whoever holds it, before anybody else can be told that they do."""
        was_held, self.is_held = self.is_held, False
        if self.lost.done():
            return
        self.lost.set_exception(NameLost(f"{self.name} is lost: {reason}"))
        self.lost.exception()  # not everybody asks
        if was_held and self._on_lost is not None:
            try:
                self._on_lost()
            except Exception:
                log.exception("who was to be told that %s is lost failed", self.name)

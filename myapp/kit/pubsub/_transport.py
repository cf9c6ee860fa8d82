"""What carries lines between processes, and gives each its number."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import NamedTuple, Protocol

from myapp.kit.pubsub._order import Position


class Line(NamedTuple):
    """What somebody sent, and where it stands in the order of all."""

    position: Position
    text: str


class Transport(Protocol):
    """All of it may raise whatever its driver raises.

    The lines of all processes, also one's own, reach every process in one order, with numbers that go up by one within
    an epoch. What gives the numbers begins another epoch whenever it may have forgotten how far it was.
    """

    def lines(self) -> AsyncGenerator[Position | Line]:
        """Connect, yield the position after which nothing can be missed, then every line until the connection ends."""
        ...

    async def send(self, lines: list[str]) -> None: ...

    async def close(self) -> None: ...


def parse(message: str) -> Line:
    """A message as transports write it: `<epoch> <number> <text>`."""
    epoch, seq, text = message.split(" ", 2)
    return Line(Position(epoch, int(seq)), text)

"""What carries lines between processes, and gives each its number."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import NamedTuple, Protocol

from myapp.kit.pubsub._order import Position


class Line(NamedTuple):
    """What somebody sent, and where it stands in the order of all."""

    position: Position
    text: str


class Unread(NamedTuple):
    """What came in a form that this process does not know: another version of the product sends it."""

    text: str


class Transport(Protocol):
    """All of it may raise whatever its driver raises.

    The lines of all processes, also one's own, reach every process in one order, with numbers that go up by one within
    an epoch. What gives the numbers begins another epoch whenever it may have forgotten how far it was.
    """

    def lines(self) -> AsyncGenerator[Position | Line | Unread]:
        """Connect, yield the position after which nothing can be missed, then every line until the connection ends."""
        ...

    async def send(self, lines: list[str]) -> None: ...

    async def close(self) -> None: ...


def parse(message: str) -> Line | Unread:
    """A message as transports write it: `<epoch> <number> <text>`.

    >>> parse("e 7 node room said {}"), parse("node room said {}")
    (Line(position=Position(epoch='e', seq=7), text='node room said {}'), Unread(text='node room said {}'))
    """
    parts = message.split(" ", 2)
    if len(parts) < 3 or not (parts[1].isascii() and parts[1].isdigit()):
        return Unread(message)
    return Line(Position(parts[0], int(parts[1])), parts[2])

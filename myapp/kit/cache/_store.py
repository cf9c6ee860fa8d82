"""What a place for cached values does, whichever it is.

Every value is stored with the versions that its tags had before it was computed, and is good as long as they have them.
So a value that was computed from what has changed meanwhile is never found: there is no moment at which one could be
stored too late.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where the values of one cache stand: `size` of them at most."""

    name: str
    size: int
    ttl: float


@dataclass(frozen=True, slots=True)
class Found:
    """The versions of the tags at this moment, and what was stored under them; `versions` is None when the place does
    not answer, and then nothing is to be stored.
    """

    versions: str | None
    value: bytes | None = None


@dataclass(frozen=True, slots=True)
class Stock:
    """How many values of a cache there are, and their bytes."""

    entries: int
    bytes: int


class Store(Protocol):
    """A place for cached values."""

    async def find(self, shelf: Shelf, key: str, tags: Sequence[str]) -> Found:
        """What is stored under the key, if its tags still have their versions."""
        ...

    async def keep(self, shelf: Shelf, key: str, versions: str, value: bytes) -> None:
        """Store it under the versions that `find` gave."""
        ...

    def invalidate(self, tags: Sequence[str]) -> None:
        """Within a transaction: give the tags new versions once it has committed."""
        ...

    async def forget(self, tags: Sequence[str]) -> None:
        """Give the tags new versions now."""
        ...

    async def sweep(self) -> None:
        """Let go of what is too old, where the place does not by itself."""
        ...

    def stock(self, shelf: Shelf) -> Stock | None:
        """What there is of a cache, where that can be known."""
        ...


def packed(versions: str, value: bytes) -> bytes:
    """Both as one."""
    return versions.encode() + b"\n" + value


def unpacked(stored: bytes | None, versions: str) -> bytes | None:
    """The value, if it was stored under these versions."""
    if stored is None:
        return None
    under, _, value = stored.partition(b"\n")
    return value if under.decode() == versions else None

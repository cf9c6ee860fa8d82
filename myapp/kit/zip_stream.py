"""Zips that are sent while they are made.

sink = Sink()
with ZipFile(sink, "w") as archive:
    archive.writestr("a.txt", "a")
    yield sink.taken()
yield sink.taken()
"""

from __future__ import annotations

from io import RawIOBase
from typing import Any


class Sink(RawIOBase):
    """Where a zip that can't be rewound is written to, and its bytes taken from."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        """What was written since the last time."""
        found, self._parts = b"".join(self._parts), []
        return found

"""What every storage can do."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class StoredFile(Protocol):
    """A file that is there. `size` is in bytes."""

    @property
    def size(self) -> int: ...
    @property
    def content_type(self) -> str: ...

    def chunks(self, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Its bytes from `start` up to, without, `end`, piece by piece. Raises NotFound if it was deleted since."""
        ...


@dataclass(frozen=True, slots=True)
class Entry:
    """A name found in a folder, and since when it is there. What a crash left half written has one that is no key."""

    name: str
    modified_at: datetime


class Storage(Protocol):
    """See the package: local disk and S3 keep the same contract, which the same tests check."""

    async def put(self, key: str, chunks: AsyncIterable[bytes]) -> int:
        """Keep what comes under a new key; its size. When it does not come to its end, nothing is kept."""
        ...

    async def get(self, key: str) -> StoredFile:
        """Raises NotFound for what is not there, and for what is no key."""
        ...

    async def exists(self, key: str) -> bool:
        """Whether there is a file under the key."""
        ...

    async def delete(self, *names: str) -> None:
        """Delete these files, also where one was never written to its end; those that are gone are no error."""
        ...

    def list(self, folder: str) -> AsyncIterator[Entry]:
        """Everything in a folder, in no order."""
        ...

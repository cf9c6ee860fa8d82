"""Files that nobody refers to: a process died between writing a file and writing the row that names it, or after it
deleted the row. They are found by looking, so nothing has to be kept for it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from datetime import timedelta

from myapp.kit.clock import now
from myapp.kit.storage._interface import Storage

GRACE = timedelta(hours=24)
"""Whoever has just written a file is about to write its row."""

_BATCH = 500


async def delete_unknown(
    storage: Storage,
    folder: str,
    known: Callable[[list[str]], Awaitable[Collection[str]]],
    *,
    grace: timedelta = GRACE,
) -> int:
    """Delete what lies in a folder for longer than the grace, and is none of those that `known` knows; how many."""
    before, deleted = now() - grace, 0
    names = [entry.name async for entry in storage.list(folder) if entry.modified_at < before]
    for at in range(0, len(names), _BATCH):
        batch = names[at : at + _BATCH]
        unknown = set(batch) - set(await known(batch))
        await storage.delete(*unknown)
        deleted += len(unknown)
    return deleted

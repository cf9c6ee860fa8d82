"""Files on this machine's disk: `<folder>/avatars/9f86….webp`.

A file is written beside its place under another name, then renamed, which is one step: whoever reads finds it whole.
What a crash leaves behind has a name that is no key, and is swept like everything that nobody refers to.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from myapp.kit.errors import NotFound
from myapp.kit.storage._interface import Entry
from myapp.kit.storage._keys import content_type_of, is_key

CHUNK = 1 << 18  # bytes read at a time
UNFINISHED = ".part"


@dataclass(frozen=True, slots=True)
class LocalFile:
    """See `StoredFile`."""

    path: Path
    size: int
    content_type: str

    async def chunks(self, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        left = max((self.size if end is None else min(end, self.size)) - start, 0)
        try:
            file = await asyncio.to_thread(self.path.open, "rb")
        except FileNotFoundError:
            raise NotFound from None
        with file:
            file.seek(start)
            while left and (chunk := await asyncio.to_thread(file.read, min(CHUNK, left))):
                left -= len(chunk)
                yield chunk


class LocalStorage:
    """See `Storage`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, key: str, chunks: AsyncIterable[bytes]) -> int:
        content_type_of(key)  # raises for what is no key
        path = self._folder / key
        unfinished = path.with_name(path.name + UNFINISHED)
        await asyncio.to_thread(path.parent.mkdir, mode=0o700, parents=True, exist_ok=True)
        try:
            size = await _write(unfinished, chunks)
            await asyncio.to_thread(unfinished.replace, path)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
        return size

    async def get(self, key: str) -> LocalFile:
        content_type = content_type_of(key)
        path = self._folder / key
        try:
            found = await asyncio.to_thread(path.stat)
        except FileNotFoundError:
            raise NotFound from None
        return LocalFile(path, found.st_size, content_type)

    async def exists(self, key: str) -> bool:
        return is_key(key) and await asyncio.to_thread((self._folder / key).is_file)

    async def delete(self, *names: str) -> None:
        paths = [self._folder / name for name in names if is_key(name.removesuffix(UNFINISHED))]
        paths += [self._folder / f"{name}{UNFINISHED}" for name in names if is_key(name)]
        await asyncio.to_thread(_unlink, paths)

    async def list(self, folder: str) -> AsyncIterator[Entry]:
        for entry in await asyncio.to_thread(_listed, self._folder / folder):
            yield Entry(f"{folder}/{entry.name}", entry.modified_at)


async def _write(path: Path, chunks: AsyncIterable[bytes]) -> int:
    """On the disk, not only on the way to it, before anybody is told that it is there."""
    size = 0
    with await asyncio.to_thread(path.open, "xb") as file:
        async for chunk in chunks:
            size += len(chunk)
            await asyncio.to_thread(file.write, chunk)
        await asyncio.to_thread(file.flush)
        await asyncio.to_thread(os.fsync, file.fileno())
    return size


def _unlink(paths: list[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def _listed(folder: Path) -> list[Entry]:
    found: list[Entry] = []
    if folder.is_dir():
        with os.scandir(folder) as entries:
            found += [Entry(entry.name, datetime.fromtimestamp(entry.stat().st_mtime, UTC)) for entry in entries]
    return found

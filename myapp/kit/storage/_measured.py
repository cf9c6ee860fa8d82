"""A storage that tells telemetry what it does: `storage.operation`, with how long it took and how much it was."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator

from myapp.kit import telemetry
from myapp.kit.storage._interface import Entry, Storage, StoredFile


class MeasuredStorage:
    """See `Storage`."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    async def put(self, key: str, chunks: AsyncIterable[bytes]) -> int:
        with telemetry.span("storage.operation", {"operation": "put"}):
            size = await self._storage.put(key, chunks)
        telemetry.execute("storage.kept", {"bytes": size}, {"folder": key.partition("/")[0]})
        return size

    async def get(self, key: str) -> StoredFile:
        with telemetry.span("storage.operation", {"operation": "get"}):
            return await self._storage.get(key)

    async def exists(self, key: str) -> bool:
        with telemetry.span("storage.operation", {"operation": "exists"}):
            return await self._storage.exists(key)

    async def delete(self, *names: str) -> None:
        with telemetry.span("storage.operation", {"operation": "delete"}):
            await self._storage.delete(*names)

    def list(self, folder: str) -> AsyncIterator[Entry]:
        return self._storage.list(folder)

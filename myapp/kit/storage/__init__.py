"""Files that people give us: kept under random keys, on this machine's disk or in an S3 bucket, behind one interface.

    key = storage.new_key("avatars", "webp")            # "avatars/9f86d081884c7d659a2feaa0c55ad015.webp"
    await storage.current().put(key, chunks)
    stored = await storage.current().get(key)           # stored.size, stored.content_type
    async for chunk in stored.chunks(): ...

What always holds: a key is ours to make and never holds a person's file name, so no key leads out of its folder; under
a key there is a whole file or none; a key is written once and then only deleted, so whoever knows it may keep a copy
for ever; the type of a file stands in the ending of its key, which was chosen by looking at the content.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from myapp.kit.storage._interface import Entry, Storage, StoredFile
from myapp.kit.storage._keys import TYPES, content_type_of, is_key, new_key, original, variant
from myapp.kit.storage._local import LocalStorage
from myapp.kit.storage._measured import MeasuredStorage
from myapp.kit.storage._s3 import S3Storage
from myapp.kit.storage._sweep import delete_unknown

__all__ = [
    "TYPES",
    "Entry",
    "LocalStorage",
    "S3Storage",
    "Storage",
    "StoredFile",
    "content_type_of",
    "current",
    "delete_unknown",
    "is_key",
    "new_key",
    "original",
    "running",
    "use",
    "variant",
]

_storage: Storage | None = None


def use(storage: Storage | None) -> None:
    """Name the storage of this process: the supervision tree does at start, a test for its own."""
    global _storage  # noqa: PLW0603 - the one place a process keeps it
    _storage = storage


def current() -> Storage:
    """The storage of this process."""
    if _storage is None:
        raise RuntimeError("the storage is not started: application.py starts it before anything uses it")
    return _storage


@asynccontextmanager
async def running(url: str | None, folder: Path) -> AsyncGenerator[None]:
    """Keep files in the bucket that `s3://bucket/prefix` names or, without a URL, in the folder."""
    use(MeasuredStorage(S3Storage(url) if url else LocalStorage(folder)))
    try:
        yield
    finally:
        use(None)

"""Files in a bucket of S3, or of whatever speaks its protocol (MinIO, R2, Ceph …).

`s3://bucket` or `s3://bucket/prefix`; where it is and who we are say the variables every S3 tool knows
(`AWS_REGION`, `AWS_ENDPOINT_URL`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, or the role of the machine).
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterable, AsyncIterator, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import GenericError
from obstore.store import S3Store

from myapp.kit.errors import NotFound, Unavailable
from myapp.kit.storage._interface import Entry
from myapp.kit.storage._keys import content_type_of, is_key

log = logging.getLogger(__name__)

CHUNK = 1 << 18  # bytes handed on at a time
PART = 5 << 20  # bytes; S3 takes no smaller parts
WHOLE = 32 << 20
"""Bytes that go in one request. obstore takes no parts back when it is cut off: what has none leaves none behind.

No file that people send is larger (`blog.MAX_FILE`). For what is, the bucket needs a rule that ends unfinished uploads.
"""


RETRY_AFTER = 10.0
"""Seconds after which somebody may ask again for what the bucket did not give."""


@dataclass(frozen=True, slots=True)
class S3File:
    """See `StoredFile`."""

    store: S3Store
    key: str
    size: int
    content_type: str

    async def chunks(self, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        end = self.size if end is None else min(end, self.size)
        if start >= end:
            return
        try:
            with _answering():
                found = await obstore.get_async(self.store, self.key, options={"range": (start, end)})
        except FileNotFoundError:
            raise NotFound from None
        async for chunk in found.stream(min_chunk_size=CHUNK):
            yield bytes(chunk)


class S3Storage:
    """See `Storage`."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        prefix = parts.path.strip("/")
        self._store = S3Store(parts.netloc, prefix=prefix or None, client_options={"allow_http": True})

    async def put(self, key: str, chunks: AsyncIterable[bytes]) -> int:
        content_type = content_type_of(key)
        head, rest = await _first(chunks)
        attributes = {"Content-Type": content_type}
        if rest is None:
            with _answering():
                await obstore.put_async(self._store, key, head, attributes=attributes, use_multipart=False)
            return len(head)
        counted = _Counted(head, rest)
        await obstore.put_async(self._store, key, counted, attributes=attributes, chunk_size=PART)
        return counted.size

    async def get(self, key: str) -> S3File:
        content_type = content_type_of(key)
        try:
            with _answering():
                found = await obstore.head_async(self._store, key)
        except FileNotFoundError:
            raise NotFound from None
        return S3File(self._store, key, found["size"], content_type)

    async def exists(self, key: str) -> bool:
        with suppress(NotFound):
            return bool(await self.get(key))
        return False

    async def delete(self, *names: str) -> None:
        if keys := [name for name in names if is_key(name)]:
            with suppress(FileNotFoundError):
                await obstore.delete_async(self._store, keys)

    async def list(self, folder: str) -> AsyncIterator[Entry]:
        found_in = obstore.list(self._store, prefix=folder)  # pyright: ignore[reportUnknownMemberType] - Arrow's way, too
        async for batch in found_in:
            for found in batch:
                yield Entry(found["path"], found["last_modified"])


@contextmanager
def _answering() -> Generator[None]:
    """A bucket that does not answer, also after obstore has tried again, is out of order, and not a mistake of ours."""
    try:
        yield
    except GenericError as error:
        log.warning("the bucket does not answer: %s", str(error).partition("\n")[0])
        raise Unavailable(RETRY_AFTER) from error


class _Counted:
    """The whole stream, whose first bytes were read already, and how long it was."""

    def __init__(self, head: bytes, rest: AsyncIterator[bytes]) -> None:
        self.size = 0
        self._head, self._rest = head, rest

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self.size = len(self._head)
        yield self._head
        async for chunk in self._rest:
            self.size += len(chunk)
            yield chunk


async def _first(chunks: AsyncIterable[bytes]) -> tuple[bytes, AsyncIterator[bytes] | None]:
    """The first bytes of a stream, and the rest if it has one: what fits into one request needs no parts."""
    head, rest = bytearray(), aiter(chunks)
    async for chunk in rest:
        head += chunk
        if len(head) > WHOLE:
            return bytes(head), rest
    return bytes(head), None

"""What every storage promises, on the disk and in a bucket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from datetime import timedelta

import pytest

from myapp.kit.clock import now
from myapp.kit.errors import NotFound
from myapp.kit.storage import Storage, delete_unknown, new_key
from tests.kit.storage.conftest import content, names, stream

LARGE = bytes(range(256)) * (26 << 10)  # 6.5 MB: more than one part of an upload to S3


async def test_what_was_put_is_given_back_with_its_size_and_type(storage: Storage):
    key = new_key("avatars", "webp")

    assert await storage.put(key, stream(b"first ", b"", b"second")) == 12

    stored = await storage.get(key)
    assert (stored.size, stored.content_type) == (12, "image/webp")
    assert await content(storage, key) == b"first second"
    assert await storage.exists(key)


async def test_a_file_of_many_pieces_comes_back_whole(storage: Storage):
    key = new_key("attachments", "mp4")
    cut = [LARGE[at : at + 100_000] for at in range(0, len(LARGE), 100_000)]

    assert await storage.put(key, stream(*cut)) == len(LARGE)

    assert await content(storage, key) == LARGE


async def test_an_empty_file_is_a_file(storage: Storage):
    key = new_key("attachments", "txt")
    await storage.put(key, stream())
    assert (await storage.get(key)).size == 0
    assert await content(storage, key) == b""


@pytest.mark.parametrize(
    ("start", "end", "expected"), [(0, 3, b"012"), (3, None, b"3456789"), (8, 99, b"89"), (10, None, b""), (5, 5, b"")]
)
async def test_a_part_of_a_file_is_given(storage: Storage, start: int, end: int | None, expected: bytes):
    key = new_key("attachments", "mp3")
    await storage.put(key, stream(b"0123456789"))
    assert await content(storage, key, start, end) == expected


async def test_what_was_deleted_is_not_there_and_may_be_deleted_again(storage: Storage):
    keys = [new_key("avatars", "webp") for _ in range(3)]
    for key in keys:
        await storage.put(key, stream(b"x"))

    await storage.delete(*keys[:2])
    await storage.delete(*keys[:2])
    await storage.delete()

    assert await names(storage) == [keys[2]]
    assert not await storage.exists(keys[0])
    with pytest.raises(NotFound):
        await storage.get(keys[0])


@pytest.mark.parametrize(
    "key",
    ["avatars/../../../etc/passwd", "/etc/passwd", "avatars/photo.webp", f"avatars/{'0' * 32}.exe", "", "avatars/"],
)
async def test_what_is_no_key_is_neither_written_nor_read_nor_deleted(storage: Storage, key: str):
    with pytest.raises(NotFound):
        await storage.put(key, stream(b"x"))
    with pytest.raises(NotFound):
        await storage.get(key)
    assert not await storage.exists(key)
    await storage.delete(key)


async def test_of_a_stream_that_breaks_nothing_is_kept(storage: Storage):
    async def breaking() -> AsyncIterator[bytes]:
        for _ in range(6):
            yield bytes(1 << 20)
        raise ConnectionError("the sender has gone")

    key = new_key("avatars", "webp")
    with pytest.raises(ConnectionError):
        await storage.put(key, breaking())

    assert not await storage.exists(key)
    assert await names(storage) == []


async def test_of_a_put_that_is_cancelled_nothing_is_kept(storage: Storage):
    waits = asyncio.Event()

    async def hanging() -> AsyncIterator[bytes]:
        yield bytes(1 << 20)
        waits.set()
        await asyncio.Event().wait()

    key = new_key("avatars", "webp")
    put = asyncio.create_task(storage.put(key, hanging()))
    await waits.wait()
    put.cancel()
    with pytest.raises(asyncio.CancelledError):
        await put

    assert not await storage.exists(key)
    assert await names(storage) == []


async def test_a_folder_lists_its_own_files_and_when_they_came(storage: Storage):
    before = now() - timedelta(seconds=2)
    mine, other = new_key("avatars", "webp"), new_key("covers", "webp")
    await storage.put(mine, stream(b"x"))
    await storage.put(other, stream(b"y"))

    [entry] = [entry async for entry in storage.list("avatars")]

    assert entry.name == mine
    assert before < entry.modified_at < now() + timedelta(seconds=2)
    assert [entry async for entry in storage.list("nothing")] == []


async def test_what_nobody_knows_is_swept_once_it_is_old_enough(storage: Storage):
    kept, forgotten = new_key("avatars", "webp"), new_key("avatars", "webp")
    for key in (kept, forgotten):
        await storage.put(key, stream(b"x"))

    async def known(_: list[str]) -> Collection[str]:
        return {kept}

    assert await delete_unknown(storage, "avatars", known) == 0
    assert await delete_unknown(storage, "avatars", known, grace=timedelta(seconds=-5)) == 1
    assert await names(storage) == [kept]

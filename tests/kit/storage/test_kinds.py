"""What only the disk, or only a bucket, has to keep."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from myapp.kit import storage
from myapp.kit.errors import Unavailable
from myapp.kit.storage import LocalStorage, S3Storage, delete_unknown, new_key
from tests.kit.storage.conftest import content, names, stream


async def test_what_a_crash_left_half_written_is_no_file_and_is_swept(tmp_path: Path):
    local = LocalStorage(tmp_path)
    key = new_key("avatars", "webp")
    (tmp_path / "avatars").mkdir()
    (tmp_path / f"{key}.part").write_bytes(b"half")

    async def known(_: list[str]) -> list[str]:
        return []

    assert not await local.exists(key)
    assert await delete_unknown(local, "avatars", known, grace=timedelta(seconds=-5)) == 1
    assert await names(local) == []


async def test_a_folder_is_closed_to_others_on_the_machine(tmp_path: Path):
    await LocalStorage(tmp_path / "files").put(new_key("avatars", "webp"), stream(b"x"))
    assert (tmp_path / "files" / "avatars").stat().st_mode & 0o077 == 0


async def test_a_bucket_knows_the_type_and_keeps_to_its_prefix(bucket: tuple[Any, str]):
    client, name = bucket
    key = new_key("avatars", "webp")
    await S3Storage(f"s3://{name}/some/prefix").put(key, stream(b"x"))

    assert client.head_object(Bucket=name, Key=f"some/prefix/{key}")["ContentType"] == "image/webp"
    assert await names(S3Storage(f"s3://{name}")) == []


async def test_a_bucket_that_does_not_answer_is_out_of_order_and_no_mistake(
    bucket: tuple[Any, str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and nobody listens
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{nobody.getsockname()[1]}")
        with pytest.raises(Unavailable):
            await S3Storage(f"s3://{bucket[1]}").get(new_key("avatars", "webp"))
    assert [(each.levelname, each.exc_info) for each in caplog.records] == [("WARNING", None)]


async def test_of_a_large_file_that_breaks_no_part_stays_in_the_bucket(bucket: tuple[Any, str]):
    client, name = bucket

    async def breaking() -> AsyncIterator[bytes]:
        for _ in range(12):
            yield bytes(1 << 20)
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await S3Storage(f"s3://{name}").put(new_key("avatars", "webp"), breaking())

    assert client.list_multipart_uploads(Bucket=name).get("Uploads", []) == []


async def test_of_a_large_file_that_nobody_waits_for_any_more_no_part_stays_in_the_bucket(bucket: tuple[Any, str]):
    client, name = bucket
    is_under_way = asyncio.Event()

    async def hanging() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield bytes(1 << 20)
        is_under_way.set()
        await asyncio.Event().wait()

    putting = asyncio.create_task(S3Storage(f"s3://{name}").put(new_key("avatars", "webp"), hanging()))
    await is_under_way.wait()
    putting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await putting

    assert client.list_multipart_uploads(Bucket=name).get("Uploads", []) == []
    assert await names(S3Storage(f"s3://{name}")) == []


async def test_what_is_larger_than_one_request_goes_in_parts(bucket: tuple[Any, str], monkeypatch: pytest.MonkeyPatch):
    _, name = bucket
    monkeypatch.setattr("myapp.kit.storage._s3.WHOLE", 6 << 20)
    chosen, key = S3Storage(f"s3://{name}"), new_key("avatars", "webp")
    assert await chosen.put(key, stream(*[bytes([number]) * (1 << 20) for number in range(12)])) == 12 << 20
    assert (await content(chosen, key))[:: 1 << 20] == bytes(range(12))


async def test_the_address_says_which_storage_runs(tmp_path: Path, bucket: tuple[Any, str]):
    on_disk, in_bucket = new_key("avatars", "webp"), new_key("avatars", "webp")
    async with storage.running(None, tmp_path):
        await storage.current().put(on_disk, stream(b"x"))
    async with storage.running(f"s3://{bucket[1]}", tmp_path):
        await storage.current().put(in_bucket, stream(b"x"))
    assert await names(LocalStorage(tmp_path)) == [on_disk]
    assert await names(S3Storage(f"s3://{bucket[1]}")) == [in_bucket]
    with pytest.raises(RuntimeError):
        storage.current()


def test_keys_are_never_the_same_twice():
    assert len({new_key("avatars", "webp") for _ in range(1000)}) == 1000
    with pytest.raises(ValueError, match="no key"):
        new_key("avatars", "exe")

"""The same storage twice: a folder, and a bucket on a server of S3's protocol on this machine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest
from moto.server import ThreadedMotoServer

from myapp.kit.storage import LocalStorage, S3Storage, Storage


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """The address of the server."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Any, str]]:
    """A client that sees everything, and the name of an empty bucket."""
    account = {"AWS_ACCESS_KEY_ID": "tests", "AWS_SECRET_ACCESS_KEY": "tests", "AWS_REGION": "us-east-1"}
    for name, value in {**account, "AWS_ENDPOINT_URL": s3}.items():
        monkeypatch.setenv(name, value)
    client = boto3.client("s3", region_name="us-east-1", endpoint_url=s3)
    name = f"bucket-{uuid4().hex}"
    client.create_bucket(Bucket=name)
    yield client, name
    client.close()


@pytest.fixture(params=["local", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    """One after the other: a test of the contract runs with both."""
    if request.param == "local":
        return LocalStorage(tmp_path / "files")
    _, name = request.getfixturevalue("bucket")
    return S3Storage(f"s3://{name}/some/prefix")


async def stream(*chunks: bytes) -> AsyncIterator[bytes]:
    """A stream that lets others run in between."""
    for chunk in chunks:
        await asyncio.sleep(0)
        yield chunk


async def content(storage: Storage, key: str, start: int = 0, end: int | None = None) -> bytes:
    stored = await storage.get(key)
    return b"".join([chunk async for chunk in stored.chunks(start, end)])


async def names(storage: Storage, folder: str = "avatars") -> list[str]:
    return [entry.name async for entry in storage.list(folder)]

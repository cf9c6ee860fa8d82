"""Exports that are kept in a bucket: in many parts, and in none that is left behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from myapp import blog
from myapp.blog import ExportStatus
from myapp.blog.exports import running
from myapp.blog.exports.archive import Piece
from myapp.kit import lifetime, storage
from myapp.kit.scope import Scope
from myapp.kit.storage import S3Storage
from tests.blog.exports.made import made, names_in
from tests.factories import SYSTEM
from tests.factories.blog import make_post
from tests.kit.storage.conftest import bucket, s3

__all__ = ["bucket", "s3"]


@pytest.fixture
def objects(bucket: tuple[Any, str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """What is in the bucket, where everything goes in parts."""
    client, name = bucket
    monkeypatch.setattr("myapp.kit.storage._s3.WHOLE", 0)
    storage.use(S3Storage(f"s3://{name}/some/prefix"))
    return lambda: [each["Key"] for each in client.list_objects_v2(Bucket=name).get("Contents", [])]


async def test_the_file_is_kept_and_fetched(scope: Scope, objects: Any) -> None:
    await make_post(scope)
    assert len(await names_in(scope, (await made(scope)).id)) == 1
    await made(scope)
    assert len(await asyncio.to_thread(objects)) == 1, "the one before has gone"


@pytest.mark.parametrize("why", ["the process stops", "it was called off"])
async def test_what_its_source_says_is_understood(
    scope: Scope, objects: Any, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    """The bucket's client makes errors of its own out of what it hears while it sends."""
    monkeypatch.setattr(running, "TELL_EVERY", 0)
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def pieces(_scope: Scope) -> AsyncGenerator[Piece]:
        yield Piece(b"x" * (6 << 20), 1)
        reached.set()
        await go_on.wait()
        yield Piece(b"and the end", 1)

    monkeypatch.setattr(running, "pieces_of", pieces)
    card = await blog.start_export(scope)
    with lifetime.begun():
        going = asyncio.create_task(blog.run_queued_export(SYSTEM, card.id))
        await reached.wait()
        if why == "the process stops":
            lifetime.begin_stopping()
            go_on.set()
            with pytest.raises(lifetime.Stopping):
                await going
            expected = ExportStatus.QUEUED
        else:
            await blog.cancel_export(scope, card.id)
            go_on.set()
            await going
            expected = ExportStatus.CANCELLED
    assert (await blog.get_export(scope, card.id)).status == expected
    assert await asyncio.to_thread(objects) == []

"""The zip, made as it is read: neither the posts nor the zip are ever held whole.

Ten batches are on their way at a time. Of the connections to the database they take a share (`repo.in_background`),
so that pages find one free; a batch has 100 posts, or fewer where they are long.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from myapp.blog import policy
from myapp.blog.exports.batches import list_batches, read_batch
from myapp.blog.exports.markdown import Whole, as_markdown, moment_of, name_of, settings_of
from myapp.kit.async_stream import async_stream
from myapp.kit.errors import NotFound
from myapp.kit.scope import Scope
from myapp.kit.threads import fair_threads
from myapp.kit.zip_stream import Sink

AT_ONCE = 10
PATIENCE = 30.0
"""Seconds for each batch."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some bytes of the zip, and how many posts were put into them."""

    content: bytes
    posts: int = 0


async def export_markdown(scope: Scope) -> AsyncGenerator[bytes]:
    """The bytes of the zip, piece by piece. Raises Forbidden, Unauthenticated and NotFound before the first."""
    policy.authorise(scope, "export")
    if scope.org_id is None:
        raise NotFound
    async with aclosing(pieces_of(scope)) as pieces:
        async for piece in pieces:
            yield piece.content


async def pieces_of(scope: Scope) -> AsyncGenerator[Piece]:
    """The zip of the organisation at hand. Raises WorkTimedOut when a batch takes too long."""
    sink = Sink()
    reading = async_stream(list_batches(scope), partial(read_batch, scope), limit=AT_ONCE, timeout=PATIENCE)
    with fair_threads(), ZipFile(sink, "w", ZIP_DEFLATED) as archive:
        async with aclosing(reading) as batches:
            async for batch in batches:
                await asyncio.to_thread(_write, archive, batch)
                yield Piece(sink.taken(), len(batch))
    yield Piece(sink.taken())


def _write(archive: ZipFile, batch: Sequence[Whole]) -> None:
    for whole in batch:
        entry = ZipInfo(name_of(whole.post), moment_of(whole.post).timetuple()[:6])
        entry.compress_type = ZIP_DEFLATED
        entry.external_attr = 0o644 << 16
        archive.writestr(entry, as_markdown(whole.post, settings_of(whole)))

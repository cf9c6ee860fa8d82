"""The cache of this process, and how it is told what has changed."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from uuid import UUID

from myapp.kit.cache import _memo
from myapp.kit.cache._own import OwnStore
from myapp.kit.cache._shared import SharedStore
from myapp.kit.cache._store import Store

_store: Store | None = None


def use(store: Store | None) -> None:
    """Name where this process keeps what it found out: the supervision tree does at start, a test for itself."""
    global _store  # noqa: PLW0603 - the one place a process keeps it
    _store = store


def current() -> Store | None:
    """Where it is kept; None where nothing is."""
    return _store


@asynccontextmanager
async def running(redis_url: str | None) -> AsyncGenerator[None]:
    """Keep what is found out until the end of the block, in Redis where there is one."""
    if redis_url is None:
        store = OwnStore()
        async with store.listening():
            use(store)
            try:
                yield
            finally:
                use(None)
        return
    shared = SharedStore(redis_url)
    use(shared)
    try:
        yield
    finally:
        use(None)
        await shared.close()


def invalidate(org_id: UUID | None, *tags: str) -> None:
    """Within a transaction: what is cached under these tags of the organisation is no longer right once it has
    committed. Dropped on rollback.
    """
    _memo.clear()
    if _store is not None:
        _store.invalidate([tag_of(org_id, tag) for tag in tags])


async def forget(org_id: UUID | None, *tags: str) -> None:
    """The same at once, for what is not in the database."""
    _memo.clear()
    if _store is not None:
        await _store.forget([tag_of(org_id, tag) for tag in tags])


async def sweep() -> None:
    """Let go of what is too old and nobody asks for any more: it would stay until others need its place."""
    if _store is not None:
        await _store.sweep()


def tag_of(org_id: UUID | None, tag: str) -> str:
    """No organisation can say anything about what another has cached."""
    return f"{org_id or '*'}/{tag}"

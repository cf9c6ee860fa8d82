"""Making the file of one export, and noting what came of it."""

from __future__ import annotations

import asyncio
import errno
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from datetime import timedelta
from time import monotonic
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from myapp.blog.events import ExportEnded, ExportProgressed, topic_exports
from myapp.blog.exports.archive import pieces_of
from myapp.blog.exports.forgetting import forget
from myapp.blog.schemas import Export, ExportFailure, ExportStatus
from myapp.kit import audit, lifetime, storage
from myapp.kit.async_stream import WorkTimedOut
from myapp.kit.clock import now
from myapp.kit.pubsub import broadcast
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope
from myapp.kit.supervisor import beside

KEPT = timedelta(days=7)
TELL_EVERY = 0.5
BEAT = 15.0
"""Seconds between two signs of life, also where nothing moves."""
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}

log = logging.getLogger(__name__)

type OnProgress = Callable[[ExportProgressed], Awaitable[None]]


class Overtaken(Exception):
    """The export is another run's by now, or nobody's: this one keeps nothing."""


class Run:
    """One run of one export. The key that the row names is its alone."""

    def __init__(self, scope: Scope, row: Export, on_progress: OnProgress | None = None) -> None:
        self._scope = scope
        self._id = row.id
        self._org_id = row.org_id
        self._user_id = row.user_id
        self._key = row.key or ""
        self._total = row.total
        self._done = 0
        self._told = monotonic()
        self._on_progress = on_progress
        self._error: Exception | None = None

    async def to_its_end(self, *, is_last: bool, is_unwanted: Callable[[], bool]) -> None:
        """The file is there, or the row says why not, or the export waits to be made again.

        What went wrong is raised, for the queue to try again, or to tell operators after the last try. `is_unwanted`
        says of a cancellation whether somebody wanted it, rather than the process or the time.
        """
        try:
            async with beside(self._live()):
                size = await self._write()
            await self._keep(size)
        except Overtaken:
            await storage.current().delete(self._key)
        except lifetime.Stopping:
            await self._leave(was_tried=False)
            raise
        except asyncio.CancelledError:
            await asyncio.shield(self._cut_off(is_last=is_last, is_unwanted=is_unwanted()))
            raise
        except Exception as error:
            if await self._goes_wrong(error, is_last=is_last):
                raise

    async def _write(self) -> int:
        try:
            async with aclosing(self._contents()) as contents:
                return await storage.current().put(self._key, contents)
        except Exception as error:  # noqa: BLE001
            raise self._error or error from None  # a bucket's client wraps what its source raises

    async def _contents(self) -> AsyncGenerator[bytes]:
        try:
            async with aclosing(pieces_of(self._scope)) as pieces:
                async for piece in pieces:
                    yield piece.content
                    self._done += piece.posts
                    await self._tell()
                    lifetime.leave_off()
        except Exception as error:
            self._error = error
            raise

    async def _tell(self) -> None:
        if monotonic() - self._told < TELL_EVERY:
            return
        self._told = monotonic()
        await self._note(done=self._done, total=max(self._total, self._done))
        if self._on_progress is not None:
            await self._on_progress(self._progress(ExportStatus.RUNNING))

    async def _live(self) -> None:
        while True:
            await asyncio.sleep(BEAT)
            await self._note()

    async def _keep(self, size: int) -> None:
        """The one file of the organisation: those before it go."""
        expires_at = now() + KEPT
        older = sa.delete(Export).where(
            col(Export.org_id) == self._org_id, col(Export.status) == ExportStatus.DONE, col(Export.id) != self._id
        )
        async with transaction(self._scope):
            end = {"size": size, "expires_at": expires_at, "done": self._done, "total": self._done}
            await self._note(ExportStatus.DONE, **end)
            await forget(older)
            await self._end(ExportStatus.DONE, {"posts": self._done, "bytes": size})
        if self._on_progress is not None:
            await self._on_progress(self._progress(ExportStatus.DONE))

    async def _goes_wrong(self, error: Exception, *, is_last: bool) -> bool:
        """Whether the queue is to know: where there is no room, there will be none in a quarter of a minute either."""
        failure = _failure_of(error)
        is_over = is_last or failure == ExportFailure.NO_ROOM
        is_mine = await (self._fail(failure) if is_over else self._leave())
        if is_mine:
            log.error("export %s went wrong", self._id, exc_info=error)
        return is_mine and failure != ExportFailure.NO_ROOM

    async def _fail(self, failure: ExportFailure) -> bool:
        """Whether it was this run's to fail; one that was overtaken has lost its file, and more does not matter."""
        try:
            async with transaction(self._scope):
                await self._note(ExportStatus.FAILED, failure=failure)
                await self._end(ExportStatus.FAILED, {"why": failure})
        except Overtaken:
            return False
        return True

    async def _end(self, status: ExportStatus, after: dict[str, object]) -> None:
        await audit.record(self._scope, f"blog.export.{status}", "export", self._id, after=after)
        broadcast(topic_exports(self._org_id), ExportEnded(self._org_id, self._id, self._user_id, status))

    async def _cut_off(self, *, is_last: bool, is_unwanted: bool) -> None:
        """By an operator, by the process, which stops, or as its time is over."""
        if is_unwanted:
            await self._leave(ExportStatus.CANCELLED)
        elif is_last and not lifetime.is_stopping():
            await self._fail(ExportFailure.TOO_SLOW)
        else:
            await self._leave(was_tried=not lifetime.is_stopping())

    async def _leave(self, status: ExportStatus = ExportStatus.QUEUED, *, was_tried: bool = True) -> bool:
        """To another run, or to nobody; whether it was this run's to leave."""
        tried: dict[str, Any] = {} if was_tried else {"attempts": Export.attempts - 1}
        self._done = 0
        try:
            await self._note(status, done=0, **tried)
        except Overtaken:
            return False
        return True

    async def _note(self, status: ExportStatus = ExportStatus.RUNNING, **values: object) -> None:
        """Write how it is, as long as it is this run's. Raises Overtaken."""
        mine = sa.and_(
            col(Export.id) == self._id, col(Export.key) == self._key, col(Export.status) == ExportStatus.RUNNING
        )
        async with transaction(self._scope) as session:
            noted = await session.exec(sa.update(Export).where(mine).values(status=status, updated_at=now(), **values))
            if noted.rowcount == 0:
                raise Overtaken
            if values:
                broadcast(topic_exports(self._org_id), self._progress(status))

    def _progress(self, status: ExportStatus) -> ExportProgressed:
        return ExportProgressed(self._org_id, self._id, status, self._done, max(self._total, self._done))


def _failure_of(error: Exception) -> ExportFailure:
    if isinstance(error, WorkTimedOut):
        return ExportFailure.TOO_SLOW
    if isinstance(error, OSError) and error.errno in _FULL:
        return ExportFailure.NO_ROOM
    return ExportFailure.CRASHED

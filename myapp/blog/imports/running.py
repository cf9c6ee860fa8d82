"""Running an import: reading in a thread, one batch ahead of the writing, and writing a batch a transaction."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterator
from contextlib import aclosing
from pathlib import Path
from threading import Event
from time import monotonic
from typing import cast
from uuid import UUID

import psycopg
import sqlalchemy as sa
from sqlalchemy import UpdateBase
from sqlalchemy.exc import DBAPIError
from sqlmodel import col

from myapp import accounts
from myapp.accounts import Visibility
from myapp.blog import counting
from myapp.blog.events import ALL_POSTS, ImportEnded, ImportProgressed, PostsImported, topic_imports, topic_posts
from myapp.blog.importing.load import Loader
from myapp.blog.importing.prepare import ReadyPost
from myapp.blog.importing.report import Note, Reason, Refused, Summary
from myapp.blog.importing.sources import Batch, Source, batches, open_source
from myapp.blog.imports.refusals import passes, said
from myapp.blog.imports.uploads import is_upload, located
from myapp.blog.schemas import Import, ImportStatus
from myapp.kit import audit, lifetime, repo
from myapp.kit.clock import now
from myapp.kit.pubsub import broadcast
from myapp.kit.repo import transaction
from myapp.kit.scope import Role, Scope
from myapp.kit.threads import fair_threads

TELL_EVERY = 0.25
RACES = 3
PATIENCE = 30.0
"""Seconds for the writing of each batch."""
NO_FAULT_OF_THE_SOURCE = {Reason.CRASHED, Reason.TOO_SLOW}
"""It is kept, as the import may go on."""

NOT_AT_ONCE = cast("UpdateBase", sa.text("SET LOCAL synchronous_commit = off"))
"""A batch need not be on the disk when the next begins: a power cut takes it back with the row that counts it."""

log = logging.getLogger(__name__)

type OnProgress = Callable[[ImportProgressed], Awaitable[None] | None]


class Run:
    """One run of one import, from where it was to its end. Whoever makes it holds the lock."""

    def __init__(
        self,
        scope: Scope,
        row: Import,
        on_progress: OnProgress | None = None,
        is_unwanted: Callable[[], bool] = lambda: False,
    ) -> None:
        """`is_unwanted` says of a cancellation whether somebody wanted it, rather than the process or the time."""
        self._scope = scope
        self._id = row.id
        self._org_id = row.org_id
        self._user_id = row.user_id
        self._filename = row.filename
        self._kind = row.kind
        self._path = row.path
        self._done = row.done
        self._total = row.total
        self._summary = Summary.from_json(row.summary)
        self._status = row.status
        self._on_progress = on_progress
        self._is_unwanted = is_unwanted
        self._told = 0.0
        self._untold = 0
        self._everybody = False

    async def to_its_end(self) -> None:
        """Done, failed, or interrupted: the row says which.

        Raises only a cancellation, and Stopping between two batches when the process is to end. That is no attempt
        that counts: an import may outlast any number of restarts.
        """
        try:
            await self._begin()
            with fair_threads():
                await self._go_through(await self._opened())
        except Refused as refused:
            self._summary.fail(refused)
            await self._end(ImportStatus.FAILED)
        except (asyncio.CancelledError, lifetime.Stopping):
            self._summary.attempts -= lifetime.is_stopping()
            self._summary.is_held = self._is_unwanted()
            await asyncio.shield(self._end(ImportStatus.INTERRUPTED))
            raise
        except Exception:
            log.exception("import %s failed", self._id)
            self._summary.fail(Refused(Reason.CRASHED))
            await self._end(ImportStatus.FAILED)
        else:
            await self._end(ImportStatus.DONE)

    async def _begin(self) -> None:
        self._summary.attempts += 1
        self._summary.failure = {}
        self._summary.is_held = False
        self._status = ImportStatus.RUNNING
        await self._save()

    async def _opened(self) -> Source:
        """The source, looked into. A thread can't be cancelled, and a process that stops would wait for it."""
        stop = Event()
        try:
            with lifetime.when_stopping(stop.set):
                return await asyncio.to_thread(open_source, self._kind, located(self._path), stop)
        except Refused:
            lifetime.leave_off()
            raise
        finally:
            stop.set()

    async def _go_through(self, source: Source) -> None:
        await self._set_out(source)
        loader = await self._loader(source)
        async with aclosing(_ahead(batches(source, done=self._done, moment=now()))) as ahead:
            async for batch in ahead:
                await self._write_in_time(loader, batch)
                if batch.refused is not None:
                    raise batch.refused
                lifetime.leave_off()

    async def _set_out(self, source: Source) -> None:
        """Where it goes on: after what was dealt with before, unless the source is another one now."""
        size = await asyncio.to_thread(_size, located(self._path))
        if size != self._summary.size:
            self._summary = Summary(attempts=self._summary.attempts, size=size)
            self._done = 0
        self._total = source.total
        await self._save()

    async def _loader(self, source: Source) -> Loader:
        organization = await accounts.get_organization(self._scope, self._org_id)
        self._everybody = organization.visibility == Visibility.PUBLIC
        fallback = self._user_id or self._scope.user_id or await self._somebody()
        return Loader(self._scope, self._org_id, fallback, source)

    async def _somebody(self) -> UUID:
        """Whose are posts without an author when the command line imports them: the organisation's first owner's."""
        members = await accounts.list_members(self._scope)
        ranked = sorted(members, key=lambda member: Role(member.role).rank, reverse=True)
        if ranked:
            return ranked[0].user_id
        made = await accounts.ensure_authors(self._scope, [accounts.ForeignAuthor("import")])
        return made["import"].user_id

    async def _write_in_time(self, loader: Loader, batch: Batch) -> None:
        """One that takes too long is taken back and ends the import, which can go on with it. Raises Refused."""
        try:
            async with asyncio.timeout(PATIENCE):
                await self._write(loader, batch)
        except TimeoutError:
            raise Refused(Reason.TOO_SLOW, f"{PATIENCE:g}") from None

    async def _write(self, loader: Loader, batch: Batch) -> None:
        """The batch, or where the database refuses it, smaller and smaller parts, down to the one post to leave out."""
        parts = [batch.posts]
        notes, asides = batch.skipped, batch.asides
        while parts:
            posts = parts.pop(0)
            items = 0 if parts else batch.items
            try:
                await self._write_part(loader, posts, notes, asides, items)
            except (DBAPIError, ValueError) as error:
                loader.forget()
                if passes(error):
                    raise
                middle = len(posts) // 2
                if len(posts) > 1:
                    parts[:0] = [posts[:middle], posts[middle:]]
                    continue
                if not posts:
                    raise
                log.warning("import %s: %r was refused: %s", self._id, posts[0].label, said(error))
                refusal = Note(posts[0].label, Reason.REJECTED, said(error))
                await self._write_part(loader, [], [*notes, refusal], asides, items)
            notes, asides = [], 0

    async def _write_part(
        self, loader: Loader, posts: list[ReadyPost], notes: list[Note], asides: int, items: int
    ) -> None:
        """Again when somebody took a slug or deleted a post in the meantime, or the database was away; what is counted
        is what is committed.
        """
        for attempt in range(RACES):
            summary = self._summary.copy()
            summary.counts["attachments"] += asides
            for note in notes:
                summary.skip(note)
            try:
                async with transaction(self._scope) as session:
                    await session.exec(NOT_AT_ONCE)
                    count = await loader.write(posts, summary) if posts else 0
                    if count:
                        counting.posts_changed(self._org_id)
                        counting.tags_changed(self._org_id)
                    await self._store(summary, self._done + items)
            except DBAPIError as error:
                loader.forget()
                was_race = isinstance(error.orig, psycopg.errors.UniqueViolation | psycopg.errors.ForeignKeyViolation)
                if attempt == RACES - 1 or not (was_race or passes(error)):
                    raise
            else:
                self._summary, self._done = summary, self._done + items
                self._untold += count
                await self._tell()
                return

    async def _save(self) -> None:
        async with transaction(self._scope):
            await self._store(self._summary, self._done)
        await self._tell()

    async def _store(self, summary: Summary, done: int) -> None:
        values = {"status": self._status, "done": done, "total": max(self._total, done), "summary": summary.as_json()}
        table = sa.update(Import).where(col(Import.id) == self._id)
        await repo.current_session().exec(table.values(**values, updated_at=now()))

    async def _end(self, status: ImportStatus) -> None:
        self._status = status
        async with transaction(self._scope):
            await self._store(self._summary, self._done)
            counts = dict(self._summary.counts)
            await audit.record(self._scope, f"blog.import.{status}", "import", self._id, after=counts)
            if status != ImportStatus.INTERRUPTED:
                ended = ImportEnded(self._org_id, self._id, self._user_id, self._filename, status)
                broadcast(topic_imports(self._org_id), ended)
        await self._tell(at_once=True)
        is_needed = status == ImportStatus.INTERRUPTED or self._summary.failure.get("why") in NO_FAULT_OF_THE_SOURCE
        if is_upload(self._path) and not is_needed:
            located(self._path).unlink(missing_ok=True)

    async def _tell(self, *, at_once: bool = False) -> None:
        """A few times a second at most, so that open pages load their lists no oftener."""
        if not at_once and monotonic() - self._told < TELL_EVERY:
            return
        self._told = monotonic()
        event = ImportProgressed(self._org_id, self._id, self._status, self._done, self._total)
        broadcast(topic_imports(self._org_id), event)
        if self._untold:
            imported = PostsImported(self._org_id, self._untold)
            broadcast(topic_posts(self._org_id), imported)
            if self._everybody:
                broadcast(ALL_POSTS, imported)
            self._untold = 0
        if self._on_progress is not None:
            told = self._on_progress(event)
            if told is not None:
                await told


def _size(path: Path) -> int:
    return (
        sum(file.stat().st_size for file in path.rglob("*") if file.is_file()) if path.is_dir() else path.stat().st_size
    )


async def _ahead[T](items: Generator[T] | Iterator[T]) -> AsyncGenerator[T]:
    """The items; each is made in a thread while the caller is busy with the one before."""
    coming = asyncio.create_task(asyncio.to_thread(next, items, None))
    try:
        while (item := await coming) is not None:
            coming = asyncio.create_task(asyncio.to_thread(next, items, None))
            yield item
    finally:
        await asyncio.gather(coming, return_exceptions=True)  # a thread can't be stopped, and must not be left alone
        if isinstance(items, Generator):
            items.close()

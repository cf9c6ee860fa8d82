"""Asking for an import, going on with one, and running one here and now."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from myapp.blog import policy
from myapp.blog.events import ImportProgressed, topic_imports
from myapp.blog.importing.text import printable
from myapp.blog.imports.alone import sole_runner
from myapp.blog.imports.cards import RESUMABLE, ImportCard
from myapp.blog.imports.reading import get_import, row_of
from myapp.blog.imports.running import Run
from myapp.blog.imports.uploads import authorise_file, kind_of, located, stored
from myapp.blog.schemas import Import, ImportKind, ImportStatus
from myapp.kit import audit, jobs
from myapp.kit.clock import new_id
from myapp.kit.errors import Conflict, NotFound
from myapp.kit.i18n import gettext
from myapp.kit.pubsub import broadcast
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope

RUN_IMPORT = "myapp.blog.jobs.RunImport"


async def start_import(scope: Scope, path: Path, *, kind: ImportKind | None = None, filename: str = "") -> ImportCard:
    """Let a job run it, at once if there is room. Raises NotFound, and Forbidden for others' files."""
    row = await _new(scope, path, kind, filename)
    async with transaction(scope):
        await _insert(scope, row)
        await jobs.enqueue(RUN_IMPORT, {"id": row.id})
    return ImportCard.of(row)


async def resume_import(scope: Scope, import_id: UUID) -> ImportCard:
    """Let a job go on with an import that was interrupted or failed. Raises Conflict for any other."""
    async with transaction(scope):
        row = await row_of(scope, import_id, locked=True)
        if row.status not in RESUMABLE or not located(row.path).exists():
            raise Conflict(gettext("This import can't go on: it is not interrupted, or its file is gone."))
        row.status = ImportStatus.QUEUED
        row.summary = {**row.summary, "attempts": 0, "failure": {}, "is_held": False}
        await audit.record(scope, "blog.import.resumed", "import", row.id)
        await jobs.enqueue(RUN_IMPORT, {"id": row.id})
        _tell(row)
    return ImportCard.of(row)


async def import_file(
    scope: Scope,
    path: Path,
    *,
    kind: ImportKind | None = None,
    on_progress: Callable[[ImportProgressed], None] | None = None,
) -> ImportCard:
    """Import a file or folder in this process, to its end. What came of it is in the card, also where it failed.

    The lock is held before anybody can see the row, so that no job takes it for one to run.
    """
    row = await _new(scope, path, kind, path.name)
    async with sole_runner(row.id):
        await _insert(scope, row)
        await Run(scope, row, on_progress).to_its_end()
    return await get_import(scope, row.id)


async def run_import(scope: Scope, import_id: UUID) -> ImportCard:
    """Run a waiting or interrupted import in this process, to its end. Raises Conflict when another process does."""
    row = await row_of(scope, import_id)
    async with sole_runner(import_id) as is_mine:
        if not is_mine:
            raise Conflict(gettext("This import is running already."))
        await Run(scope, row).to_its_end()
    return await get_import(scope, import_id)


async def _new(scope: Scope, path: Path, kind: ImportKind | None, filename: str) -> Import:
    policy.authorise(scope, "import")
    authorise_file(scope, path)
    if scope.org_id is None or not await asyncio.to_thread(path.exists):
        raise NotFound(gettext("There is no such file or folder."))
    found = kind or await asyncio.to_thread(kind_of, path)
    name = printable(filename or path.name)[-200:]
    return Import(id=new_id(), org_id=scope.org_id, user_id=scope.user_id, kind=found, filename=name, path=stored(path))


async def _insert(scope: Scope, row: Import) -> None:
    async with transaction(scope) as session:
        session.add(row)
        after = {"kind": row.kind, "filename": row.filename}
        await audit.record(scope, "blog.import.started", "import", row.id, after=after)
        _tell(row)


def _tell(row: Import) -> None:
    broadcast(topic_imports(row.org_id), ImportProgressed(row.org_id, row.id, row.status, row.done, row.total))

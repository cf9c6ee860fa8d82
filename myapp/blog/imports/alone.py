"""One process at a time runs an import: the one that holds its name (`kit/names`)."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import UUID

from myapp.kit import names
from myapp.kit.names import NameTaken


@asynccontextmanager
async def sole_runner(import_id: UUID) -> AsyncGenerator[bool]:
    """Whether this process may run the import, and nobody else may until the end of the block.

    Where that cannot be known any more, as PostgreSQL was restarted, the block is cancelled before another process may
    begin, and NameLost is raised. One whose process was killed is had some seconds later. Raises NamesUnreachable.
    """
    async with AsyncExitStack() as held:
        try:
            await held.enter_async_context(names.hold(_name(import_id)))
            is_mine = True
        except NameTaken:
            is_mine = False
        yield is_mine


async def nobody_runs(import_ids: Collection[UUID]) -> set[UUID]:
    """Those of them that no process runs, or is about to."""
    taken = await names.taken([_name(import_id) for import_id in import_ids])
    return {import_id for import_id in import_ids if _name(import_id) not in taken}


def _name(import_id: UUID) -> str:
    return f"import {import_id}"

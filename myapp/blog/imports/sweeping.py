"""Uploads that no import names: of an organisation that was deleted, or whose process died before it wrote the row."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import batched
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import col

from myapp.blog.imports.uploads import located, stored, upload_folder
from myapp.blog.schemas import Import
from myapp.kit.clock import now
from myapp.kit.errors import Forbidden
from myapp.kit.query_log import repeats_allowed
from myapp.kit.repo import reading
from myapp.kit.scope import Scope
from myapp.kit.selects import fetch, pick

GRACE = timedelta(hours=24)
"""Whoever has just sent a file is about to have it imported."""
_BATCH = 500


async def sweep_uploads(scope: Scope, *, grace: timedelta = GRACE) -> int:
    """Delete what nobody can import any more and is older than the grace; how many. Only the system does."""
    if not scope.is_system or scope.org_id is not None:
        raise Forbidden
    deleted = 0
    with repeats_allowed():
        for some in batched(await asyncio.to_thread(_older, upload_folder(), now() - grace), _BATCH):
            named = pick(col(Import.path)).where(col(Import.path) == sa.any_(sa.cast(list(some), sa.ARRAY(sa.Text()))))
            async with reading(scope):
                known = {row["path"] for row in await fetch(named)}
            await asyncio.to_thread(_delete, [located(name) for name in some if name not in known])
            deleted += len(some) - len(known)
    return deleted


def _older(folder: Path, before: datetime) -> list[str]:
    """As rows name them."""
    files = (path for path in folder.glob("*/*") if path.is_file())
    return [stored(path) for path in files if datetime.fromtimestamp(path.stat().st_mtime, UTC) < before]


def _delete(paths: list[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)

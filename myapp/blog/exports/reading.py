"""Looking at exports, and their files. Only who may export sees them; to anybody from elsewhere there are none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select

from myapp.blog import policy
from myapp.blog.events import topic_exports
from myapp.blog.exports.cards import ExportCard
from myapp.blog.schemas import Export, ExportStatus
from myapp.kit import storage
from myapp.kit.clock import now
from myapp.kit.errors import NotFound
from myapp.kit.pubsub import Callback, Subscription, subscribe
from myapp.kit.repo import current_session, reading
from myapp.kit.scope import Scope
from myapp.kit.storage import StoredFile


@dataclass(frozen=True, slots=True)
class ExportFile:
    """The file of an export, and when it was asked for."""

    stored: StoredFile
    inserted_at: datetime


def authorise(scope: Scope) -> UUID:
    """The organisation whose exports these are. Raises NotFound for people from elsewhere, Forbidden for members who
    may not export, and Unauthenticated.
    """
    is_from_here = scope.is_member or scope.is_system or scope.is_operator
    if scope.org_id is None or (scope.user_id is not None and not is_from_here):
        raise NotFound
    policy.authorise(scope, "export")
    return scope.org_id


async def list_exports(scope: Scope, *, limit: int = 5) -> list[ExportCard]:
    """The organisation's, newest first. Raises as `authorise` does."""
    org_id = authorise(scope)
    query = select(Export).where(Export.org_id == org_id).order_by(col(Export.id).desc()).limit(limit)
    async with reading(scope) as session:
        rows = (await session.exec(query, execution_options={"populate_existing": True})).all()
    return [ExportCard.of(row) for row in rows]


async def get_export(scope: Scope, export_id: UUID) -> ExportCard:
    """One of the organisation's. Raises NotFound, and as `authorise` does."""
    authorise(scope)
    async with reading(scope):
        return ExportCard.of(await row_of(scope, export_id))


async def get_export_file(scope: Scope, export_id: UUID) -> ExportFile:
    """What is fetched, as long as it is there. Raises NotFound, and as `authorise` does."""
    authorise(scope)
    async with reading(scope):
        row = await row_of(scope, export_id)
    if row.status != ExportStatus.DONE or row.key is None or row.expires_at is None or row.expires_at <= now():
        raise NotFound
    return ExportFile(await storage.current().get(row.key), row.inserted_at)


async def subscribe_exports(scope: Scope, callback: Callback) -> Subscription:
    """`callback(topic, ExportProgressed)` a few times a second while an export of the organisation is made."""
    return subscribe(topic_exports(authorise(scope)), callback)


async def row_of(scope: Scope, export_id: UUID, *, locked: bool = False) -> Export:
    """The organisation's row as it is now, within the open transaction; `locked` to its end. Raises NotFound."""
    query = select(Export).where(Export.id == export_id, Export.org_id == scope.org_id)
    if locked:
        query = query.with_for_update()
    found = await current_session().exec(query, execution_options={"populate_existing": True})
    row = found.one_or_none()
    if row is None:
        raise NotFound
    return row

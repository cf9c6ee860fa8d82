"""Looking at imports. Only who may import sees them: they name people's drafts and private posts."""

from __future__ import annotations

from uuid import UUID

from sqlmodel import col, select

from myapp.blog import policy
from myapp.blog.events import topic_imports
from myapp.blog.imports.cards import ImportCard
from myapp.blog.schemas import Import
from myapp.kit.errors import NotFound
from myapp.kit.pubsub import Callback, Subscription, subscribe
from myapp.kit.repo import reading
from myapp.kit.scope import Scope


async def list_imports(scope: Scope, *, limit: int = 20) -> list[ImportCard]:
    """The organisation's, newest first. Raises Forbidden."""
    policy.authorise(scope, "import")
    query = select(Import).where(Import.org_id == scope.org_id).order_by(col(Import.id).desc()).limit(limit)
    async with reading(scope) as session:
        return [ImportCard.of(row) for row in (await session.exec(query)).all()]


async def get_import(scope: Scope, import_id: UUID) -> ImportCard:
    """One of the organisation's. Raises Forbidden and NotFound."""
    return ImportCard.of(await row_of(scope, import_id))


async def row_of(scope: Scope, import_id: UUID, *, locked: bool = False) -> Import:
    """Its row as it is now; `locked` to the end of the open transaction. Raises Forbidden and NotFound."""
    policy.authorise(scope, "import")
    query = select(Import).where(Import.id == import_id, Import.org_id == scope.org_id)
    if locked:
        query = query.with_for_update()
    async with reading(scope) as session:
        row = (await session.exec(query, execution_options={"populate_existing": True})).one_or_none()
    if row is None:
        raise NotFound
    return row


async def subscribe_imports(scope: Scope, callback: Callback) -> Subscription:
    """`callback(topic, ImportProgressed)` a few times a second while an import of the organisation runs."""
    policy.authorise(scope, "import")
    if scope.org_id is None:
        raise NotFound
    return subscribe(topic_imports(scope.org_id), callback)

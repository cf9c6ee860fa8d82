"""What a person was told of, and that it goes with the person."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from myapp.kit.own_data import Part, owner, parts
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope
from myapp.kit.selects import pick
from myapp.notifications.schemas import Notification

_GONE = Scope.system("the person has deleted the account")


async def own_data(scope: Scope) -> AsyncGenerator[Part]:
    """All of it. Raises Unauthenticated, and Forbidden for who acts by a key."""
    told = pick(
        col(Notification.id),
        col(Notification.kind),
        col(Notification.subject_id),
        col(Notification.place_id),
        col(Notification.details),
        col(Notification.inserted_at),
        col(Notification.read_at),
    ).where(col(Notification.user_id) == owner(scope))
    async for part in parts("notifications/notifications", told, col(Notification.id)):
        yield part


async def delete_own_notifications(scope: Scope) -> None:
    """Of a person who goes, within the transaction of what it is done for."""
    gone: Any = sa.delete(Notification).where(col(Notification.user_id) == owner(scope))
    async with transaction(_GONE) as session:
        await session.exec(gone.execution_options(synchronize_session=False))

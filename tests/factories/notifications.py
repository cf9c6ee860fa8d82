"""What people are told of, seen as they see it."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import col

from myapp import notifications
from myapp.accounts import User
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope
from myapp.notifications import Notification, NotificationCard

_TEST = Scope.system("a test")


async def told(scope: Scope) -> list[NotificationCard]:
    """What this person is told of, the newest first."""
    return (await notifications.list_notifications(scope)).entries


async def sentences(scope: Scope) -> list[str]:
    return [card.sentence for card in await told(scope)]


async def username_of(scope: Scope) -> str:
    async with transaction(_TEST) as session:
        user = await session.get(User, scope.user_id)
        assert user is not None
        return user.username


async def confirm(scope: Scope, **values: object) -> str:
    """Let the person's address be shown to be theirs; the address."""
    async with transaction(_TEST) as session:
        user = await session.get(User, scope.user_id)
        assert user is not None
        await session.exec(
            sa.update(User).where(col(User.id) == scope.user_id).values(**{"confirmed_at": sa.func.now(), **values})
        )
        return user.email


async def grow_old(**span: float) -> None:
    """Make every notification so much older."""
    async with transaction(_TEST) as session:
        older = Notification.inserted_at - timedelta(**span)  # type: ignore[operator]
        await session.exec(sa.update(Notification).values(inserted_at=older))

"""Reading one's notifications, and marking them. All of it is about the scope's own person, in all organisations."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from myapp.kit.clock import now
from myapp.kit.pagination import KeysetPage, Order, keyset_page
from myapp.kit.pubsub import broadcast
from myapp.kit.repo import reading, transaction
from myapp.kit.scope import Scope
from myapp.kit.selects import Condition, fetch, named
from myapp.notifications import policy, queries
from myapp.notifications.cards import NotificationCard
from myapp.notifications.events import AllNotificationsRead, NotificationsRead, topic_notifications
from myapp.notifications.schemas import Notification
from myapp.notifications.subjects import with_subjects

_ORDER: Order = [(col(Notification.id), "desc")]


async def list_notifications(
    scope: Scope, *, after: str | None = None, before: str | None = None, limit: int = 20
) -> KeysetPage[NotificationCard]:
    """The newest first. A page may have fewer than `limit`: what may not be seen any more is left out.

    Raises Unauthenticated and InvalidCursor.
    """
    user_id = policy.person(scope, "read_notifications")
    async with reading(Scope(user_id)):
        page = await keyset_page(queries.own(user_id), order=_ORDER, after=after, before=before, limit=limit)
        rows = named(page.entries)
        cards = await with_subjects(scope, rows)
    shown = {card.id for card in cards}
    gone = [row["id"] for row in rows if not row["is_read"] and row["id"] not in shown]
    if gone and scope.may_write:
        await mark_read(scope, gone)  # nobody can read it: it must not be counted either
    return KeysetPage(cards, page.before, page.after)


async def fetch_notifications(scope: Scope, notification_ids: Collection[UUID]) -> list[NotificationCard]:
    """Those of these that are the person's to see, in no order. Raises Unauthenticated."""
    user_id = policy.person(scope, "read_notifications")
    wanted = col(Notification.id) == sa.any_(sa.cast(list(notification_ids), sa.ARRAY(sa.Uuid())))
    async with reading(Scope(user_id)):
        return await with_subjects(scope, await fetch(queries.own(user_id, wanted)))


async def count_unread(scope: Scope) -> int:
    """How many are unread; `queries.MOST` stands for that many or more. Raises Unauthenticated."""
    user_id = policy.person(scope, "read_notifications")
    async with reading(Scope(user_id)):
        return (await fetch(queries.unread_count(user_id)))[0]["count"]


async def mark_read(scope: Scope, notification_ids: Collection[UUID]) -> None:
    """The person has read these; others' are left as they are. Raises Unauthenticated and Forbidden."""
    wanted = sa.any_(sa.cast(list(notification_ids), sa.ARRAY(sa.Uuid())))
    await _mark(scope, col(Notification.id) == wanted)


async def mark_place_read(scope: Scope, place_id: UUID) -> None:
    """The person has been in this room, or at this post. Raises Unauthenticated and Forbidden."""
    await _mark(scope, col(Notification.place_id) == place_id)


async def mark_all_read(scope: Scope) -> None:
    """The person has read everything. Raises Unauthenticated and Forbidden."""
    user_id = policy.person(scope, "mark_notifications")
    async with transaction(Scope(user_id)) as session:
        await session.exec(_marking(user_id))
        broadcast(topic_notifications(user_id), AllNotificationsRead(user_id))


async def _mark(scope: Scope, condition: Condition) -> None:
    user_id = policy.person(scope, "mark_notifications")
    async with transaction(Scope(user_id)) as session:
        marking = _marking(user_id).where(condition).returning(col(Notification.id))
        found: sa.Result[tuple[UUID]] = await session.exec(marking)
        marked = tuple(str(notification_id) for (notification_id,) in found)
        if marked:
            broadcast(topic_notifications(user_id), NotificationsRead(user_id, marked))


def _marking(user_id: UUID) -> sa.Update:
    return sa.update(Notification).where(queries.unread(user_id)).values(read_at=now())

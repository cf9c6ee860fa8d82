"""A notification as the browser draws it: its words are put together there, in the reader's language."""

from __future__ import annotations

from typing import TypedDict

from myapp.kit.streams import Row
from myapp.notifications import NotificationCard


class NotificationRow(TypedDict):
    """Who did what, where, and the way there."""

    id: str
    kind: str
    actor: str
    place_id: str
    place: str
    org: str
    excerpt: str
    url: str
    at: str
    is_read: bool


def notification_row(card: NotificationCard) -> Row:
    """The row of a card; read is the newer state of unread."""
    row = NotificationRow(
        id=str(card.id),
        kind=card.kind.value,
        actor=card.actor_name,
        place_id=str(card.place_id),
        place=card.place_name,
        org=card.org_name,
        excerpt=card.excerpt,
        url=card.path,
        at=card.inserted_at.isoformat(),
        is_read=card.is_read,
    )
    return {**row, "sort": [], "version": int(card.is_read)}

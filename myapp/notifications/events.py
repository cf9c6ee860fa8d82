"""What a person's own tabs hear, after it is committed, on `notifications:<person>`: ids alone."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from myapp.kit.pubsub import event


def topic_notifications(user_id: UUID) -> str:
    """Where what a person is told of is told about."""
    return f"notifications:{user_id}"


@dataclass(frozen=True)
class NotificationEvent:
    """Something happened to what a person is told of."""

    user_id: UUID


@event("notifications.created")
@dataclass(frozen=True)
class NotificationCreated(NotificationEvent):
    """There may be something new; who asks finds out."""

    notification_id: UUID


@event("notifications.read")
@dataclass(frozen=True)
class NotificationsRead(NotificationEvent):
    """The person has read these."""

    notification_ids: tuple[str, ...]


@event("notifications.all_read")
@dataclass(frozen=True)
class AllNotificationsRead(NotificationEvent):
    """The person has read everything there was."""


@event("notifications.deleted")
@dataclass(frozen=True)
class NotificationDeleted(NotificationEvent):
    """What it was about is gone, and it with that."""

    notification_id: UUID

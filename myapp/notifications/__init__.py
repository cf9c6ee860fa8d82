"""What people are told of: mentions, replies, comments, finished imports. The front door.

The rooms know nothing of it. What they tell within a transaction is reacted to at the end of that transaction
(`reactions.py`), so a notification is there when the deed is. It holds ids; the words are read where they are, with the
person's own rights, whenever they are shown (`subjects.py`).
"""

from myapp.notifications.cards import NotificationCard
from myapp.notifications.digest import queue_digests, send_digest
from myapp.notifications.events import (
    AllNotificationsRead,
    NotificationCreated,
    NotificationDeleted,
    NotificationEvent,
    NotificationsRead,
    topic_notifications,
)
from myapp.notifications.mailing import mail_unread, prune_notifications
from myapp.notifications.own_data import (
    delete_own_notifications,
    own_data,
)
from myapp.notifications.policy import can
from myapp.notifications.queries import MOST
from myapp.notifications.reactions import install
from myapp.notifications.reading import (
    count_unread,
    fetch_notifications,
    list_notifications,
    mark_all_read,
    mark_place_read,
    mark_read,
)
from myapp.notifications.schemas import Kind, Notification

__all__ = [
    "MOST",
    "AllNotificationsRead",
    "Kind",
    "Notification",
    "NotificationCard",
    "NotificationCreated",
    "NotificationDeleted",
    "NotificationEvent",
    "NotificationsRead",
    "can",
    "count_unread",
    "delete_own_notifications",
    "fetch_notifications",
    "install",
    "list_notifications",
    "mail_unread",
    "mark_all_read",
    "mark_place_read",
    "mark_read",
    "own_data",
    "prune_notifications",
    "queue_digests",
    "send_digest",
    "topic_notifications",
]

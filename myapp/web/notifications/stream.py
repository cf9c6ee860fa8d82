"""What a person is told of as a stream, the newest first: `stream:notifications:<person>`, for that person alone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from myapp import notifications
from myapp.accounts import Principal
from myapp.kit.channels import Refused
from myapp.kit.errors import Forbidden
from myapp.kit.pagination import cursor_at
from myapp.kit.scope import Grant, Scope
from myapp.kit.streams import ALL, All, Key, Page, Row
from myapp.web.ids import named_id
from myapp.web.notifications.rows import notification_row

PAGE = 20
_ORDER = "id desc"


@dataclass(frozen=True)
class NotificationList:
    """One person's."""

    user_id: UUID

    @property
    def topics(self) -> Collection[str]:
        return [notifications.topic_notifications(self.user_id)]

    def touched(self, event: object) -> Collection[str] | All:
        match event:
            case notifications.NotificationCreated() | notifications.NotificationDeleted():
                return [str(event.notification_id)]
            case notifications.NotificationsRead():
                return event.notification_ids
            case notifications.AllNotificationsRead():
                return ALL
            case _:
                return ()

    async def load(self, ids: Collection[str]) -> Sequence[Row]:
        cards = await notifications.fetch_notifications(Scope(self.user_id), [UUID(each) for each in ids])
        return [notification_row(card) for card in cards]

    async def page(self, *, after: Key | None = None, before: Key | None = None) -> Page:
        page = await notifications.list_notifications(
            Scope(self.user_id), after=cursor_at(_ORDER, after), before=cursor_at(_ORDER, before), limit=PAGE
        )
        return Page.of(page, notification_row, before=before)


async def open_notifications(who: Principal, arguments: Sequence[str], query: str) -> NotificationList:
    """See `Open`: one's own, and nobody else's. Of who is limited to less, all with the same topic would see more."""
    match list(arguments):
        case [name] if not query:
            is_limited = who.grants is not None and Grant.MANAGE not in who.grants
            if who.user_id is None or named_id(name) != who.user_id or is_limited:
                raise Forbidden
            return NotificationList(who.user_id)
        case _:
            raise Refused("unmatched topic")

"""What a person is told of, for the bell: `user:<person>`, which that person alone may join.

The join is answered with `{unread, latest}`: how many are unread (100 stands for that many or more), and the newest as
rows. From then on come

    notification    {row, unread}     something new
    read            {ids, unread}     the person has read these, here or elsewhere
    gone            {id, unread}      what it was about is gone
    latest          {unread, latest}  all of it anew

and the client says `mark_read {ids}`, `mark_place_read {place_id}` (a room or post that the person looks at) or
`mark_all_read`, each answered with `{unread}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, cast, override

from myapp import accounts, notifications
from myapp.kit.channels import Channel, Payload, Rate, Refused, Socket
from myapp.kit.errors import Forbidden
from myapp.kit.pubsub import Resync
from myapp.kit.scope import Scope
from myapp.notifications import (
    AllNotificationsRead,
    NotificationCreated,
    NotificationDeleted,
    NotificationsRead,
    topic_notifications,
)
from myapp.web.ids import as_id
from myapp.web.notifications.rows import notification_row

LATEST = 10
MOST_IDS = 100  # that are marked at one go


class UserChannel(Channel):
    """Answers for all people."""

    rate: ClassVar[Rate | None] = Rate(60, 60)

    @override
    async def join(self, topic: str, params: Mapping[str, Any], socket: Socket) -> Payload:
        scope = await _scope(socket)
        if scope.user_id is None or topic != f"user:{scope.user_id}":
            raise Forbidden
        socket.subscribe(topic_notifications(scope.user_id))  # first: what comes meanwhile comes after the list
        return await _latest(scope)

    @override
    async def handle_in(self, event: str, payload: Any, socket: Socket) -> Payload:
        scope = await _scope(socket)
        match event, payload:
            case "mark_read", {"ids": list(ids)} if len(cast("list[object]", ids)) <= MOST_IDS:
                await notifications.mark_read(scope, [as_id(each) for each in cast("list[object]", ids)])
            case "mark_place_read", {"place_id": place_id}:
                await notifications.mark_place_read(scope, as_id(place_id))
            case "mark_all_read", _:
                await notifications.mark_all_read(scope)
            case _:
                raise Refused("unknown event")
        return {"unread": await notifications.count_unread(scope)}

    @override
    async def handle_info(self, event: object, socket: Socket) -> None:
        scope = await _scope(socket)
        match event:
            case NotificationCreated():
                for card in await notifications.fetch_notifications(scope, [event.notification_id]):
                    unread = await notifications.count_unread(scope)
                    socket.push("notification", {"row": notification_row(card), "unread": unread})
            case NotificationsRead():
                unread = await notifications.count_unread(scope)
                socket.push("read", {"ids": event.notification_ids, "unread": unread})
            case NotificationDeleted():
                unread = await notifications.count_unread(scope)
                socket.push("gone", {"id": event.notification_id, "unread": unread})
            case AllNotificationsRead() | Resync():
                socket.push("latest", await _latest(scope))
            case _:
                return


async def _scope(socket: Socket) -> Scope:
    """Who it is now. Raises Forbidden for who has become nobody."""
    scope = await accounts.scope_for(socket.assigns["who"])
    if scope.user_id is None:
        raise Forbidden
    return scope


async def _latest(scope: Scope) -> Payload:
    page = await notifications.list_notifications(scope, limit=LATEST)
    unread = await notifications.count_unread(scope)
    return {"unread": unread, "latest": [notification_row(card) for card in page.entries]}

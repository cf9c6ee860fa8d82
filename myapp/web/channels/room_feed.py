"""What all who are in one chat room hear in this process: every message once, in order, whoever wrote it and where.

Events of PubSub are hints: they may overtake each other or go missing. Their numbers tell, because a room's messages
are numbered without a gap in the order of their commits: whoever hears of message 7 after 5 reads 6 from the database.
One thing is done after the other, so that a newcomer's page and what comes after it meet without a gap or an overlap.

What always holds: a follower gets `messages`, the end of the room, and from then on `new_msg` for each later number;
`msg_updated` and `msg_deleted` carry a version, of which the greatest counts. After a `Resync`, or when the database
was away, all get `messages` anew.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Mapping
from contextvars import Context
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from myapp import accounts, chat
from myapp.accounts import FaceChanged
from myapp.chat import (
    MessageCard,
    MessageCreated,
    MessageDeleted,
    MessageEvent,
    MessagePage,
    RoomDeleted,
    RoomEvent,
    RoomMemberRemoved,
    RoomUpdated,
)
from myapp.kit import channels, pubsub, routes
from myapp.kit.channels import Socket
from myapp.kit.errors import NotFound
from myapp.kit.pubsub import Resync, Subscription
from myapp.kit.scope import Scope

log = logging.getLogger(__name__)

PAGE = 50  # messages
TOO_MANY = 1000  # events that wait, before the end of the room is read anew instead
AGAIN = 1.0  # seconds after the database was away


@dataclass(frozen=True, slots=True)
class _Newcomer:
    socket: Socket
    is_in: asyncio.Future[None]


class RoomFeed:
    """One room with its followers in this process."""

    def __init__(self, topic: str, org_id: UUID, room_id: UUID) -> None:
        self.sockets: set[Socket] = set()
        self._topic = topic
        self._room_id = room_id
        self._scope = Scope.system("all who are in a room hear the same", org_id)
        self._last: int | None = None  # the number of the last message that all have
        self._newcomers: list[_Newcomer] = []
        self._news: deque[MessageEvent | FaceChanged | Resync] = deque()
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._subscriptions: list[Subscription] = [
            pubsub.subscribe(chat.topic_room(room_id), self._hear),
            pubsub.subscribe(chat.topic_rooms(org_id), self._hear_of_rooms),
            pubsub.subscribe(accounts.FACES, self._hear),
        ]

    async def let_in(self, socket: Socket) -> None:
        """Let a socket follow, and push it `messages`. From within its `join`; raises what reading the room raises."""
        is_in: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._newcomers.append(_Newcomer(socket, is_in))
        self._start()
        await is_in

    def close(self) -> None:
        """Hear nothing more, and stop what is under way."""
        for subscription in self._subscriptions:
            subscription.cancel()
        for pending in (self._task, self._timer):
            if pending is not None:
                pending.cancel()
        for newcomer in self._newcomers:  # who has left by now, and waits for nothing
            if not newcomer.is_in.done():
                newcomer.is_in.set_result(None)

    def _hear(self, _topic: str, event: object) -> None:
        if not isinstance(event, MessageEvent | FaceChanged | Resync):
            return
        if len(self._news) >= TOO_MANY:
            self._news.clear()
            event = Resync()
        self._news.append(event)
        self._start()

    def _hear_of_rooms(self, _topic: str, event: object) -> None:
        """Who may be in the room changes: each asks again, or leaves."""
        if not isinstance(event, RoomDeleted | RoomUpdated | RoomMemberRemoved) or event.room_id != self._room_id:
            return
        for socket in tuple(self.sockets):
            if not isinstance(event, RoomMemberRemoved) or event.user_id == socket.assigns["who"].user_id:
                socket.inform(event)

    def _start(self) -> None:
        if self._task is None and self._timer is None:
            # With nothing of whoever happens to start it: their transaction is none of its business.
            self._task = asyncio.create_task(self._work_off(), context=Context())

    async def _work_off(self) -> None:
        try:
            while self._newcomers or self._news:
                if self._newcomers:
                    await self._welcome()
                else:
                    await self._take_in(self._news.popleft())
        except NotFound:
            self._give_up(NotFound())  # the room was deleted: its followers hear of that by themselves
        except Exception as error:
            log.exception("a room could not be read; it is read anew")
            self._give_up(error)
            self._news.appendleft(Resync())
            self._timer = asyncio.get_running_loop().call_later(AGAIN, self._try_again)
        finally:
            self._task = None

    def _give_up(self, error: Exception) -> None:
        newcomers, self._newcomers = self._newcomers, []
        self._news.clear()
        for newcomer in newcomers:
            if not newcomer.is_in.done():
                newcomer.is_in.set_exception(error)

    def _try_again(self) -> None:
        self._timer = None
        self._start()

    async def _welcome(self) -> None:
        """One reading for all who wait. What it brings that the others do not have yet, they hear at the same time."""
        expected = len(self._newcomers)
        page = await self._read()
        if self._last is not None and page.entries and page.entries[0].seq > self._last + 1:
            await self._catch_up(page.entries[0].seq - 1)
        for message in page.entries:
            self._tell_new(message)
        self._last = page.entries[-1].seq if page.entries else 0
        newcomers, self._newcomers = self._newcomers[:expected], self._newcomers[expected:]
        payload = messages_payload(page)
        for newcomer in newcomers:
            newcomer.socket.forget_held()  # the page has it all
            newcomer.socket.push("messages", payload)
            if not newcomer.is_in.done():
                newcomer.is_in.set_result(None)

    async def _take_in(self, event: MessageEvent | FaceChanged | Resync) -> None:
        if self._last is None:
            return
        if isinstance(event, Resync):
            await self._begin_anew()
        elif isinstance(event, FaceChanged):
            await self._show_again(event.user_id)
        elif event.message.seq > self._last + isinstance(event, MessageCreated):
            await self._catch_up(event.message.seq)
        elif isinstance(event, MessageCreated):
            self._tell_new(event.message)
        else:
            name = "msg_deleted" if isinstance(event, MessageDeleted) else "msg_updated"
            channels.local_broadcast(self._topic, name, message_payload(event.message))

    async def _begin_anew(self) -> None:
        page = await self._read()
        self._last = page.entries[-1].seq if page.entries else 0
        channels.local_broadcast(self._topic, "messages", messages_payload(page))

    async def _show_again(self, user_id: UUID) -> None:
        """Somebody is called something else. Nobody is told of who has written nothing here."""
        writer = await chat.fetch_writer(self._scope, self._room_id, user_id)
        if writer is not None:
            shown = {"id": writer.user_id, "name": writer.name, "avatar": routes.avatar(writer.avatar_key)}
            channels.local_broadcast(self._topic, "person_updated", shown)

    async def _catch_up(self, seq: int) -> None:
        """Tell what lies between the last message and this one. Whoever hears of it can read those before it."""
        while self._last is not None and self._last < seq:
            page = await chat.list_messages(self._scope, self._room_id, after_seq=self._last, limit=100)
            if not page.entries:
                return
            for message in page.entries:
                self._tell_new(message)

    def _tell_new(self, message: MessageCard) -> None:
        if self._last is not None and message.seq == self._last + 1:
            self._last = message.seq
            channels.local_broadcast(self._topic, "new_msg", message_payload(message))

    async def _read(self) -> MessagePage:
        return await chat.list_messages(self._scope, self._room_id, limit=PAGE)


class RoomFeeds:
    """The feeds of this process: there is one for each room that somebody is in."""

    def __init__(self) -> None:
        self._feeds: dict[str, RoomFeed] = {}

    def watch(self, socket: Socket, org_id: UUID, room_id: UUID) -> RoomFeed:
        """Have a socket hear of what becomes of its room, before it is asked whether it may follow. Within its `join`.

        The feed is to `let_in` who may.
        """
        feed = self._feeds.get(socket.topic)
        if feed is None:
            feed = self._feeds[socket.topic] = RoomFeed(socket.topic, org_id, room_id)
        feed.sockets.add(socket)
        socket.on_leave(partial(self._unfollow, feed, socket))
        return feed

    def _unfollow(self, feed: RoomFeed, socket: Socket) -> None:
        feed.sockets.discard(socket)
        if not feed.sockets and self._feeds.get(socket.topic) is feed:
            del self._feeds[socket.topic]
            feed.close()

    def close(self) -> None:
        """The process stops."""
        for feed in self._feeds.values():
            feed.close()
        self._feeds.clear()


def messages_payload(page: MessagePage) -> Mapping[str, object]:
    """Some messages of a room in their order, and whether there are earlier ones."""
    return {"messages": [message_payload(message) for message in page.entries], "has_more": page.has_more}


def message_payload(message: MessageCard) -> Mapping[str, object]:
    """A message as clients get it; `body_html` is safe to show. A deleted one has no words."""
    return {
        "id": message.id,
        "seq": message.seq,
        "client_id": message.client_id,
        "body": message.body,
        "body_html": message.body_html,
        "user": {
            "id": message.user_id,
            "name": message.user_name,
            "avatar": routes.avatar(message.user_avatar),
        },
        "mentions": message.mentions,
        "inserted_at": message.inserted_at,
        "edited_at": message.edited_at,
        "deleted_at": message.deleted_at,
        "version": message.version,
    }


def room_payload(event: RoomEvent, room: chat.RoomCard) -> Mapping[str, object]:
    """A room as its followers get it when it has changed."""
    return {"id": event.room_id, "name": room.name, "purpose": room.purpose, "visibility": room.visibility}

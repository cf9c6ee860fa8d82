"""The rooms of an organisation with what a person has not read of them: `rooms:<organisation's slug>`.

The join is answered with `{user_id, rooms}`, the rooms that the person may read. From then on come

    said    {id, seq, user_id, mentions}    the room has a message of this number
    read    {id, last_read_seq}             the person has read so far, here or in another tab
    rooms   {rooms}                         all of them anew, as one came, changed or went

What is unread is counted by the client, so that a message costs one encoding for all tabs of an organisation and no
query. Of a private room only those hear who may read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, override
from uuid import UUID

from myapp import accounts, chat
from myapp.accounts import MembershipEvent, OperatorChanged, OrganizationUpdated, Visibility
from myapp.chat import RoomCard, RoomEvent, RoomGrew, RoomMemberRemoved, RoomRead
from myapp.kit import channels, pubsub
from myapp.kit.channels import Channel, Payload, Socket
from myapp.kit.errors import Forbidden, NotFound
from myapp.kit.pubsub import Resync, Subscription


class RoomsChannel(Channel):
    """Answers for the rooms of all organisations."""

    def __init__(self) -> None:
        self._crowds: dict[str, _Crowd] = {}

    @override
    async def join(self, topic: str, params: Mapping[str, Any], socket: Socket) -> Payload:
        try:
            scope = await accounts.scope_for(socket.assigns["who"], topic.partition(":")[2])
        except NotFound:
            raise Forbidden from None
        if scope.org_id is None:
            raise Forbidden
        socket.assigns["org_id"] = scope.org_id
        self._follow(socket, scope.org_id)  # first: what happens while the rooms are read comes after them
        return await _rooms(socket)

    def _follow(self, socket: Socket, org_id: UUID) -> None:
        crowd = self._crowds.get(socket.topic)
        if crowd is None:
            crowd = self._crowds[socket.topic] = _Crowd(socket.topic, org_id)
        crowd.sockets.add(socket)
        socket.on_leave(lambda: self._unfollow(socket))
        if socket.assigns["who"].user_id:
            socket.subscribe(chat.topic_reads(socket.assigns["who"].user_id))

    def _unfollow(self, socket: Socket) -> None:
        crowd = self._crowds[socket.topic]
        crowd.sockets.discard(socket)
        if not crowd.sockets:
            self._crowds.pop(socket.topic).close()

    @override
    async def handle_info(self, event: object, socket: Socket) -> None:
        if isinstance(event, RoomRead):
            if event.org_id == socket.assigns["org_id"]:
                socket.push("read", {"id": event.room_id, "last_read_seq": event.last_read_seq})
            return
        try:
            socket.push("rooms", await _rooms(socket))
        except NotFound:
            socket.close()  # the organisation is no longer this person's to look into

    @override
    def close(self) -> None:
        for crowd in self._crowds.values():
            crowd.close()
        self._crowds.clear()


class _Crowd:
    """All in this process who follow the rooms of one organisation."""

    def __init__(self, topic: str, org_id: UUID) -> None:
        self.sockets: set[Socket] = set()
        self._topic = topic
        self._org_id = org_id
        self._subscriptions: list[Subscription] = [
            pubsub.subscribe(chat.topic_talk(org_id), self._hear_talk),
            pubsub.subscribe(chat.topic_rooms(org_id), self._hear_of_rooms),
            pubsub.subscribe(accounts.MEMBERSHIPS, self._hear_of_members),
        ]

    def close(self) -> None:
        """Hear nothing more."""
        for subscription in self._subscriptions:
            subscription.cancel()

    def _hear_talk(self, _topic: str, event: object) -> None:
        if isinstance(event, Resync):
            self._hear_of_rooms(_topic, event)
        elif isinstance(event, RoomGrew):
            said = {"id": event.room_id, "seq": event.seq, "user_id": event.user_id, "mentions": event.mentions}
            if event.visibility == Visibility.PUBLIC:
                channels.local_broadcast(self._topic, "said", said)
                return
            for socket in self.sockets:
                if event.room_id in socket.assigns.get("private", ()):
                    socket.push("said", said)

    def _hear_of_rooms(self, _topic: str, event: object) -> None:
        """Each reads its rooms anew: which of them it may know of is a question for the database."""
        if not isinstance(event, RoomEvent | Resync):
            return
        for socket in tuple(self.sockets):
            if isinstance(event, RoomMemberRemoved) and event.user_id == socket.assigns["who"].user_id:
                socket.assigns["private"] = socket.assigns.get("private", frozenset[UUID]()) - {event.room_id}
            socket.inform(event)

    def _hear_of_members(self, _topic: str, event: object) -> None:
        """Whoever is another here than before reads the rooms anew, and until then hears of no private one."""
        if isinstance(event, MembershipEvent | OrganizationUpdated):
            if event.org_id != self._org_id:
                return
        elif not isinstance(event, OperatorChanged):
            return
        for socket in tuple(self.sockets):
            if isinstance(event, OrganizationUpdated) or event.user_id == socket.assigns["who"].user_id:
                socket.assigns["private"] = frozenset[UUID]()
                socket.inform(event)


async def _rooms(socket: Socket) -> Payload:
    """The rooms that the person may read now; which of them are private is kept, to know who is told of them."""
    scope = await accounts.scope_for(socket.assigns["who"], org_id=socket.assigns["org_id"])
    rooms = await chat.list_rooms(scope)
    socket.assigns["private"] = frozenset(room.id for room in rooms if room.visibility == Visibility.PRIVATE)
    return {"user_id": scope.user_id, "rooms": [_room_payload(room) for room in rooms]}


def _room_payload(room: RoomCard) -> Payload:
    return {
        "id": room.id, "slug": room.slug, "name": room.name, "purpose": room.purpose, "visibility": room.visibility,
        "last_seq": room.last_seq, "last_read_seq": room.last_read_seq, "mention_count": room.mention_count,
        "is_member": room.is_member,
    }  # fmt: skip

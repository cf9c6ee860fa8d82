"""Talking in a room: `room:<id>`.

After its join, which is answered with the room, a client gets `messages` (the last 50 and whether there are more) and
`presence_state` (by the people's ids), and from then on `new_msg`, `msg_updated`, `msg_deleted`, `room_updated`,
`user_typing`, `presence_diff`, and `person_updated` where somebody who has written here is called something else
now or has another picture. Visitors see who is here and are not seen. It sends

    new_msg     {body, client_id}   answered with {id}; sent again with the same client_id, with the same id
    update_msg  {id, body}          answered with {id, version}
    delete_msg  {id}                answered with {id, version}
    read        {seq}               answered with {last_read_seq}
    older       {before}            answered with the 50 messages before that number
    newer       {after}             answered with the 50 messages after that number
    typing      {}                  the others hear `user_typing`

What a client may do is asked anew for each message, as its role may have changed since it joined; who may no longer
read the room is shown out (`phx_close`). A room that a person may not know of and one that is not there are refused
alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, override
from uuid import UUID

from myapp import accounts, chat
from myapp.chat import RoomEvent
from myapp.kit import presence
from myapp.kit.channels import Channel, Payload, Rate, Refused, Socket
from myapp.kit.errors import Forbidden, NotFound
from myapp.kit.scope import Scope
from myapp.web.channels.admission import Admission
from myapp.web.channels.presences import show_again, shown_as
from myapp.web.channels.room_feed import PAGE, RoomFeeds, messages_payload, room_payload
from myapp.web.chat.places import org_of_room, place_of_room
from myapp.web.ids import named_id


class RoomChannel(Channel):
    """Answers for all rooms. Only what is said counts towards a person's 20 messages a minute."""

    rates: ClassVar[Mapping[str, Rate]] = {
        "newer": Rate(240, 60),
        "older": Rate(240, 60),
        "read": Rate(120, 60),
        "typing": Rate(60, 60),
    }

    def __init__(self) -> None:
        self._feeds = RoomFeeds()
        self._admission = Admission(lambda who, topic: place_of_room(who, named_id(topic.partition(":")[2])))

    @override
    async def join(self, topic: str, params: Mapping[str, Any], socket: Socket) -> Payload:
        self._admission.watch(socket)
        try:
            room_id = named_id(topic.partition(":")[2])
            org_id = await org_of_room(room_id)
            feed = self._feeds.watch(socket, org_id, room_id)  # first, too: it is heard who is shown out meanwhile
            scope = await accounts.scope_for(socket.assigns["who"], org_id=org_id)
            room = await chat.get_room(scope, room_id)
        except NotFound:
            raise Forbidden from None
        person = await accounts.get_face(scope, scope.user_id) if scope.user_id else None
        socket.assigns |= {"org_id": org_id, "room_id": room_id, "name": person.name if person else ""}
        await feed.let_in(socket)
        if person:
            socket.assigns["presence"] = presence.track(socket, str(person.user_id), shown_as(person))
            socket.subscribe(accounts.topic_person(person.user_id))
        else:
            presence.follow(socket)
        return {
            "id": room.id, "name": room.name, "slug": room.slug, "purpose": room.purpose,
            "visibility": room.visibility, "last_seq": room.last_seq, "last_read_seq": room.last_read_seq,
            "user_id": scope.user_id,
            "can_write": scope.user_id is not None and chat.can(scope, "write", room),
            "can_moderate": chat.can(scope, "delete_message", room),
        }  # fmt: skip

    @override
    async def handle_in(self, event: str, payload: Any, socket: Socket) -> Payload | None:
        if not isinstance(payload, dict):
            raise Refused("invalid")
        given: dict[str, Any] = payload
        scope = await accounts.scope_for(socket.assigns["who"], org_id=socket.assigns["org_id"])
        room_id: UUID = socket.assigns["room_id"]
        match event:
            case "new_msg":
                return {"id": (await chat.create_message(scope, room_id, given)).id}
            case "update_msg" | "delete_msg":
                return await _change(scope, event, given)
            case "read":
                return {"last_read_seq": await chat.mark_read(scope, room_id, _seq(given.get("seq")))}
            case "older" | "newer":
                return await _page(scope, room_id, given)
            case "typing":
                return await _say_that_one_types(scope, socket)
            case _:
                return await super().handle_in(event, payload, socket)

    @override
    async def handle_info(self, event: object, socket: Socket) -> None:
        if isinstance(event, accounts.PersonUpdated):
            await show_again(socket)
        if not isinstance(event, RoomEvent):
            return
        try:
            _, room = await place_of_room(socket.assigns["who"], socket.assigns["room_id"])
        except NotFound:
            socket.close()
        else:
            socket.push("room_updated", room_payload(event, room))

    @override
    def close(self) -> None:
        self._admission.close()
        self._feeds.close()


async def _page(scope: Scope, room_id: UUID, given: Mapping[str, Any]) -> Payload:
    edge = {f"{side}_seq": _seq(given[side]) for side in ("before", "after") if side in given}
    if len(edge) != 1:
        raise Refused("invalid")
    return messages_payload(await chat.list_messages(scope, room_id, **edge, limit=PAGE))


async def _change(scope: Scope, event: str, given: Mapping[str, Any]) -> Payload:
    message_id = named_id(given.get("id"))
    if event == "delete_msg":
        message = await chat.delete_message(scope, message_id)
    else:
        message = await chat.update_message(scope, message_id, given)
    return {"id": message.id, "version": message.version}


async def _say_that_one_types(scope: Scope, socket: Socket) -> None:
    room = await chat.get_room(scope, socket.assigns["room_id"])
    if scope.user_id is None or not chat.can(scope, "write", room):
        raise Forbidden
    socket.broadcast_from("user_typing", {"user_id": scope.user_id, "name": socket.assigns["name"]})


def _seq(value: object) -> int:
    if type(value) is int:
        return value
    raise Refused("invalid")

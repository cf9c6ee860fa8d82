"""Conversations between clients and the server over one WebSocket, topic by topic.

    class RoomChannel(Channel):
        async def join(self, topic, params, socket):
            room = await chat.get_room(socket.assigns["scope"], topic.removeprefix("room:"))   # Forbidden keeps it out
            socket.assigns["room_id"] = room.id
            return {"name": room.name}

        async def handle_in(self, event, payload, socket):
            match event:
                case "new_msg":
                    message = await chat.create_message(socket.assigns["scope"], socket.assigns["room_id"], payload)
                    return {"id": message.id}
                case "typing":
                    socket.broadcast_from("user_typing", {"user_id": socket.assigns["user_id"]})

    endpoint = Endpoint({"room:*": RoomChannel()}, connect=…, is_our_page=…)

The protocol is Phoenix Channels' version 2, so its clients work as they are: the `phoenix` package in browsers and
Node, those for Swift, Kotlin, C# and Python. What is broadcast is encoded once and reaches thousands of clients as one
frame; a client that reads too slowly is dropped, and never holds up another.
"""

from __future__ import annotations

from myapp.kit.channels._wire import Encoded, Payload
from myapp.kit.channels.broadcasts import broadcast, disconnect, is_joined, local_broadcast
from myapp.kit.channels.channel import Channel, Rate, Refused
from myapp.kit.channels.close import Close
from myapp.kit.channels.endpoint import Connect, Endpoint, Handshake, Identity, Limits
from myapp.kit.channels.hub import push_to
from myapp.kit.channels.socket import Socket

__all__ = [
    "Channel",
    "Close",
    "Connect",
    "Encoded",
    "Endpoint",
    "Handshake",
    "Identity",
    "Limits",
    "Payload",
    "Rate",
    "Refused",
    "Socket",
    "broadcast",
    "disconnect",
    "is_joined",
    "local_broadcast",
    "push_to",
]

"""What a tab says on Reflex's socket, frame by frame: of all that Socket.IO could carry, the little that ours say.

What always holds: a frame that no page of ours would send ends its connection before it is read any further, and is
counted, not logged. Beneath, each would be an error with a traceback, in the log and wherever errors are reported, for
whoever cares to send thousands; and Socket.IO would call `on_connect` with what a client says of itself, its address
among it, when the client names its event so.
"""

from __future__ import annotations

import re
from typing import Any

from socketio import AsyncServer
from socketio.packet import Packet
from starlette.types import ASGIApp, Message, Receive, Send
from starlette.types import Scope as AsgiScope

from myapp.kit import telemetry

PROTOCOL_ERROR = 1002  # RFC 6455, 7.4.1

# Engine.IO's "close" and "pong"; Socket.IO's connect, disconnect, and the two events that Reflex's browser code has.
_FRAME = re.compile(r'(?:[13]|41/_event,)\Z|40/_event,|42/_event,\["(?:event|client_error)", ?\{')


def known_frames(app: ASGIApp) -> ASGIApp:
    """The same socket, which other frames than ours end."""

    def socket(scope: AsgiScope, receive: Receive, send: Send) -> Any:
        return app(scope, _Frames(receive, send), send)

    return socket


class _Frames:
    """An ASGI `receive`: one object a tab, as long as it is open."""

    __slots__ = ("_receive", "_send")

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send

    async def __call__(self) -> Message:
        message = await self._receive()
        if message["type"] != "websocket.receive" or _FRAME.match(message.get("text") or ""):
            return message
        await self.refuse()
        return {"type": "websocket.disconnect", "code": PROTOCOL_ERROR}

    async def refuse(self) -> None:
        """Count it, as the door counts what it refuses, and hang up."""
        telemetry.execute("live.refused", {}, {"reason": "not a frame"})
        await self._send({"type": "websocket.close", "code": PROTOCOL_ERROR})


class _Unreadable(Exception):
    """It begins like a frame of ours, and does not go on like one."""


class _Packet(Packet):
    def decode(self, encoded_packet: Any) -> Any:
        try:
            return super().decode(encoded_packet)
        except Exception:  # noqa: BLE001 - whatever the parser stumbles over, somebody else has written it
            raise _Unreadable from None


def end_on_unreadable(sio: AsyncServer) -> None:
    """What begins like a frame of ours and can't be read ends its connection, too."""
    read = sio.eio.handlers["message"]

    async def message(connection: str, data: Any) -> None:
        try:
            await read(connection, data)
        except _Unreadable:
            await sio.environ[connection]["asgi.receive"].refuse()

    sio.packet_class = _Packet
    sio.eio.on("message", message)

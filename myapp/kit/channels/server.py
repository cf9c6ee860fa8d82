"""The server's end of a WebSocket: uvicorn's, which reads its clients in turn and hands their messages over directly.

    uvicorn.Config(app, ws=WebSocketProtocol, ws_per_message_deflate=False)

A client that sends without pause is read a slice at a time, one in a turn of the event loop, so whoever else has
something to say waits for a slice and no longer; it is not read at all while it does not read what it is sent. For an
application that asks for it (`hand_over`) a message is one call: no queue, no task to wake, and reading is not stopped
and started again for each, as uvicorn does.

Frames are told apart here (RFC 6455, 5.2), as most are one short message, whole; all others go to uvicorn's parser, one
at a time. Like `_outbox.py` this knows uvicorn's inside. Under plain uvicorn, such as `reflex run`'s, everything works
as well, only slower.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Literal, override

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from myapp.kit.channels._light import Flag, Mailbox

type Wait = Callable[[], Coroutine[Any, Any, None]]
type Take = Callable[[str | bytes], Wait | None]
"""Takes a message; what it returns is to be called and waited for before more is read."""

SLICE = 4096  # bytes: about a millisecond of small messages
_WHOLE: dict[int, Literal["text", "bytes"]] = {0x81: "text", 0x82: "bytes"}  # with the bit: this is all of the message
_MASKED = 0x80

try:
    from websockets.speedups import apply_mask
except ImportError:  # where websockets has no compiled part
    from websockets.utils import apply_mask


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """One client's connection."""

    _take: Take | None = None
    _unread = b""  # from the beginning of a frame
    _next: asyncio.Handle | None = None
    _wait: asyncio.Task[None] | None = None

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.queue: Any = Mailbox()
        self.writable: Any = Flag()

    @override
    def start_keepalive(self) -> None:
        """The handshake is over: nobody asks for its headers again, but uvicorn and websockets would keep them."""
        for each in (self.request, self.response):
            each.headers.clear()
        super().start_keepalive()

    def hand_over(self, take: Take) -> None:
        """Call `take` with every message from now on; `receive` brings the end, and what came before."""
        self._take = take

    @override
    def data_received(self, data: bytes) -> None:
        if not self.handshake_initiated:
            super().data_received(data)
            return
        self._unread += data
        if self._next is None and self._wait is None:
            self._read_on()

    def _read_on(self) -> None:
        """Take the frames that are there, up to a slice of them."""
        self._next = None
        data, at = self._unread, 0
        while at < SLICE and (payload := _payload(data, at, self.config.ws_max_size)):
            self._take_frame(data, at, *payload)
            at = payload[1]
        self._unread = data[at:]
        if at >= SLICE and self._unread and self._wait is None:
            self._stop_reading()
            self._next = self.loop.call_soon(self._read_on)
        elif self.read_paused:
            self._read_again()

    def _take_frame(self, data: bytes, at: int, start: int, end: int) -> None:
        kind = _WHOLE.get(data[at])
        is_whole = start > at and self.conn.current_size is None
        if self._take is not None and kind is not None and is_whole and not self.close_sent:
            self.curr_msg_data_type = kind
            self.frames = [apply_mask(data[start:end], data[start - 4 : start])]
            self.send_receive_event_to_app()
        elif not self.transport.is_closing():
            super().data_received(data[at:end])

    @override
    def send_receive_event_to_app(self) -> None:
        if self._take is None or self.close_sent:
            super().send_receive_event_to_app()
            return
        message: str | bytes = self.frames[0] if len(self.frames) == 1 else b"".join(self.frames)
        if self.curr_msg_data_type == "text":
            try:
                message = message.decode()
            except UnicodeDecodeError:
                super().send_receive_event_to_app()  # which closes the connection for it
                return
        wait = self._take(message)
        if wait is not None and self._wait is None:
            self._stop_reading()
            self._wait = self.loop.create_task(wait())
            self._wait.add_done_callback(self._on_waited)

    def _on_waited(self, _task: asyncio.Task[None]) -> None:
        self._wait = None
        self._read_on()

    def _stop_reading(self) -> None:
        if not self.read_paused:
            self.read_paused = True
            self.transport.pause_reading()

    def _read_again(self) -> None:
        is_free = self.queue.empty() and self._next is None and self._wait is None and self.writable.is_set()
        if self.read_paused and is_free and not self.disconnected:
            self.read_paused = False
            self.transport.resume_reading()

    @override
    async def receive(self) -> Any:
        message = await self.queue.get()
        self._read_again()
        return message

    @override
    def pause_writing(self) -> None:
        super().pause_writing()
        if not self.close_sent:  # the client's answer to that is still to be heard
            self._stop_reading()

    @override
    def resume_writing(self) -> None:
        super().resume_writing()
        self._read_again()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._unread = b""
        if self._next is not None:
            self._next.cancel()
        if self._wait is not None:
            self._wait.cancel()
        super().connection_lost(exc)


def _payload(data: bytes, at: int, limit: int) -> tuple[int, int] | None:
    """Where the payload of the frame at `at` begins and ends; None until all of it has come.

    One that is to be refused, unmasked or too large, begins at `at` and ends with what has come.

    >>> _payload(b"\\x81\\x82mask" b"hi", 0, limit=100), _payload(b"\\x81\\x82mask" b"h", 0, limit=100)
    ((6, 8), None)
    """
    there = len(data) - at
    if there < 2:
        return None
    start, size = at + 6, data[at + 1] & 0x7F
    if size == 126:
        start, size = at + 8, int.from_bytes(data[at + 2 : at + 4])
    elif size == 127:
        start, size = at + 14, int.from_bytes(data[at + 2 : at + 10])
    if start > len(data):
        return None
    if data[at + 1] < _MASKED or size > limit:
        return at, len(data)
    return (start, start + size) if start + size <= len(data) else None

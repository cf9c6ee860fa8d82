"""What is on its way to one client: bounded, and never waited for.

`RawOutbox` writes frames to the transport beneath uvicorn's WebSocket, whose buffer is the queue: no task, no second
copy, and a broadcast costs one write a client. Only this file knows uvicorn's inside, which is why uvicorn is pinned.
`QueuedOutbox` does the same over any ASGI server with a queue and a task. Which one is found out from `send`.

What always holds: `put` returns at once; a client that lets more than `LIMIT` bytes pile up is closed as too slow.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Protocol, cast

from myapp.kit.channels.close import Close

type Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

LIMIT = 1 << 20  # bytes
BEHIND = 1 << 16  # bytes; uvloop and asyncio say so of a transport at the same size
PATIENCE = 10.0  # seconds a client has to read what is left, and the close frame after it


class Outbox(Protocol):
    """Takes whole frames, in order."""

    def put(self, frame: bytes, *, is_shared: bool = False) -> None:
        """Send it. One that many get does not count as this client's, as its bytes are there only once."""
        ...

    def close(self, why: Close) -> None:
        """Send what waits and then the close frame; what is put after that is dropped."""
        ...

    def is_behind(self) -> bool:
        """Whether more waits than a client that keeps up lets wait."""
        ...

    def is_stuck(self) -> bool:
        """Whether something waits, and nothing of it was taken since this was asked last."""
        ...


def outbox(send: Send, on_slow: Callable[[], None]) -> Outbox:
    """The quickest way to a client that the server under us has. `on_slow` is called once when it was given up."""
    protocol = getattr(send, "__self__", None)
    if all(hasattr(protocol, name) for name in ("transport", "writable", "close_sent", "loop")):
        return RawOutbox(protocol, on_slow)
    return QueuedOutbox(send, on_slow)


class RawOutbox:
    """Over uvicorn's `WebSocketsSansIOProtocol`."""

    __slots__ = (
        "_is_closed", "_is_writable", "_on_slow", "_protocol", "_put", "_shared", "_taken", "_transport", "_write",
    )  # fmt: skip

    def __init__(self, protocol: Any, on_slow: Callable[[], None]) -> None:
        self._protocol = protocol
        self._transport = cast("asyncio.Transport", protocol.transport)
        self._write = self._transport.write
        self._is_writable = protocol.writable.is_set
        self._on_slow = on_slow
        self._is_closed = False
        self._put = self._taken = self._shared = 0  # bytes

    def put(self, frame: bytes, *, is_shared: bool = False) -> None:
        if self._is_closed:
            return
        size = len(frame)
        if self._is_writable():
            self._shared = 0
        elif not is_shared and self._is_full(size):
            self.close(Close.SLOW)
            self._on_slow()
            return
        if is_shared:
            self._shared += size
        self._put += size
        try:
            self._write(frame)
        except RuntimeError:  # uvloop's way to say that the client is gone, of which the connection is about to hear
            self._is_closed = True

    def _is_full(self, size: int) -> bool:
        return self._transport.is_closing() or self._transport.get_write_buffer_size() + size > LIMIT + self._shared

    def close(self, why: Close) -> None:
        if self._is_closed:
            return
        self._is_closed = True
        protocol = self._protocol
        if protocol.close_sent or self._transport.is_closing():
            # The other side was first, or answered no ping: one that reads nothing would keep the buffer for ever.
            self._transport.abort()
            return
        # What uvicorn's `send` does on "websocket.close", but without waiting; it reads on until the peer says so too.
        protocol.conn.send_close(why, why.reason)
        self._write(b"".join(protocol.conn.data_to_send()))
        protocol.close_sent = True
        protocol.queue.put_nowait({"type": "websocket.disconnect", "code": int(why), "reason": why.reason})
        if protocol.read_paused:
            protocol.read_paused = False
            self._transport.resume_reading()
        protocol.close_timer = protocol.loop.call_later(PATIENCE, self._transport.abort)

    def is_behind(self) -> bool:
        return not self._is_writable()

    def is_stuck(self) -> bool:
        before, self._taken = self._taken, self._put - self._transport.get_write_buffer_size()
        return not self._is_writable() and self._taken <= before


class QueuedOutbox:
    """Over whatever takes ASGI messages: the frame is opened again, as the server makes its own."""

    def __init__(self, send: Send, on_slow: Callable[[], None]) -> None:
        self._send = send
        self._on_slow = on_slow
        self._waiting: deque[tuple[MutableMapping[str, Any], int]] = deque()  # with the size of each frame
        self._size = self._shared = 0  # bytes
        self._sent = self._sent_before = 0  # messages
        self._is_closed = False
        self._task: asyncio.Task[None] | None = None

    def put(self, frame: bytes, *, is_shared: bool = False) -> None:
        if self._is_closed:
            return
        if not self.is_behind():
            self._shared = 0
        if is_shared:
            self._shared += len(frame)
        elif self._size + len(frame) > LIMIT + self._shared:
            self._waiting.clear()
            self.close(Close.SLOW)
            self._on_slow()
            return
        self._enqueue(_message(frame), len(frame))

    def close(self, why: Close) -> None:
        if not self._is_closed:
            self._is_closed = True
            self._enqueue({"type": "websocket.close", "code": int(why), "reason": why.reason}, 0)
            if self._task is not None:
                asyncio.get_running_loop().call_later(PATIENCE, self._task.cancel)

    def is_behind(self) -> bool:
        return self._size > BEHIND

    def is_stuck(self) -> bool:
        before, self._sent_before = self._sent_before, self._sent
        return self._task is not None and self._sent == before

    def _enqueue(self, message: MutableMapping[str, Any], size: int) -> None:
        self._waiting.append((message, size))
        self._size += size
        if self._task is None:
            self._task = asyncio.create_task(self._drain())

    async def _drain(self) -> None:
        try:
            while self._waiting:
                message, size = self._waiting.popleft()
                await self._send(message)
                self._size -= size
                self._sent += 1
        except Exception:  # noqa: BLE001 - whatever a server raises when its client has gone
            self._is_closed = True
            self._waiting.clear()
        finally:
            self._task = None


def _message(frame: bytes) -> MutableMapping[str, Any]:
    length = frame[1]
    payload = frame[{126: 4, 127: 10}.get(length, 2) :]
    if frame[0] == 0x81:
        return {"type": "websocket.send", "text": payload.decode()}
    return {"type": "websocket.send", "bytes": payload}

"""One topic that one client has joined: what a channel does with it, and how its work is done in order."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, cast

import orjson

from myapp.kit import pubsub, telemetry
from myapp.kit.channels import _wire
from myapp.kit.channels._wire import Encoded, Message, Payload
from myapp.kit.channels.broadcasts import broadcast
from myapp.kit.channels.channel import Channel, Refused, refusal
from myapp.kit.errors import AppError

if TYPE_CHECKING:
    from myapp.kit.channels.connection import Connection
    from myapp.kit.channels.hub import Hub

log = logging.getLogger(__name__)

type Work = Callable[..., Coroutine[Any, Any, None]]

BACKLOG = 64  # messages of one socket that may wait for a handler before its client is not read any more
WAITING = 1000  # events and broadcasts that may wait for a handler, or frames for a join to end
WAITING_SIZE = 4 << 20  # bytes of these: more than any page that a join is answered with


class _Standing(Enum):
    JOINING = "joining"
    OPEN = "open"
    BEHIND = "behind"  # too much waited: nothing more is taken, and the client is about to be told to join again
    LEFT = "left"


class Socket:
    """One topic that one client has joined, or is about to."""

    __slots__ = (
        "_backlog", "_connection", "_held", "_hub", "_is_busy", "_on_leave", "_room", "_size", "_standing", "_task",
        "assigns", "channel", "join_ref", "topic",
    )  # fmt: skip

    def __init__(self, connection: Connection, hub: Hub, channel: Channel, topic: str, join_ref: str | None) -> None:
        self._connection = connection
        self._hub = hub
        self._standing = _Standing.JOINING
        self._held: list[bytes] | None = []  # what is sent before the client knows that it is in
        self._backlog: deque[tuple[Work, tuple[Any, ...]]] | None = None
        self._size = 0  # bytes that are held, or wait in the backlog
        self._is_busy = False
        self._task: asyncio.Task[None] | None = None
        self._room: asyncio.Event | None = None
        self._on_leave: list[Callable[[], None]] | None = None
        self.channel = channel
        self.topic = topic
        self.join_ref = join_ref
        self.assigns = dict(connection.assigns)

    @property
    def key(self) -> str:
        """The connection's name, unlike any other in all processes."""
        return self._connection.key

    def push(self, event: str, payload: Payload | Encoded) -> None:
        """Tell this client; from within `join`, once it is in."""
        if self._standing is not _Standing.LEFT:
            self.send(_wire.push(self.join_ref, self.topic, event, payload))

    def broadcast(self, event: str, payload: Payload) -> None:
        """Tell everybody who has joined the topic, in every process; after the commit, inside `transaction()`."""
        broadcast(self.topic, event, payload)

    def broadcast_from(self, event: str, payload: Payload) -> None:
        """The same, but for this client."""
        broadcast(self.topic, event, payload, sender=self.key)

    def subscribe(self, topic: str) -> None:
        """Have `handle_info` called for what PubSub brings on `topic`, until the socket leaves."""
        self.on_leave(pubsub.subscribe(topic, lambda _topic, event: self.inform(event)).cancel)

    def on_leave(self, callback: Callable[[], None]) -> None:
        """Have `callback` called once, as soon as the socket leaves, however it leaves; at once when it has left."""
        if self._standing is _Standing.LEFT:
            callback()
        elif self._on_leave is None:
            self._on_leave = [callback]
        else:
            self._on_leave.append(callback)

    def forget_held(self) -> None:
        """From within `join`: let go of what was sent so far, as what the client is given now says it all."""
        if self._held is not None:
            self._size -= sum(map(len, self._held))
            self._held.clear()

    @property
    def is_in(self) -> bool:
        """Whether the client was told that it is in, and has not left."""
        return self._standing is _Standing.OPEN

    @property
    def is_behind(self) -> bool:
        """Whether the client has much of what it was sent still to read."""
        return self._connection.outbox.is_behind()

    @property
    def has_left(self) -> bool:
        """Whether nothing reaches the client any more."""
        return self._standing is _Standing.LEFT

    def close(self) -> None:
        """Show the client out (`phx_close`); it does not come back by itself."""
        self._connection.dismiss(self)

    # What follows is for the connection and the hub.

    def send(self, frame: bytes) -> None:
        """Put a frame into the client's outbox."""
        if self._held is None:
            self._connection.outbox.put(frame)
        elif self._may_wait(len(self._held), len(frame)):
            self._held.append(frame)
            self._size += len(frame)

    def send_shared(self, frame: bytes) -> None:
        """Put a frame that others get as well into the client's outbox, if it is in."""
        if self._standing is _Standing.OPEN:
            self._connection.outbox.put(frame, is_shared=True)

    def run(self, work: Work, *arguments: Any) -> None:
        """Do it once everything before is done: at once, when nothing is, without waiting for a turn of the loop."""
        if self._is_busy:
            if self._backlog is None:
                self._backlog = deque()
            self._backlog.append((work, arguments))
        else:
            self._is_busy = True
            task = asyncio.Task(self._work_off(work, arguments), loop=self._connection.loop, eager_start=True)
            if not task.done():
                self._task = task
                self._hub.work(task)

    def _may_wait(self, others: int, size: int) -> bool:
        """Whether one more may wait beside these. If not, the client joins again, which is answered with all it needs.

        It is told in a turn of the loop of its own, as this may be amid a broadcast.
        """
        if self._standing in {_Standing.BEHIND, _Standing.LEFT}:
            return False
        if not others or (others < WAITING and self._size + size <= WAITING_SIZE):
            return True
        log.warning("%s is too far behind on %s: its client joins again", type(self.channel).__name__, self.topic)
        self._standing = _Standing.BEHIND
        self._connection.loop.call_soon(self._connection.crashed, self)
        return False

    @property
    def is_full(self) -> bool:
        """Whether so much waits that the client is not to be read for now."""
        return self._backlog is not None and len(self._backlog) >= BACKLOG

    async def has_room(self) -> None:
        """Wait until less waits."""
        while self.is_full:
            self._room = self._room or asyncio.Event()
            self._room.clear()
            await self._room.wait()

    async def _work_off(self, work: Work, arguments: tuple[Any, ...]) -> None:
        while True:
            try:
                await work(*arguments)
            except (Exception, asyncio.CancelledError):  # of something it waited for, where it is not its own
                if self._task is not None and self._task.cancelling():
                    raise
                log.exception("%s failed on %s", type(self.channel).__name__, self.topic)
                self._connection.crashed(self)
            if self._room is not None:
                self._room.set()
            if not self._backlog:
                self._is_busy = False
                self._task = None
                return
            work, arguments = self._backlog.popleft()

    async def enter(self, message: Message) -> None:
        """Ask the channel whether the client may join, and tell it."""
        params: Mapping[str, Any] = cast("Any", message.payload) if isinstance(message.payload, dict) else {}
        self._connection.begin(message)
        self._hub.join(self)  # before the channel looks: what is broadcast meanwhile comes after the reply
        span = telemetry.span("channel.join", {"channel": type(self.channel).__name__, "outcome": "ok"})
        span.begin()
        try:
            response = await self.channel.join(self.topic, params, self)
        except (Refused, AppError) as error:
            span.metadata["outcome"] = "refused"
            self._turn_away(message, refusal(error))
        except Exception:
            span.metadata["outcome"] = "failed"
            log.exception("%s failed when %s was joined", type(self.channel).__name__, self.topic)
            self._turn_away(message, {"reason": "join crashed"})
        else:
            if self._standing is _Standing.JOINING:
                self._let_in(_wire.reply(message, "ok", {} if response is None else response))
        finally:
            span.end()

    def _let_in(self, reply: bytes) -> None:
        self._size -= sum(map(len, self._held or ()))
        held, self._held = self._held or [], None
        self._standing = _Standing.OPEN
        for frame in (reply, *held):
            self._connection.outbox.put(frame)

    def _turn_away(self, message: Message, why: dict[str, object]) -> None:
        self._connection.forget(self)
        self._end()
        self._connection.outbox.put(_wire.reply(message, "error", why))

    async def answer(self, message: Message) -> None:
        """Have the channel handle a message, and reply."""
        if self._standing is not _Standing.OPEN:
            return
        self._connection.begin(message)
        counts = self._hub.messages
        counts[self.channel] = counts.get(self.channel, 0) + 1
        try:
            self._spend(message.event)
            response = await self.channel.handle_in(message.event, message.payload, self)
        except (Refused, AppError) as error:
            self._reply(message, "error", refusal(error))
            return
        if response is not None and message.ref is not None:
            self._reply(message, "ok", response)

    def _reply(self, message: Message, status: _wire.Status, response: Payload) -> None:
        """Answer, unless the client has left or was shown out meanwhile."""
        if self._standing is _Standing.OPEN:
            self._connection.outbox.put(_wire.reply(message, status, response))

    def _spend(self, event: str) -> None:
        """Raises RateLimited for one message too many."""
        channel, person = self.channel, self._connection.person
        if (own := channel.rates.get(event)) is not None:
            person.spend(own, f"{self.topic} {event}")
        elif channel.rate is not None:
            person.spend(channel.rate, self.topic)

    def inform(self, event: object) -> None:
        """Have the channel's `handle_info` called."""
        if not self._is_busy or self._may_wait(len(self._backlog or ()), 0):
            self.run(self._if_open, self.channel.handle_info, event)

    def intercept(self, event: str, body: str | bytes) -> None:
        """Have the channel's `handle_out` called with what was broadcast: JSON, or bytes."""
        if not self._is_busy:
            self.run(self._if_open, self.channel.handle_out, event, _decoded(body))
        elif self._may_wait(len(self._backlog or ()), len(body)):
            self._size += len(body)
            self.run(self._handle_out, event, body)

    async def _handle_out(self, event: str, body: str | bytes) -> None:
        """One that has waited."""
        self._size -= len(body)
        await self._if_open(self.channel.handle_out, event, _decoded(body))

    async def _if_open(self, handle: Callable[..., Coroutine[Any, Any, None]], *arguments: Any) -> None:
        if self._standing is _Standing.OPEN:
            await handle(*arguments, self)

    def leave(self, reason: str) -> None:
        """From now on nothing reaches the client; `terminate` runs after what is under way."""
        self._end()
        if self._backlog:
            self._backlog.clear()
        if self._room is not None:
            self._room.set()
        self.run(self.channel.terminate, reason, self)

    def _end(self) -> None:
        self._standing = _Standing.LEFT
        self._hub.leave(self)
        if self._held:
            self._held.clear()
        callbacks, self._on_leave = self._on_leave or (), None
        for callback in callbacks:
            callback()


def _decoded(body: str | bytes) -> Any:
    return body if isinstance(body, bytes) else orjson.loads(body)

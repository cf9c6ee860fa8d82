"""Who listens in this process, and what passes between it and the others."""

from __future__ import annotations

import inspect
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

from myapp.kit.pubsub._events import Message, Resync, decode, encode, is_kept, kind_of
from myapp.kit.pubsub._order import Order, Position

type Callback = Callable[[str, object], None]
type Reaction = Callable[[Any], Awaitable[None]]
type Delivery = tuple[str, object, Subscription | None]

log = logging.getLogger(__name__)

EVERYTHING = "*"
"""The topic of a `Resync` for every subscriber of every other process."""
SAME = 60.0
"""Seconds in which a reason to resync is the same for all processes; they notice it at different times."""
HELLO = "+"
"""The topic of the first thing that a process sends."""


class Subscription:
    """One callback's interest in one topic. After `cancel()` the callback is never called again."""

    __slots__ = ("_hub", "callback", "topic")

    def __init__(self, hub: PubSub, topic: str, callback: Callback) -> None:
        self._hub: PubSub | None = hub
        self.topic = topic
        self.callback = callback

    def move_to(self, hub: PubSub) -> None:
        """Belong to another hub."""
        self._hub = hub

    @property
    def active(self) -> bool:
        return self._hub is not None

    def cancel(self) -> None:
        """May be called twice, and from within the callback."""
        if self._hub is not None:
            self._hub.forget(self)
            self._hub = None


class PubSub:
    """Who listens to what in this process; `send` takes the lines that go to the other processes."""

    def __init__(self, send: Callable[[str], None] | None = None) -> None:
        self.node = uuid4().hex
        self.send = send
        self.told: object = None
        """What was told outside of a transaction last."""
        self.has_ended = False
        """Nothing comes from other processes, or goes to them, any more."""
        self.order = Order()
        self._said_reasons: dict[str, float] = {}
        self._heard_reasons: dict[str, float] = {}
        self.reactions: dict[type, list[Reaction]] = {}
        self._subscriptions: dict[str, dict[Subscription, None]] = {}
        self._waiting: deque[Delivery] = deque()
        self._delivering = False

    def subscribe(self, topic: str, callback: Callback) -> Subscription:
        if inspect.iscoroutinefunction(callback):
            raise TypeError("a subscriber must not wait: let it fill a queue, or use mailbox()")
        subscription = Subscription(self, checked(topic), callback)
        self._subscriptions.setdefault(topic, {})[subscription] = None
        return subscription

    def forget(self, subscription: Subscription) -> None:
        others = self._subscriptions[subscription.topic]
        del others[subscription]
        if not others:
            del self._subscriptions[subscription.topic]

    def take_over(self, former: PubSub) -> None:
        """Everybody who listened to a hub that has ended listens to this one, and may have missed something."""
        for reactions in former.reactions.items():
            self.reactions.setdefault(reactions[0], []).extend(reactions[1])
        for topic, subscriptions in former.give_up().items():
            for each in subscriptions:
                each.move_to(self)
            self._subscriptions.setdefault(topic, {}).update(subscriptions)
        self.order.take_over(former.order)
        self.resync()

    def give_up(self) -> dict[str, dict[Subscription, None]]:
        """Its subscriptions, which it has no more."""
        given, self._subscriptions = self._subscriptions, {}
        return given

    def topics(self) -> set[str]:
        """What somebody in this process listens to."""
        return set(self._subscriptions)

    def is_subscribed(self, topic: str) -> bool:
        return topic in self._subscriptions

    def publish(self, topic: str, event: object, sender: Subscription | None = None) -> None:
        """To every subscriber but `sender` at once; to followers when it has its number."""
        self._deliver(topic, event, sender)
        if self.send is None:
            self.order.tell_alone(topic, event, is_kept=kind_of(event).is_kept)
        else:
            count = self.order.depart(topic, event)
            self.send(Message(f"{self.node}.{count:x}", topic, *encode(event)).line())

    def publish_here(self, topic: str, event: object) -> None:
        """To those of this process only."""
        self._deliver(topic, event, None)
        self.order.hand_out(topic, event, None)

    def start(self, position: Position) -> None:
        """Every line after this position will be received."""
        if self.order.start(position):
            self.resync()

    def receive(self, position: Position, line: str) -> None:
        """Deliver what another process published; what this one published comes back, for its followers."""
        is_missing = self.order.arrive(position)
        if is_missing:
            self.resync()
        message = Message.parse(line)
        if message is None:
            log.warning("a message of unknown form was skipped")
            return
        node, _, count = message.sender.partition(".")
        if node == self.node:
            self.order.came_back(int(count, 16))
        if message.topic == HELLO:
            self.order.begin(position.seq, is_own=node == self.node)
        elif message.topic == EVERYTHING:
            self._was_told_to_resync(message, is_own=node == self.node)
        else:
            self._receive(message, line, position.seq, is_own=node == self.node, is_new=is_missing is not None)

    def _receive(self, message: Message, line: str, seq: int, *, is_own: bool, is_new: bool) -> None:
        _, topic, name, body = message
        if is_new and is_kept(name):
            self.order.keep(topic, line)
        is_followed = is_new and self.order.is_followed(topic)
        is_subscribed = not is_own and topic in self._subscriptions
        event = decode(name, body) if is_followed or is_subscribed else None
        if event is None:
            return
        if is_subscribed:
            self._deliver(topic, event, None)
        if is_followed:
            self.order.hand_out(topic, event, seq)

    def _was_told_to_resync(self, message: Message, *, is_own: bool) -> None:
        asked = decode(message.name, message.body)
        reason = asked.reason if isinstance(asked, Resync) else ""
        if reason and not self._is_new(reason, self._heard_reasons):
            return
        if is_own and not reason:  # its subscribers have heard everything, but followers only what was sent
            self.order.resync()
        else:
            self.resync()

    def resync_all(self, reason: str) -> None:
        """Have all processes resync, once for this reason, though several of them may say so."""
        if not self._is_new(reason, self._said_reasons):
            return
        if self.send is not None:
            self.send(self.resync_line(reason))
        else:
            self.order.advance()
            self.resync()

    def _is_new(self, reason: str, known: dict[str, float]) -> bool:
        """Whether it was not given before within `SAME` seconds; from now on it was."""
        now = time.monotonic()
        for old in [each for each, at in known.items() if now - at > SAME]:
            del known[old]
        is_new = reason not in known
        known.setdefault(reason, now)
        return is_new

    def resync(self, topic: str | None = None) -> None:
        """Tell those who listen to one topic, or to any, that they may have missed something."""
        for name in [topic] if topic is not None else list(self._subscriptions):
            self._deliver(name, Resync(), None)
        self.order.resync(topic)

    def hello_line(self) -> str:
        """What gives this process its first number."""
        return Message(f"{self.node}.{self.order.departed:x}", HELLO, *encode(Resync())).line()

    def resync_line(self, reason: str = "") -> str:
        """What makes all processes resync. Without a reason it is this one's that could not send something."""
        return Message(f"{self.node}.{self.order.departed:x}", EVERYTHING, *encode(Resync(reason))).line()

    def _deliver(self, topic: str, event: object, sender: Subscription | None) -> None:
        """A subscriber that broadcasts in turn only adds to the line: all of them see all events in the same order."""
        self._waiting.append((topic, event, sender))
        if self._delivering:
            return
        self._delivering = True
        try:
            while self._waiting:
                self._hand_out(*self._waiting.popleft())
        finally:
            self._delivering = False

    def _hand_out(self, topic: str, event: object, sender: Subscription | None) -> None:
        for subscription in tuple(self._subscriptions.get(topic, ())):
            if subscription is sender or not subscription.active:
                continue
            try:
                subscription.callback(topic, event)
            except Exception:
                log.exception("a subscriber of %s failed", topic)


def checked(topic: str) -> str:
    """The topic. Raises ValueError for what can't be one."""
    if topic in (EVERYTHING, HELLO) or len(topic.split()) != 1 or topic != topic.strip():
        raise ValueError(f"not a topic: {topic!r}")
    return topic

"""The subscribers of this process, and the three verbs that rooms use."""

from __future__ import annotations

import inspect
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from uuid import uuid4

from myapp.kit import repo, telemetry
from myapp.kit.pubsub._events import Message, Resync, decode, encode, kind_of

type Callback = Callable[[str, object], None]
type Reaction = Callable[[Any], Awaitable[None]]
type Delivery = tuple[str, object, Subscription | None]

log = logging.getLogger(__name__)

EVERYTHING = "*"
"""The topic of a `Resync` for every subscriber of every other process."""


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
        self.reactions: dict[type, list[Reaction]] = {}
        self._subscriptions: dict[str, dict[Subscription, None]] = {}
        self._waiting: deque[Delivery] = deque()
        self._delivering = False

    def subscribe(self, topic: str, callback: Callback) -> Subscription:
        if inspect.iscoroutinefunction(callback):
            raise TypeError("a subscriber must not wait: let it fill a queue, or use mailbox()")
        subscription = Subscription(self, _checked(topic), callback)
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
        """To every subscriber but `sender`, at once."""
        self._deliver(topic, event, sender)
        if self.send is not None:
            self.send(Message(self.node, topic, *encode(event)).line())

    def publish_here(self, topic: str, event: object) -> None:
        """To the subscribers of this process only."""
        self._deliver(topic, event, None)

    def receive(self, line: str) -> None:
        """Deliver what another process published; what this one published comes back, and is dropped."""
        message = Message.parse(line)
        if message is None:
            log.warning("a message of unknown form was skipped")
            return
        if message.node == self.node:
            return
        if message.topic == EVERYTHING:
            self.resync()
        elif message.topic in self._subscriptions:
            event = decode(message.name, message.body)
            if event is not None:
                self._deliver(message.topic, event, None)

    def resync(self, topic: str | None = None) -> None:
        """Tell the subscribers of one topic, or of all, that they may have missed something."""
        for name in [topic] if topic is not None else list(self._subscriptions):
            self._deliver(name, Resync(), None)

    def resync_line(self) -> str:
        """What makes every other process resync."""
        return Message(self.node, EVERYTHING, *encode(Resync())).line()

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


_hub: PubSub | None = None


def use(hub: PubSub | None) -> None:
    """Name the hub of this process: the supervision tree does at start, a test for itself."""
    global _hub  # noqa: PLW0603 - the one place a process keeps its subscribers
    _hub = hub


def hub_left_behind() -> PubSub | None:
    """The hub that is in use although it has ended, if there is one."""
    return _hub if _hub is not None and _hub.has_ended else None


def _current() -> PubSub:
    if _hub is None:
        raise RuntimeError("PubSub is not started: application.py starts it before anything uses it")
    return _hub


def _checked(topic: str) -> str:
    if topic == EVERYTHING or len(topic.split()) != 1 or topic != topic.strip():
        raise ValueError(f"not a topic: {topic!r}")
    return topic


def subscribe(topic: str, callback: Callback) -> Subscription:
    """Call `callback(topic, event)` for every event on `topic`, until the subscription is cancelled.

    It is called on the event loop and must return at once; when it raises, that is logged. It gets `Resync` when
    events may have been missed.
    """
    return _current().subscribe(topic, callback)


def broadcast(topic: str, event: object) -> None:
    """Tell all subscribers of `topic`: at once, or inside `transaction()` once the outermost one has committed.

    Telemetry is told as well, once for all topics, under the same name. Raises TypeError for an event without a name.
    """
    broadcast_from(None, topic, event)


def broadcast_from(sender: Subscription | None, topic: str, event: object) -> None:
    """The same, except that `sender` is not told what it said itself."""
    hub, kind = _current(), kind_of(event)
    _checked(topic)
    if repo.in_transaction():
        if repo.is_first(event):
            repo.after_commit(partial(telemetry.execute, kind.name, {}, {"event": event}))
        for reaction in hub.reactions.get(type(event), ()):
            repo.before_commit(partial(reaction, event))
        repo.after_commit(lambda: hub.publish(topic, event, sender))
    else:
        if event is not hub.told:
            hub.told = event
            telemetry.execute(kind.name, {}, {"event": event})
        hub.publish(topic, event, sender)


def local_broadcast(topic: str, event: object) -> None:
    """Tell the subscribers of this process alone, at once."""
    hub, _ = _current(), kind_of(event)
    hub.publish_here(_checked(topic), event)


def react(kind: type, reaction: Reaction) -> None:
    """Await `reaction(event)` for every event of this class that is told within a transaction of this process, at the
    end of that transaction and as part of it.

    For rows that must be there when the deed is, such as notifications: an error of the reaction undoes the deed. What
    may be missed subscribes instead. To say it a second time changes nothing.
    """
    reactions = _current().reactions.setdefault(kind, [])
    if reaction not in reactions:
        reactions.append(reaction)


def is_subscribed(topic: str) -> bool:
    """Whether somebody in this process listens to `topic`."""
    return _current().is_subscribed(topic)


def resync() -> None:
    """Tell every subscriber of this process that something may have been missed, for reasons PubSub can't know."""
    _current().resync()

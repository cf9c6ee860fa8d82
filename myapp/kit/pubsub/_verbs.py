"""The hub of this process, and the verbs that rooms use."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from myapp.kit import repo, telemetry
from myapp.kit.pubsub._events import kind_of
from myapp.kit.pubsub._hub import Callback, PubSub, Reaction, Subscription, checked
from myapp.kit.pubsub._order import Following, Heard

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


def subscribe(topic: str, callback: Callback) -> Subscription:
    """Call `callback(topic, event)` for every event on `topic`, until the subscription is cancelled.

    It is called on the event loop and must return at once; when it raises, that is logged. It gets `Resync` when
    events may have been missed.
    """
    return _current().subscribe(topic, callback)


def follow(topics: Collection[str], callback: Heard) -> Following:
    """Call `callback(seq, event)` for every event on these topics, in the order that is the same for all processes.

    For who has to know how far it has got, and to tell somebody who was elsewhere what they missed. An event of this
    process comes when it has its number, some tenths of a millisecond after `subscribe` has told it; where the number
    fails to come, it is told without one (None), and `following.is_whole` is false. `Resync` has none.
    """
    return _current().order.follow([checked(topic) for topic in topics], callback)


def broadcast(topic: str, event: object) -> None:
    """Tell all subscribers of `topic`: at once, or inside `transaction()` once the outermost one has committed.

    Telemetry is told as well, once for all topics, under the same name. Raises TypeError for an event without a name.
    """
    broadcast_from(None, topic, event)


def broadcast_from(sender: Subscription | None, topic: str, event: object) -> None:
    """The same, except that `sender` is not told what it said itself."""
    hub, kind = _current(), kind_of(event)
    checked(topic)
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
    hub.publish_here(checked(topic), event)


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


def resync(reason: str) -> None:
    """Tell every subscriber of every process that something may have been missed, for a reason PubSub can't know.

    The processes that see the same reason within a minute are taken to mean the same thing.
    """
    _current().resync_all(reason)

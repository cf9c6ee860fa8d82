"""The one order in which all processes hear what happened, for whoever has to know where they are in it.

Whatever goes out to the other processes comes back to its sender, too, with a number from the place that all of them
share (`Transport`). A `Following` hears events then, and not when they are published, so it hears the same events with
the same numbers in the same order in every process.

What always holds: who has heard everything up to `position` has heard of every event with that number or a smaller one,
or was told `Resync` since. An epoch ends with the place that numbers: a position of another epoch says nothing.

What a process published and does not get back within `LATE` seconds, or could not send, is handed to its own followers
without a number. Until all is well again (`is_whole`) it vouches for no position of somebody who comes from elsewhere.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from myapp.kit.pubsub._events import Message, Resync, decode
from myapp.kit.pubsub._history import History

log = logging.getLogger(__name__)

LATE = 0.5  # seconds; what is back sooner is told once, with its number

type Heard = Callable[[int | None, object], None]
"""Takes the event's number, or None for one that has none, and the event."""


class Position(NamedTuple):
    """How far somebody has followed what happens."""

    epoch: str
    seq: int


def new_epoch() -> str:
    """A name that no other epoch has."""
    return secrets.token_urlsafe(6)


class Following:
    """One callback's interest in some topics, in the order of all processes. See `pubsub.follow`."""

    __slots__ = ("_order", "callback", "is_active", "topics")

    def __init__(self, order: Order, topics: Collection[str], callback: Heard) -> None:
        self._order = order
        self.topics = tuple(topics)
        self.callback = callback
        self.is_active = True

    @property
    def position(self) -> Position:
        """Up to where everything that happened on the topics has been heard."""
        return self._order.position

    @property
    def is_whole(self) -> bool:
        """Whether what was heard without a number is still to come with one, or there was nothing such."""
        return self._order.is_whole

    def missed(self, seq: int) -> list[tuple[int, object]] | None:
        """What happened on the topics after this number of the present epoch; None when that is not known any more."""
        return self._order.missed(self.topics, seq)

    def move_to(self, order: Order) -> None:
        """Belong to another one."""
        self._order = order

    def cancel(self) -> None:
        """Hear nothing more."""
        if self.is_active:
            self.is_active = False
            self._order.forget(self)


class Order:
    """Who follows what in this process, and how far it has got."""

    def __init__(self) -> None:
        self.position = Position(new_epoch(), 0)
        self.is_whole = True
        self.has_begun = asyncio.Event()
        self._history = History()
        self._followers: dict[str, dict[Following, None]] = {}
        self._departed = 0
        self._away: dict[int, tuple[str, object]] = {}  # what followers wait for, by the number it left with
        self._late: asyncio.TimerHandle | None = None

    def follow(self, topics: Collection[str], callback: Heard) -> Following:
        following = Following(self, topics, callback)
        for topic in following.topics:
            self._followers.setdefault(topic, {})[following] = None
        return following

    def forget(self, following: Following) -> None:
        for topic in following.topics:
            others = self._followers[topic]
            del others[following]
            if not others:
                del self._followers[topic]

    def is_followed(self, topic: str) -> bool:
        return topic in self._followers

    def missed(self, topics: Sequence[str], seq: int) -> list[tuple[int, object]] | None:
        found = self._history.since(topics, seq)
        if found is None:
            return None
        events = ((number, _decoded(event)) for number, event in found)
        return [(number, event) for number, event in events if event is not None]

    def tell_alone(self, topic: str, event: object, *, is_kept: bool) -> None:
        """There is no other process: it happens here and now."""
        self.advance()
        if is_kept:
            self._history.add(topic, self.position.seq, event)
        self.hand_out(topic, event, self.position.seq)

    def advance(self) -> None:
        """Something happens that is no event."""
        self.position = Position(self.position.epoch, self.position.seq + 1)

    def depart(self, topic: str, event: object) -> int:
        """It is sent now, and told when it is back. The number that it is to leave with."""
        self._departed += 1
        if topic in self._followers:
            if self.is_whole:
                self._away[self._departed] = (topic, event)
                if self._late is None:
                    self._late = asyncio.get_running_loop().call_later(LATE, self._look_for, self._departed)
            else:
                self.hand_out(topic, event, None)
        return self._departed

    @property
    def departed(self) -> int:
        """The number that the last one left with."""
        return self._departed

    def came_back(self, number: int) -> None:
        """What left with this number is here again, and so is all that left before, unless it was lost."""
        while self._away and (oldest := next(iter(self._away))) <= number:
            del self._away[oldest]
        if number >= self._departed:
            self.is_whole = True

    def cut(self) -> None:
        """What was sent may not come back: followers hear it now, and what is published from now on at once."""
        self.is_whole = False
        away, self._away = self._away, {}
        for topic, event in away.values():
            self.hand_out(topic, event, None)

    def start(self, position: Position) -> bool:
        """From here on every number will be heard. Whether something may have been missed until now."""
        is_new = position != self.position
        if is_new:
            self.position = position
            self._away.clear()
            self.is_whole = True
        return is_new

    def begin(self, seq: int, *, is_own: bool) -> None:
        """A process says hello. Of what came before its own hello it knows nothing, not even that it was told.

        Somebody may have committed, been killed, and told nobody. Where others live they notice (`kit/presence`); a
        process that was started again alone would vouch for its own predecessor.
        """
        if is_own:
            self._history.start(seq)
            self.has_begun.set()

    def leave(self) -> None:
        """There are no other processes any more."""
        self.cut()
        self.position, self.is_whole = Position(new_epoch(), 0), True
        self._history.start(0)
        self.resync()

    def take_over(self, former: Order) -> None:
        """Everybody who followed something in an order that has ended follows it in this one."""
        given, former._followers = former._followers, {}
        for topic, followers in given.items():
            for following in followers:
                following.move_to(self)
            self._followers.setdefault(topic, {}).update(followers)

    def arrive(self, position: Position) -> bool | None:
        """The next number. Whether something is missing before it; None when it comes too late to say anything new."""
        last, self.position = self.position, position
        if position.epoch == last.epoch and position.seq <= last.seq:
            self.position = last
            return None
        return position.epoch != last.epoch or position.seq != last.seq + 1

    def keep(self, topic: str, line: str) -> None:
        """It has just arrived, and may be asked for later."""
        self._history.add(topic, self.position.seq, line)

    def resync(self, topic: str | None = None) -> None:
        """Tell the followers of one topic, or all, that they may have missed something; nobody can say what."""
        self._history.start(self.position.seq)
        followers = self._followers if topic is None else {topic: self._followers.get(topic, {})}
        for following in dict.fromkeys(each for some in followers.values() for each in some):
            self._tell(following, Resync(), None)

    def hand_out(self, topic: str, event: object, seq: int | None) -> None:
        for following in tuple(self._followers.get(topic, ())):
            self._tell(following, event, seq)

    def _tell(self, following: Following, event: object, seq: int | None) -> None:
        if not following.is_active:
            return
        try:
            following.callback(seq, event)
        except Exception:
            log.exception("a follower of %s failed", following.topics)

    def _look_for(self, number: int) -> None:
        """What left with this number should be back. If it is, the next look is for the oldest that is away."""
        self._late = None
        if number in self._away:
            log.warning("PubSub does not get back what it sent; this process tells its own events alone")
            self.cut()
        elif self._away:
            self._late = asyncio.get_running_loop().call_later(LATE, self._look_for, next(iter(self._away)))


def _decoded(event: object) -> object | None:
    if not isinstance(event, str):
        return event
    message = Message.parse(event)
    return None if message is None else decode(message.name, message.body)

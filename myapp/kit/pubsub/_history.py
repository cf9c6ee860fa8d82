"""The last events of each topic, by their numbers: what a process can tell somebody who was elsewhere meanwhile.

What always holds: `since` gives every event of the topics after a number, or None when one may be missing.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field

TOPICS = 10_000
EVENTS = 10_000  # of all topics
OF_ONE = 100  # events of one topic
LENGTH = 2000  # characters of an event; a longer one is not kept


@dataclass(slots=True)
class _Topic:
    floor: int  # what came at this number or before it is not known
    events: deque[tuple[int, object]] = field(default_factory=deque[tuple[int, object]])
    last: int = 0


class History:
    """Kept within bounds, so that it costs the same however long a process runs."""

    def __init__(self, start: int = 0) -> None:
        self._topics: OrderedDict[str, _Topic] = OrderedDict()
        self.start(start)

    def start(self, floor: int) -> None:
        """Forget everything: what came at this number or before it is not known, of any topic."""
        self._topics.clear()
        self._floor = floor
        self._count = 0

    def add(self, topic: str, seq: int, event: object) -> None:
        """An event, or the line that says it, with a number that is greater than those before it."""
        known = self._topics.get(topic)
        if known is None:
            known = self._topics[topic] = _Topic(self._floor)
        else:
            self._topics.move_to_end(topic)
        known.last = seq
        if isinstance(event, str) and len(event) > LENGTH:
            self._count -= len(known.events)
            known.events.clear()
            known.floor = seq
        else:
            known.events.append((seq, event))
            self._count += 1
            if len(known.events) > OF_ONE:
                known.floor, _ = known.events.popleft()
                self._count -= 1
        while self._count > EVENTS or len(self._topics) > TOPICS:
            _, quietest = self._topics.popitem(last=False)
            self._floor = quietest.last
            self._count -= len(quietest.events)

    def since(self, topics: Iterable[str], seq: int) -> list[tuple[int, object]] | None:
        """The events of these topics after a number, in their order; None when one of them may be missing."""
        found: list[tuple[int, object]] = []
        for topic in topics:
            known = self._topics.get(topic)
            if seq < (self._floor if known is None else known.floor):
                return None
            if known is not None:
                found += [each for each in known.events if each[0] > seq]
        return sorted(found, key=_number)


def _number(entry: tuple[int, object]) -> int:
    return entry[0]

"""A client's copy of a topic: what it does with the answers and messages of a stream's channel.

Browsers have the same rules in `stream_window.js`; this one is for clients in Python, and for the tests, which hold
both to it. It knows no connection: it is told what came, in the order in which it came.

A page is read while operations go on arriving, and may be older than some of them when it comes. It carries the number
that the topic had before it was read, and what came after that number is applied once more on top of it.

After a reset a reader who had gone far down the list would find its first page. Who says where they are (`reads_after`)
keeps the rows they had, old as those are, until the page behind that key has come in their place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from myapp.kit.pubsub import Position
from myapp.kit.streams.operations import Key, Operation, Reset, from_wire, key_of
from myapp.kit.streams.window import End, Window


class Replica:
    """A window that follows a topic. `is_lost` asks for another join: something was missed."""

    def __init__(self, *, descending: bool = True, limit: int = 0) -> None:
        self.window = Window(descending=descending)
        self.position: Position | None = None
        self.is_lost = False
        self.reads_after: Key | None = None  # the key before the first row that its reader sees, who is not at the head
        self.returns = 0  # how often they were sent back to where they were; an older page than the last is none
        self._returns_to: Key | None = None  # where they were before a reset, until the page after it is there
        self._has_asked_to_return = False
        self._limit = limit
        self._recent: list[tuple[int, list[Operation], bool]] = []
        self._asked: dict[End, Key] = {}

    def params(self) -> dict[str, object]:
        """What to join with."""
        return {} if self.position is None else {"epoch": self.position.epoch, "seq": self.position.seq}

    def joined(self, reply: Mapping[str, Any]) -> None:
        """The answer to a join: the first page, or what was missed."""
        self._asked.clear()
        self._recent.clear()
        self._has_asked_to_return = self.is_lost = False
        self.returns += 1
        self.position = Position(reply["epoch"], reply["seq"])
        self._happened([from_wire(each) for each in reply["ops"]])

    def heard(self, diff: Mapping[str, Any]) -> None:
        """A `diff`: what is known already is skipped, what follows is applied; a gap makes it lost, unless it resets.

        One that leads nowhere has no number: it is applied by all who are not further, and says nothing of what was
        missed.
        """
        if self.position is None or self.is_lost:
            return
        epoch, since, seq = diff["epoch"], diff["from"], diff["seq"]
        here = self.position.seq if epoch == self.position.epoch else None
        is_numbered = seq > since
        if here is not None and (seq < here or (is_numbered and seq == here)):
            return
        operations = [from_wire(each) for each in diff["ops"]]
        has_reset = any(isinstance(each, Reset) for each in operations)
        if (here is None or since > here) and not has_reset:
            self.is_lost, self.position = True, None
            return
        if here is None:
            self._recent.clear()
        self.position = Position(epoch, seq)
        self._happened(operations)
        if self._asked or (self._returns_to and not has_reset):  # the page to return to is asked for after the reset
            self._recent.append((seq, operations, is_numbered))

    def ask(self, towards: End) -> Key | None:
        """The key to ask the next page with; None when there is none, or it has been asked for."""
        key = self.window.end if towards == "tail" else self.window.start
        if key is None or towards in self._asked or self.position is None or self._returns_to:
            return None
        self._asked[towards] = key
        return key

    def answered(self, towards: End, page: Mapping[str, Any]) -> None:
        """The page that was asked for. It is dropped when the window no longer ends where it did."""
        asked = self._asked.pop(towards, None)
        bound = self.window.end if towards == "tail" else self.window.start
        if asked is not None and asked == bound and self.position and page["epoch"] == self.position.epoch:
            self.window = self.window.extend(page["rows"], towards=towards, has_more=page["more"])
            self._apply_again(page["seq"], keep=towards)
            self._limit_to(towards)
        if not self._asked:
            self._recent.clear()

    def ask_to_return(self) -> Key | None:
        """After a reset: the key to ask the page with that its reader was at; None when they are at the head."""
        if self._has_asked_to_return or self.position is None:
            return None
        self._has_asked_to_return = self._returns_to is not None
        return self._returns_to

    def returned(self, page: Mapping[str, Any] | None, returns: int) -> None:
        """The page that its reader was at; None when it did not come. Without one the list is lost.

        `returns` is what it was when the page was asked for: one that a later reset has overtaken says nothing.
        """
        if self._returns_to is None or returns != self.returns:
            return
        self._returns_to = self.reads_after = None
        if page is None or self.position is None or page["epoch"] != self.position.epoch or not page["rows"]:
            self.is_lost, self.position = True, None
            return
        rows = page["rows"]
        self.window = Window((), key_of(rows[0]), key_of(rows[-1]), self.window.descending)
        self.window = self.window.extend(rows, towards="tail", has_more=page["more"])
        self._apply_again(page["seq"], keep="tail")
        self._limit_to("tail")
        self._recent.clear()

    def _happened(self, operations: Sequence[Operation]) -> None:
        if (self.reads_after or self._returns_to) and any(isinstance(each, Reset) for each in operations):
            self._returns_to, self._has_asked_to_return = self.reads_after, False
            self.returns += 1
            self._asked.clear()
            self._recent.clear()
        if not self._returns_to:
            self._apply(operations)

    def _apply_again(self, at: int, keep: End) -> None:
        """What a page that was read at this position, or later, may not know."""
        for seq, operations, is_numbered in self._recent:
            if seq > at or (seq == at and not is_numbered):
                self._apply(operations, keep)

    def _apply(self, operations: Sequence[Operation], keep: End = "head") -> None:
        for operation in operations:
            self.window = self.window.apply(operation)
        self._limit_to(keep)

    def _limit_to(self, keep: End) -> None:
        if self._limit:
            self.window = self.window.limited(self._limit, keep)

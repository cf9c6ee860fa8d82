"""The last operations of one topic, numbered, so that who was away for a moment gets only what was missed.

    >>> from myapp.kit.streams.operations import Delete
    >>> log = Log(epoch="e1")
    >>> diff = log.append([Delete("a")])
    >>> diff.seq, log.since("e1", 0) == [diff], log.since("e1", 1), log.since("an earlier one", 0)
    (1, True, [], None)

What always holds: numbers go up by one, from 0, within an epoch; an epoch is never used again, so a number of another
one means nothing here, and whoever comes with it starts anew.
"""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from myapp.kit.streams.operations import Operation, Reset, to_wire

KEPT = 100  # diffs


@dataclass(frozen=True, slots=True)
class Position:
    """How far somebody has followed a topic."""

    epoch: str
    seq: int


@dataclass(frozen=True, slots=True)
class Diff:
    """Operations that happened together, and their number."""

    epoch: str
    seq: int
    operations: tuple[Operation, ...]

    def payload(self) -> dict[str, object]:
        """As it goes over the wire."""
        return {"epoch": self.epoch, "seq": self.seq, "ops": [to_wire(each) for each in self.operations]}


def _new_epoch() -> str:
    return secrets.token_urlsafe(6)


@dataclass(slots=True)
class Log:
    """Gives numbers, and keeps the last `kept` diffs."""

    epoch: str = field(default_factory=_new_epoch)
    kept: int = KEPT
    seq: int = 0
    _diffs: deque[Diff] = field(default_factory=deque[Diff])

    @property
    def position(self) -> Position:
        """Where it stands now."""
        return Position(self.epoch, self.seq)

    def append(self, operations: Sequence[Operation]) -> Diff:
        """Number these operations."""
        self.seq += 1
        diff = Diff(self.epoch, self.seq, tuple(operations))
        if any(isinstance(each, Reset) for each in operations):
            self._diffs.clear()  # it says all that the ones before said
        self._diffs.append(diff)
        if len(self._diffs) > self.kept:
            self._diffs.popleft()
        return diff

    def since(self, epoch: str, seq: int) -> list[Diff] | None:
        """What came after this position; None when that is not known, or is no position of this log."""
        oldest = self.seq - len(self._diffs)
        if epoch != self.epoch or not oldest <= seq <= self.seq:
            return None
        return [diff for diff in self._diffs if diff.seq > seq]

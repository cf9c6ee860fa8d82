"""What happened last to the rows of one topic, so that who was away or elsewhere gets only what was missed.

    >>> from myapp.kit.streams.operations import Delete
    >>> log = Log(Position("e1", 4))
    >>> log.append(Position("e1", 7), [(6, Delete("a"))])
    [Diff(epoch='e1', since=4, seq=7, operations=(Delete(id='a'),))]
    >>> log.since(Position("e1", 5)), log.since(Position("e1", 6)), log.since(Position("e1", 3))
    ([Delete(id='a')], [], None)

Numbers are those that the events have in all processes (`pubsub.follow`), so they have gaps: most events are of other
topics. An operation has the number of the last event that was the reason for it, a diff says from where to where it
leads. What always holds: `since` leads to what the topic was at the last diff, from wherever it does not give None.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from myapp.kit.pubsub import Position
from myapp.kit.streams.operations import Change, Delete, Insert, Operation, Reset, to_wire

KEPT = 100  # rows

type Told = Insert | Delete | Reset | Change
type Numbered = tuple[int, Told]
"""An operation and its number, or 0 when it has none."""


@dataclass(frozen=True, slots=True)
class Diff:
    """Operations that were told together. They lead from the number `since` to `seq`; from any in between as well.

    Where the two are equal they came without a number, and are for everybody who is not further; so is a reset.
    """

    epoch: str
    since: int
    seq: int
    operations: tuple[Operation, ...]

    def payload(self) -> dict[str, object]:
        """As it goes over the wire."""
        operations = [to_wire(each) for each in self.operations]
        return {"epoch": self.epoch, "from": self.since, "seq": self.seq, "ops": operations}


class Log:
    """Keeps the last operation of each row and person, for at most `kept` of them."""

    def __init__(self, position: Position, *, kept: int = KEPT) -> None:
        self.kept = kept
        self.position = position
        self.floor = position.seq  # what came at this number or before it is not known
        self._rows: dict[tuple[str, str], Numbered] = {}

    def append(self, position: Position, operations: Sequence[Numbered]) -> list[Diff]:
        """What leads from the last diff to this position, and what was told there without a number."""
        is_anew = position.epoch != self.position.epoch or any(isinstance(each, Reset) for _, each in operations)
        if is_anew:
            self._rows.clear()
            self.floor = position.seq
        else:
            for seq, operation in sorted(operations, key=_number):
                self._note(seq, operation)
        epoch, seq = position
        since, self.position = self.position.seq, position
        self._trim()
        if is_anew:
            return [Diff(epoch, seq, seq, tuple(each for _, each in operations))]
        numbered = tuple(each for number, each in operations if number)
        others = tuple(each for number, each in operations if not number)
        steps = [Diff(epoch, since, seq, numbered)] if seq > since else []
        # What is looked at again may have a number that was told before.
        others = others if steps else (*numbered, *others)
        return [*steps, Diff(epoch, seq, seq, others)] if others else steps

    def recall(self, seq: int, operations: Sequence[Numbered]) -> None:
        """What happened between this number and the floor to rows of which nothing is known here."""
        older = {_what(each): (number, each) for number, each in sorted(operations, key=_number)}
        self._rows = {what: each for what, each in older.items() if what not in self._rows} | self._rows
        self.floor = seq
        self._trim()

    def since(self, position: Position) -> list[Operation] | None:
        """What came after a position; None when that is not known. Nothing, for who is ahead of this process."""
        if position.epoch != self.position.epoch or position.seq < self.floor:
            return None
        return [operation for seq, operation in self._rows.values() if seq > position.seq]

    def _note(self, seq: int, operation: Told) -> None:
        what = _what(operation)
        if seq:
            self._rows.pop(what, None)
            self._rows[what] = (seq, operation)
        elif what in self._rows:
            self._rows[what] = (self._rows[what][0], operation)

    def _trim(self) -> None:
        while len(self._rows) > self.kept:
            self.floor, _ = self._rows.pop(next(iter(self._rows)))


def _what(operation: Told) -> tuple[str, str]:
    """The row, or the value that some rows have in a field."""
    match operation:
        case Insert(row):
            return "id", row["id"]
        case Delete(row_id):
            return "id", row_id
        case Change(field, value):
            return f"rows by {field}", value
        case Reset():
            raise ValueError("a reset is of no row")


def _number(entry: Numbered) -> int:
    return entry[0]

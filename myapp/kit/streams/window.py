"""The part of a list that somebody shows, and what operations do to it.

A window is an interval of the list's order and the rows within. A row belongs into it when its key lies between `start`
and `end`, both included; None means: from the head, to the tail. So it is known of every row that comes along whether
it is to be shown, and a bound stays right when the row it was taken from is deleted.

    >>> window = Window(end=(3, "c")).apply(Insert({"id": "a", "sort": [5], "version": 1}))
    >>> window = window.apply(Insert({"id": "z", "sort": [1], "version": 1}))       # beyond what is shown
    >>> [row["id"] for row in window.rows]
    ['a']

What always holds, if every change of the list arrives: the rows are those of the list within the interval, each once,
in order. `stream_window.js` does the same in browsers, and is compared with this.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from myapp.kit.streams.operations import Change, Delete, Insert, Key, Operation, Place, Reset, Row, Update, key_of

type End = Literal["head", "tail"]


@dataclass(frozen=True, slots=True)
class Window:
    """Rows in their order; `descending` lists have the greatest key at their head."""

    rows: tuple[Row, ...] = ()
    start: Key | None = None
    end: Key | None = None
    descending: bool = True

    def apply(self, operation: Operation) -> Window:
        """The window after the operation."""
        match operation:
            case Insert(row, at):
                return self._insert(row, at)
            case Update(changes):
                return self._update(changes)
            case Delete(row_id):
                return self._without(row_id)
            case Reset(rows, has_more):
                return self._reset(rows, has_more)
            case Change(field, value, changes):
                rows = tuple({**row, **changes} if row.get(field) == value else row for row in self.rows)
                return replace(self, rows=rows)

    def extend(self, rows: Sequence[Row], *, towards: End, has_more: bool) -> Window:
        """The window with the page that was asked for next to its `start` or `end`. Newer states of its rows stay.

        `has_more` says whether the list goes on behind the page.
        """
        if towards == "tail":
            bound = key_of(rows[-1]) if rows and has_more else (self.end if has_more else None)
            window = replace(self, end=bound)
        else:
            bound = key_of(rows[0]) if rows and has_more else (self.start if has_more else None)
            window = replace(self, start=bound)
        for row in rows:
            window = window.apply(Insert(row))
        return window

    def limited(self, limit: int, keep: End = "head") -> Window:
        """At most `limit` rows: those at the end that is not kept are left out, and can be asked for again."""
        if len(self.rows) <= limit:
            return self
        if keep == "head":
            rows = self.rows[:limit]
            return replace(self, rows=rows, end=key_of(rows[-1]))
        rows = self.rows[-limit:]
        return replace(self, rows=rows, start=key_of(rows[0]))

    def is_before(self, one: Key, other: Key) -> bool:
        """Whether a row with the first key stands nearer to the head."""
        return one > other if self.descending else one < other

    def holds(self, key: Key) -> bool:
        """Whether the key lies within the interval."""
        after_start = self.start is None or not self.is_before(key, self.start)
        return after_start and (self.end is None or not self.is_before(self.end, key))

    def _find(self, row_id: str) -> Row | None:
        return next((row for row in self.rows if row["id"] == row_id), None)

    def _without(self, row_id: str) -> Window:
        return replace(self, rows=tuple(row for row in self.rows if row["id"] != row_id))

    def _insert(self, row: Row, at: Place) -> Window:
        known = self._find(row["id"])
        if known is not None and known["version"] > row["version"]:
            return self
        if at != "sort":
            return self._insert_at(row, at, known)
        rest, key = self._without(row["id"]), key_of(row)
        if not self.holds(key):
            return rest
        place = sum(1 for each in rest.rows if rest.is_before(key_of(each), key))
        return replace(rest, rows=(*rest.rows[:place], row, *rest.rows[place:]))

    def _insert_at(self, row: Row, at: Place, known: Row | None) -> Window:
        if known is not None:
            return replace(self, rows=tuple(row if each is known else each for each in self.rows))
        if at == "head":
            return self if self.start is not None else replace(self, rows=(row, *self.rows))
        return self if self.end is not None else replace(self, rows=(*self.rows, row))

    def _update(self, changes: Row) -> Window:
        known = self._find(changes["id"])
        if known is None or known["version"] > changes["version"]:
            return self
        changed = {**known, **changes}
        if changed["sort"] != known["sort"]:
            return self._insert(changed, "sort")
        return replace(self, rows=tuple(changed if each is known else each for each in self.rows))

    def _reset(self, rows: Sequence[Row], has_more: bool) -> Window:
        end = key_of(rows[-1]) if rows and has_more else None
        return Window(tuple(rows), None, end, self.descending)

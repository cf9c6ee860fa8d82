"""The last hour of a summary or distribution over all its series: what the lines of a chart are drawn of.

The percentiles of two series, or of two processes, do not add up to those of both; their counts by size do. So each
half minute keeps those, packed: some 100 bytes where little happens, never more than 3 KB.
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Iterable
from math import ceil

from myapp.kit.telemetry._cells import Spread

SLOT = 30.0  # seconds

type Moment = tuple[float, Spread]
"""The end of a half minute, in seconds since 1970, and what happened in it."""
type _Packed = tuple[float, int, float, float, float, bytes]


class Whole:
    """The half minutes in which something happened, the oldest first."""

    def __init__(self) -> None:
        self._ended: deque[_Packed] = deque()
        self._at = 0.0
        self._current = Spread()

    def add(self, at: float, cells: Iterable[Spread]) -> None:
        """A slice has ended in which the series have come to these."""
        end = slot_of(at)
        if end != self._at:
            self._close()
            self._at = end
        for cell in cells:
            self._current.absorb_values(cell)

    def _close(self) -> None:
        done = self._current
        if done.count:
            numbers = array("q", [number for pair in done.sketch.items() for number in pair])
            self._ended.append((self._at, done.count, done.total, done.low, done.high, numbers.tobytes()))
            self._current = Spread()

    def forget(self, before: float) -> None:
        """Every half minute that ended then or earlier."""
        while self._ended and self._ended[0][0] <= before:
            self._ended.popleft()
        if self._at <= before:
            self._current = Spread()

    def moments(self) -> list[Moment]:
        """Those that ended, and the one under way."""
        found = [(packed[0], _spread(packed)) for packed in self._ended]
        return [*found, (self._at, self._current.copy())] if self._current.count else found


def slot_of(at: float) -> float:
    """The end of the half minute that a slice belongs to which ended at `at`."""
    return ceil(at / SLOT) * SLOT


def _spread(packed: _Packed) -> Spread:
    _, count, total, low, high, sketch = packed
    numbers = array("q")
    numbers.frombytes(sketch)
    return Spread.of(count, total, low, high, dict(zip(numbers[::2], numbers[1::2], strict=True)))

"""Percentiles of any number of values in a bounded space, right to 5 %.

Values are counted by the power of `GAMMA` they fall under, as DDSketch does (Masson, Rim and Lee, VLDB 2019): whatever
the percentile, the value at its place is known to within a bucket, whose middle is at most 5 % from both its ends. Two
sketches are put together by adding their counts, which averages of percentiles are not.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil, inf, log

GAMMA = 1.1
PER_FACTOR = 1 / log(GAMMA)
LOWEST, HIGHEST = 1e-9, 1e12
ZERO = -1000
"""The bucket of what is not above `LOWEST`."""

type Sketch = dict[int, int]
"""How many values, by bucket."""


def bucket_of(value: float) -> int:
    """The bucket that a value is counted in."""
    if value <= LOWEST:
        return ZERO
    return ceil(log(min(value, HIGHEST)) * PER_FACTOR)


def merge(into: Sketch, other: Mapping[int, int]) -> None:
    """Add what the other has counted."""
    for bucket, count in other.items():
        into[bucket] = into.get(bucket, 0) + count


def percentiles(sketch: Mapping[int, int], *percents: float, low: float = -inf, high: float = inf) -> list[float]:
    """The values that so many per cent do not exceed (nearest rank); none is below `low` or above `high`.

    >>> [round(value) for value in percentiles({bucket_of(n): 1 for n in (10, 20, 40, 80)}, 50, 99)]
    [20, 76]
    """
    count = sum(sketch.values())
    if not count:
        return [0.0 for _ in percents]
    found: list[float] = []
    seen, ranks = 0, [max(1, ceil(percent / 100 * count)) for percent in percents]
    for bucket, here in sorted(sketch.items()):
        seen += here
        while len(found) < len(ranks) and seen >= ranks[len(found)]:
            found.append(min(max(_middle(bucket), low), high))
    return found


def _middle(bucket: int) -> float:
    return 0.0 if bucket == ZERO else 2 * GAMMA**bucket / (1 + GAMMA)

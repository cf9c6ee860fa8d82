"""One figure a line: `{"name", "value", "unit", "against", "ratio"}`."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Sequence
from typing import TextIO


class Report:
    """Prints figures as they are found, rounded to three significant digits."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stdout
        self.broken: list[str] = []
        """The promises that were not kept, a sentence each."""

    def figure(self, name: str, value: float, unit: str, *, against: str = "", peer: float | None = None) -> None:
        """Report `value`; with `peer`, the same figure of `against`, also how many times the peer's it is.

        >>> Report().figure("search.p95", 12.3456, "ms", against="a bare query", peer=10)
        {"name": "search.p95", "value": 12.3, "unit": "ms", "against": "a bare query", "ratio": 1.23}
        """
        ratio = None if not peer else _short(value / peer)
        line = {"name": name, "value": _short(value), "unit": unit, "against": against, "ratio": ratio}
        print(json.dumps(line, ensure_ascii=False), file=self._out, flush=True)

    def bounded(self, name: str, value: float, unit: str, *, bound: float, by: str = "what is promised") -> None:
        """Report `value` against a `bound` that it may not exceed; where it does, `broken` says so.

        >>> report = Report()
        >>> report.bounded("search.p95", 60, "ms", bound=50)
        {"name": "search.p95", "value": 60.0, "unit": "ms", "against": "what is promised", "ratio": 1.2}
        >>> report.broken
        ['search.p95 is 60 ms, which is more than 50']
        """
        self.figure(name, value, unit, against=by, peer=bound)
        if value > bound:
            self.broken.append(f"{name} is {_short(value):g} {unit}, which is more than {bound:g}")


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest of `values` that `percent` of them do not exceed (nearest rank).

    >>> percentile([3, 1, 2, 4], 50), percentile([3, 1, 2, 4], 95)
    (2, 4)
    """
    ordered = sorted(values)
    return ordered[max(0, math.ceil(percent / 100 * len(ordered)) - 1)]


def _short(value: float) -> float:
    return float(f"{value:.3g}")

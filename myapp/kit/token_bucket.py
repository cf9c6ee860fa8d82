"""How often something may happen: so many at once, and so many a second in the long run.

>>> bucket = TokenBucket(rate=2, burst=3, now=0.0)
>>> [bucket.take(now=0.0) for _ in range(4)]
[True, True, True, False]
>>> bucket.retry_after(now=0.0), bucket.take(now=0.5)
(0.5, True)
"""

from __future__ import annotations

import time


class TokenBucket:
    """Fills at `rate` a second up to `burst`; each `take` needs one."""

    __slots__ = ("_burst", "_filled_at", "_level", "_rate")

    def __init__(self, *, rate: float, burst: float, now: float | None = None) -> None:
        self._rate = rate
        self._burst = burst
        self._level = burst
        self._filled_at = time.monotonic() if now is None else now

    def take(self, *, now: float | None = None) -> bool:
        """Whether it may happen; if so, it counts."""
        self._fill(now)
        if self._level < 1:
            return False
        self._level -= 1
        return True

    def retry_after(self, *, now: float | None = None) -> float:
        """Seconds until it may happen again."""
        self._fill(now)
        return max(0.0, (1 - self._level) / self._rate)

    def is_full(self, *, now: float | None = None) -> bool:
        """Whether nothing happened for so long that the bucket may be forgotten."""
        self._fill(now)
        return self._level >= self._burst

    def _fill(self, now: float | None) -> None:
        moment = time.monotonic() if now is None else now
        self._level = min(self._burst, self._level + (moment - self._filled_at) * self._rate)
        self._filled_at = moment

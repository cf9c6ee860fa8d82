"""The last lines of the log in memory, for those who run the site: what happened in one request, and what went wrong.

Bounded by number and by size, whatever is logged. What is in it has been scrubbed; it is of this process alone.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

MAX_LINES = 5000
MAX_BYTES = 4 << 20
DAYS = 3  # whose errors are counted, also when there is no room for their lines
_OVERHEAD = 600  # bytes that a line takes beside its words, about
_ERRORS = frozenset({"error", "critical"})


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the log. `about` is what it says beside its words: whose request it was, and what its author gave."""

    at: datetime
    level: str
    logger: str
    message: str
    about: Mapping[str, object]
    traceback: str = ""

    @property
    def request_id(self) -> str:
        return str(self.about.get("request_id", ""))

    @property
    def is_error(self) -> bool:
        return self.level in _ERRORS

    @property
    def size(self) -> int:
        """How much memory it takes, about."""
        return _OVERHEAD + len(self.message) + len(self.traceback) + sum(len(str(each)) for each in self.about.values())


class Ring:
    """The last lines, the oldest first out."""

    def __init__(self, max_lines: int = MAX_LINES, max_bytes: int = MAX_BYTES) -> None:
        self._lines: deque[Line] = deque()
        self._max_lines, self._max_bytes = max_lines, max_bytes
        self._errors_on: Counter[date] = Counter()
        self.size = 0
        """Bytes, about."""
        self.watchers: tuple[Callable[[Line], None], ...] = ()
        """Called with each line, in whichever thread logs it."""

    def __len__(self) -> int:
        return len(self._lines)

    def add(self, line: Line) -> None:
        """Remember a line, and forget what there is no room for."""
        self._lines.append(line)
        self.size += line.size
        if line.is_error:
            self._errors_on[line.at.date()] += 1
            if len(self._errors_on) > DAYS:
                del self._errors_on[min(self._errors_on)]
        while self._lines and (len(self._lines) > self._max_lines or self.size > self._max_bytes):
            self.size -= self._lines.popleft().size
        for watcher in self.watchers:
            watcher(line)

    def of_request(self, request_id: str) -> list[Line]:
        """What was logged in one request, event, message or job, in order."""
        return [line for line in self._snapshot() if line.request_id == request_id]

    def errors(self, limit: int = 100) -> list[Line]:
        """What went wrong, the newest first."""
        return [line for line in reversed(self._snapshot()) if line.is_error][:limit]

    def errors_on(self, day: date) -> int:
        """How many there were on a day in UTC, of the last three on which there were any."""
        return self._errors_on[day]

    def recent(self, limit: int = 100, *, containing: str = "") -> list[Line]:
        """The newest lines first, perhaps only those with some words in message, logger or traceback."""
        wanted = containing.casefold()
        found = (line for line in reversed(self._snapshot()) if not wanted or wanted in _words(line))
        return [line for line, _ in zip(found, range(limit), strict=False)]

    def _snapshot(self) -> list[Line]:
        """Other threads log meanwhile."""
        return list(self._lines.copy())  # the copy is one step of the interpreter, a walk is many


def _words(line: Line) -> str:
    return f"{line.logger} {line.message} {line.traceback} {line.request_id}".casefold()

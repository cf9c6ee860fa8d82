"""What the code logs: where it goes, and what each line says of the request, event or job that it belongs to.

    configure("info", "json")
    logging.getLogger("myapp.blog").info("published", extra={"count": 12})

    logs.begin(new_request_id(header))                      # at an edge: whatever follows belongs to this request
    logs.bind(user_id=user_id)                              # as soon as it is known
    logs.of_request("0c5d…"), logs.errors()                 # for those who run the site

What always holds: every record of every logger, warnings of Python among them, becomes one line, in which no secret
stands (`_scrub.py`); the last some thousand are kept in memory, bounded by size, those of this process alone.
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import date

from myapp.kit.logs import _setup
from myapp.kit.logs._context import Request, begin, bind, bound, current, new_request_id, request_id, resume
from myapp.kit.logs._handler import Format
from myapp.kit.logs._ring import Line, Ring
from myapp.kit.logs._scrub import text as without_secrets
from myapp.kit.logs._scrub import value as value_without_secrets
from myapp.kit.logs._setup import configure

__all__ = [
    "Format",
    "Line",
    "Request",
    "Ring",
    "begin",
    "bind",
    "bound",
    "configure",
    "current",
    "errors",
    "errors_on",
    "new_request_id",
    "of_request",
    "recent",
    "request_id",
    "resume",
    "value_without_secrets",
    "watched",
    "without_secrets",
]


@contextmanager
def watched(watcher: Callable[[Line], None]) -> Generator[None]:
    """Call this with each line of this process until the end of the block, in whichever thread; it must not log."""
    ring = _setup.ring
    ring.watchers = (*ring.watchers, watcher)
    try:
        yield
    finally:
        ring.watchers = tuple(each for each in ring.watchers if each is not watcher)


def of_request(request_id: str) -> list[Line]:
    """What this process logged in one request, event, message or job, in order."""
    return _setup.ring.of_request(request_id)


def errors(limit: int = 100) -> list[Line]:
    """What went wrong in this process, the newest first."""
    return _setup.ring.errors(limit)


def errors_on(day: date) -> int:
    """How many errors this process has logged on a day in UTC, also those it no longer has the lines of."""
    return _setup.ring.errors_on(day)


def recent(limit: int = 100, *, containing: str = "") -> list[Line]:
    """The newest lines of this process first, perhaps only those with some words in them."""
    return _setup.ring.recent(limit, containing=containing)

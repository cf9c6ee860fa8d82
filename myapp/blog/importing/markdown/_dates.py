"""Dates as people and programs write them into front matter. One without a zone is in UTC: the file says no more.

>>> read_time("January 31, 2024 3:04 PM").isoformat()
'2024-01-31T15:04:00+00:00'
>>> read_time("2024-01-31 10:00:00 +0530").isoformat()
'2024-01-31T04:30:00+00:00'
>>> read_time("next week") is None
True
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date, datetime
from email.utils import parsedate_to_datetime

from myapp.blog.importing.text import parse_time

MAX_LENGTH = 80

_ZONE = re.compile(r" (?=[+-]\d\d:?\d\d$)")
_UNIVERSAL = re.compile(r" ?(?:UTC|GMT|Z)$")
_BY_TWELVE = re.compile(r"(.+?),? (\d{1,2}):(\d\d)(?::\d\d)? ?([ap])\.?m\.?", re.IGNORECASE)
_DAYS = ("%B %d, %Y", "%b %d, %Y", "%d %B %Y", "%d %b %Y", "%Y/%m/%d")
_FORMATS = (*_DAYS, *(f"{day} %H:%M" for day in _DAYS), "%Y/%m/%d %H:%M:%S", "%a %b %d %Y %H:%M:%S GMT%z")


def read_time(value: object) -> datetime | None:
    """The time in UTC; None for what is no date, and for what has no one meaning, such as `EST`."""
    if isinstance(value, date):
        return parse_time(value.isoformat())
    text = " ".join(value.split()) if isinstance(value, str) else ""
    if not text or len(text) > MAX_LENGTH:
        return None
    if found := parse_time(_UNIVERSAL.sub("Z", _ZONE.sub("", text))):
        return found
    told = _BY_TWELVE.fullmatch(text)
    return _by_twelve(*told.groups()) if told else _written_out(text)


def _by_twelve(day: str, hour: str, minute: str, half: str) -> datetime | None:
    """A time as it is told in English, which counts to twelve twice a day."""
    found = read_time(day)
    if found is None or not 1 <= int(hour) <= 12 or int(minute) > 59:
        return None
    return found.replace(hour=int(hour) % 12 + 12 * (half.lower() == "p"), minute=int(minute))


def _written_out(text: str) -> datetime | None:
    without_comment = text.partition(" (")[0]
    for form in _FORMATS:
        with suppress(ValueError):
            return parse_time(datetime.strptime(without_comment, form).isoformat())  # noqa: DTZ007 - parse_time() says
    with suppress(ValueError, IndexError, OverflowError):
        return parse_time(parsedate_to_datetime(text).isoformat())
    return None

"""Small things both readers need: plain titles, dates as sources write them, keys and texts cut to size.

>>> plain_line("A <em>bold</em>\\n claim &#8211; 3 < 4")
'A bold claim – 3 < 4'
>>> parse_time("0000-00-00 00:00:00") is None
True
"""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, tzinfo
from hashlib import blake2b

_TAG = re.compile(r"</?[a-zA-Z!?][^<>]*>")
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


def plain_line(text: str) -> str:
    """Text without tags, entities, control characters and line breaks."""
    return " ".join(_UNSEEN.sub("", html.unescape(_TAG.sub("", text))).split())


def printable(text: str) -> str:
    """A name as it can be stored and shown: bytes that are no text are written out, control characters dropped."""
    return _UNSEEN.sub("", text.encode("utf-8", "backslashreplace").decode())


def one_line(text: str) -> str:
    """Text without surplus spaces and line breaks."""
    return " ".join(text.split())


def cut(text: str, length: int) -> str:
    """At most so many characters, with an ellipsis where something is missing; no lone half of a joined emoji."""
    if len(text) <= length:
        return text
    return text[: length - 1].rstrip("\u200d\ufe0f ") + "…"


def parse_time(text: str, zone: tzinfo = UTC) -> datetime | None:
    """A date of a source as an aware time in UTC: `zone` is for one that names none. None when there is no date."""
    try:
        found = datetime.fromisoformat(text.strip())
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def fingerprint(*parts: str) -> str:
    """A short digest of what an item was made from, to see later whether its source has changed."""
    digest = blake2b(digest_size=12)
    for part in parts:
        digest.update(part.encode("utf-8", "surrogatepass") + b"\0")
    return digest.hexdigest()

"""The number of a page in an address."""

from __future__ import annotations

from collections.abc import Mapping

_LONGEST = 9  # digits


def page_asked_for(query: Mapping[str, str]) -> int:
    """The page that a query names; the first for what is none.

    >>> [page_asked_for({"page": text}) for text in ("3", "", "-1", "x", "9" * 99)], page_asked_for({})
    ([3, 1, 1, 1, 1], 1)
    """
    text = query.get("page", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST else 1

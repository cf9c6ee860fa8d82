"""Ids in the arguments of events and in topics: whatever somebody sends."""

from __future__ import annotations

from uuid import UUID

from myapp.kit.errors import NotFound


def as_id(text: object) -> UUID:
    """The id a browser sent. Raises NotFound for what is none: it belongs to nothing."""
    try:
        return UUID(text if isinstance(text, str) else "")
    except ValueError:
        raise NotFound from None


def named_id(text: object) -> UUID:
    """An id in the one way to write it, as in a topic, so that a thing has one topic. Raises NotFound."""
    found = as_id(text)
    if str(found) != text:
        raise NotFound
    return found

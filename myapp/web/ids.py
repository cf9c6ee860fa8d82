"""Ids in the arguments of events: whatever somebody sends."""

from __future__ import annotations

from uuid import UUID

from myapp.kit.errors import NotFound


def as_id(text: object) -> UUID:
    """The id a browser sent. Raises NotFound for what is none: it belongs to nothing."""
    try:
        return UUID(text if isinstance(text, str) else "")
    except ValueError:
        raise NotFound from None

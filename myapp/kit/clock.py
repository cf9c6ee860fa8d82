"""Time and ids. Times are aware and in UTC; ids are UUIDv7, so they sort by when they were made (RFC 9562)."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from uuid_utils.compat import uuid7


def now() -> datetime:
    """The present moment, aware, in UTC, to the microsecond PostgreSQL keeps."""
    return datetime.now(UTC)


def new_id() -> UUID:
    """A fresh UUIDv7."""
    return uuid7()

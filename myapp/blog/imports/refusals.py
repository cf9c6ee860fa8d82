"""What a database that refuses a batch of an import means by it."""

from __future__ import annotations

import psycopg
from sqlalchemy.exc import DBAPIError


def passes(error: Exception) -> bool:
    """Whether it says nothing about the post: two waited for each other, or the database stopped or had no more room.

    The classes of SQLSTATE; a connection that broke has none (https://www.postgresql.org/docs/16/errcodes-appendix.html).
    """
    cause = error.orig if isinstance(error, DBAPIError) else None
    if not isinstance(cause, psycopg.Error):
        return False
    if cause.sqlstate is None:
        return isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError)
    return cause.sqlstate[:2] in {"08", "40", "53", "55", "57"}


def said(error: Exception) -> str:
    """What the database said, without the statement and its values."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return str(cause).splitlines()[0] if str(cause) else type(cause).__name__

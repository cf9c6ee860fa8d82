"""Cursors: the sort values of a row as text for an address.

They are opaque to whoever gets them but not secret, and are not signed: the list behind them is filtered by its scope,
so an invented cursor can only name another place in the same list. What is read from one is of the column's type and
fits it, so the database never sees anything else.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any, Final, cast
from zlib import crc32

import sqlalchemy as sa
from pydantic_core import to_json

from myapp.kit.changeset.casting import CastError, fitting, reader
from myapp.kit.errors import NotFound
from myapp.kit.i18n import gettext_noop

MAX_LENGTH: Final = 4_000


class InvalidCursor(NotFound):
    """The cursor was not made by a page of this list, or by one in another order."""

    message = gettext_noop("This page does not exist. Start from the beginning of the list.")


def encode(order: str, values: Sequence[object]) -> str:
    """The cursor of a place in a list that is ordered so."""
    return base64.urlsafe_b64encode(to_json([crc32(order.encode()), *values])).decode().rstrip("=")


def cursor_at(order: str, values: Sequence[object] | None) -> str | None:
    """The cursor of a place that is known by its sort values, such as by "published_at desc,id desc"; of none, None.

    The values may come from anywhere: what does not fit the columns is refused by whoever reads the cursor.
    """
    return None if values is None else encode(order, values)


def decode(cursor: str, order: str, kinds: Sequence[sa.types.TypeEngine[Any]]) -> list[object]:
    """The values back, each of the type of its column. Raises InvalidCursor."""
    try:
        if len(cursor) > MAX_LENGTH:
            raise InvalidCursor
        read = json.loads(base64.b64decode(cursor.encode() + b"==", altchars=b"-_", validate=False))
        name, *values = cast("list[object]", read if isinstance(read, list) else [None])
        if name != crc32(order.encode()) or len(values) != len(kinds):
            raise InvalidCursor
        return [_value(value, kind) for value, kind in zip(values, kinds, strict=True)]
    except (ValueError, RecursionError, CastError):
        raise InvalidCursor from None


def _value(value: object, kind: sa.types.TypeEngine[Any]) -> object:
    plain = kind.impl_instance if isinstance(kind, sa.types.TypeDecorator) else kind
    return None if value is None else reader(fitting(plain.python_type, plain))(value)

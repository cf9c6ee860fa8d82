"""What one process tells another of itself, as it travels: plain values, compressed, within a text."""

from __future__ import annotations

import base64
import zlib
from typing import Any

import orjson


def pack(plain: object) -> str:
    """Of values that JSON knows, of data classes and times."""
    return base64.b85encode(zlib.compress(orjson.dumps(plain, default=str), 1)).decode()


def unpack(packed: str) -> Any:
    """What travelled, as plain values. Raises ValueError for what did not."""
    try:
        return orjson.loads(zlib.decompress(base64.b85decode(packed)))
    except zlib.error as error:
        raise ValueError("nothing of ours was packed like that") from error

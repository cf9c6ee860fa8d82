"""WebSocket frames that a server sends (RFC 6455, 5.2): whole, unmasked, uncompressed.

One frame is built for all who get it. An uncompressed one is legal too where compression was agreed on (RFC 7692, 6).
"""

from __future__ import annotations

import struct

_TEXT, _BINARY = 0x81, 0x82  # each with the bit that says: this is all of the message
_SHORT, _MEDIUM = 126, 1 << 16
_HEADS = {head: [bytes((head, size)) for size in range(_SHORT)] for head in (_TEXT, _BINARY)}


def text_frame(payload: bytes) -> bytes:
    """
    >>> text_frame(b"hi")
    b'\\x81\\x02hi'
    """
    return _frame(_TEXT, payload)


def binary_frame(payload: bytes) -> bytes:
    return _frame(_BINARY, payload)


def _frame(head: int, payload: bytes) -> bytes:
    size = len(payload)
    if size < _SHORT:
        return _HEADS[head][size] + payload
    if size < _MEDIUM:
        return struct.pack("!BBH", head, _SHORT, size) + payload
    return struct.pack("!BBQ", head, _SHORT + 1, size) + payload

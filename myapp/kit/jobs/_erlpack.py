"""Erlang's external term format (https://www.erlang.org/doc/apps/erts/erl_ext_dist), as far as JSON's values need it.

Oban keeps what a job records in this format, so that Elixir reads it, and asks the package `erlpack` for it, which is
C++ that would have to be compiled. This module stands in for it: `pack` gives the same bytes, `unpack` the same values
(texts come back as bytes, which Oban decodes).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from typing import Any, cast

VERSION = 131
_COMPRESSED = 80
_NAMES: Mapping[bool | None, str] = {None: "nil", True: "true", False: "false"}
_CONSTANTS: Mapping[str, bool | None] = {"nil": None, "null": None, "true": True, "false": False}


class Atom(str):
    """A name of Erlang's own, which is no text."""

    __slots__ = ()


def pack(value: object) -> bytes:
    """The bytes of a value made of None, bools, numbers, texts, bytes, lists, tuples and dicts.

    Raises TypeError for anything else.
    """
    out = bytearray([VERSION])
    _pack(value, out)
    return bytes(out)


def unpack(data: bytes) -> Any:
    """The value of these bytes. Raises ValueError when they are none, or stop in the middle."""
    if len(data) < 2 or data[0] != VERSION:
        raise ValueError("not in Erlang's external term format")
    if data[1] == _COMPRESSED:
        data = bytes([VERSION]) + zlib.decompress(data[6:])
    return _Reader(data).term()


def _pack(value: object, out: bytearray) -> None:
    match value:
        case None | bool():
            _pack_atom(_NAMES[value], out)
        case Atom():
            _pack_atom(value, out)
        case int():
            _pack_integer(value, out)
        case float():
            out += b"F" + struct.pack(">d", value)
        case str():
            _pack_binary(value.encode(), out)
        case bytes() | bytearray():
            _pack_binary(value, out)
        case dict() | list() | tuple():
            _pack_many(cast("dict[object, object] | list[object] | tuple[object, ...]", value), out)
        case _:
            raise TypeError(f"{type(value).__name__} has no place in Erlang's external term format")


def _pack_many(value: dict[object, object] | list[object] | tuple[object, ...], out: bytearray) -> None:
    size = struct.pack(">I", len(value))
    if isinstance(value, dict):
        out += b"t" + size
        for each in value.items():
            _pack(each[0], out)
            _pack(each[1], out)
        return
    if isinstance(value, tuple):
        out += b"h" + size[3:] if len(value) < 256 else b"i" + size
    elif value:
        out += b"l" + size
    for item in value:
        _pack(item, out)
    if isinstance(value, list):
        out += b"j"


def _pack_atom(name: str, out: bytearray) -> None:
    raw = name.encode()
    out += b"s" + bytes([len(raw)]) + raw


def _pack_integer(value: int, out: bytearray) -> None:
    if 0 <= value <= 255:
        out += b"a" + bytes([value])
    elif -(1 << 31) <= value < 1 << 31:
        out += b"b" + struct.pack(">i", value)
    else:
        raw = abs(value).to_bytes((abs(value).bit_length() + 7) // 8, "little")
        out += b"n" + bytes([len(raw)]) if len(raw) < 256 else b"o" + struct.pack(">I", len(raw))
        out += bytes([value < 0]) + raw


def _pack_binary(raw: bytes | bytearray, out: bytearray) -> None:
    out += b"m" + struct.pack(">I", len(raw)) + raw


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 1

    def _take(self, size: int) -> bytes:
        taken = self._data[self._at : self._at + size]
        if len(taken) != size:
            raise ValueError("the term stops in the middle")
        self._at += size
        return taken

    def _number(self, size: int) -> int:
        return int.from_bytes(self._take(size))

    def term(self) -> Any:  # noqa: C901, PLR0911 - a table of tags
        tag = self._take(1)
        match tag:
            case b"a":
                return self._number(1)
            case b"b":
                return int.from_bytes(self._take(4), signed=True)
            case b"F":
                return struct.unpack(">d", self._take(8))[0]
            case b"m":
                return self._take(self._number(4))
            case b"k":
                return list(self._take(self._number(2)))
            case b"n" | b"o":
                return self._integer(self._number(1 if tag == b"n" else 4))
            case b"s" | b"w" | b"d" | b"v":
                name = self._take(self._number(1 if tag in b"sw" else 2)).decode()
                return _CONSTANTS[name] if name in _CONSTANTS else Atom(name)
            case b"h" | b"i":
                return tuple(self.term() for _ in range(self._number(1 if tag == b"h" else 4)))
            case b"j":
                return []
            case b"l":
                items = [self.term() for _ in range(self._number(4))]
                self.term()  # the tail, which a proper list has none of
                return items
            case b"t":
                return {self.term(): self.term() for _ in range(self._number(4))}
            case _:
                raise ValueError(f"the tag {tag!r} is not known here")

    def _integer(self, size: int) -> int:
        is_negative = self._number(1)
        value = int.from_bytes(self._take(size), "little")
        return -value if is_negative else value

"""Who came and who went on one topic since the last time its clients were told, and how phoenix.js wants to read it.

>>> diff = Diff()
>>> diff.leave("7", b'{"phx_ref":"a1"}')
>>> diff.join("7", b'{"phx_ref":"a2"}')
>>> diff.encoded()
b'{"joins":{"7":{"metas":[{"phx_ref":"a2"}]}},"leaves":{"7":{"metas":[{"phx_ref":"a1"}]}}}'

A meta is JSON from the moment it is made: it is written into every message as it is, and never encoded again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import orjson

type Metas = tuple[bytes, ...]
"""What one person has open, one meta each, oldest first."""


class Diff:
    """A join and a leave of the same meta cancel out, in whatever order they come."""

    __slots__ = ("_joins", "_leaves")

    def __init__(self) -> None:
        self._joins: dict[bytes, str] = {}
        self._leaves: dict[bytes, str] = {}

    def __bool__(self) -> bool:
        return bool(self._joins or self._leaves)

    def join(self, key: str, meta: bytes) -> None:
        if self._leaves.pop(meta, None) is None:
            self._joins[meta] = key

    def leave(self, key: str, meta: bytes) -> None:
        if self._joins.pop(meta, None) is None:
            self._leaves[meta] = key

    def encoded(self) -> bytes:
        """The payload of `presence_diff`."""
        return b'{"joins":%b,"leaves":%b}' % (encoded(_by_key(self._joins)), encoded(_by_key(self._leaves)))


def encoded(people: Mapping[str, Iterable[bytes]]) -> bytes:
    """The payload of `presence_state`.

    >>> encoded({"7": (b'{"phx_ref":"a1"}',)})
    b'{"7":{"metas":[{"phx_ref":"a1"}]}}'
    """
    entries = (b'%b:{"metas":[%b]}' % (orjson.dumps(key), b",".join(metas)) for key, metas in people.items())
    return b"{%b}" % b",".join(entries)


def _by_key(metas: Mapping[bytes, str]) -> dict[str, list[bytes]]:
    people: dict[str, list[bytes]] = {}
    for meta, key in metas.items():
        people.setdefault(key, []).append(meta)
    return people

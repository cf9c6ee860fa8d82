"""What stands in for `erlpack` speaks Erlang's external term format."""

from __future__ import annotations

import sys
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myapp.kit.jobs import _erlpack
from myapp.kit.jobs._erlpack import Atom, pack, unpack

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.binary()
KEYS = st.binary(max_size=20) | st.integers()
TERMS = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(KEYS, inner),
    max_leaves=30,
)

BY_THE_BOOK: list[tuple[Any, bytes]] = [
    (None, b"\x83s\x03nil"),
    (True, b"\x83s\x04true"),
    (0, b"\x83a\x00"),
    (255, b"\x83a\xff"),
    (256, b"\x83b\x00\x00\x01\x00"),
    (-1, b"\x83b\xff\xff\xff\xff"),
    (2**31, b"\x83n\x04\x00\x00\x00\x00\x80"),
    (-(2**63), b"\x83n\x08\x01\x00\x00\x00\x00\x00\x00\x00\x80"),
    (1.5, b"\x83F?\xf8\x00\x00\x00\x00\x00\x00"),
    ("ä", b"\x83m\x00\x00\x00\x02\xc3\xa4"),
    ([], b"\x83j"),
    ([1, "a"], b"\x83l\x00\x00\x00\x02a\x01m\x00\x00\x00\x01aj"),
    ((1, 2), b"\x83h\x02a\x01a\x02"),
    ({"a": 1}, b"\x83t\x00\x00\x00\x01m\x00\x00\x00\x01aa\x01"),
    (Atom("ok"), b"\x83s\x02ok"),
]


@given(TERMS)
def test_what_is_packed_comes_back(value: object) -> None:
    assert unpack(pack(value)) == value


@pytest.mark.parametrize(("value", "packed"), BY_THE_BOOK)
def test_the_bytes_are_those_of_the_format(value: object, packed: bytes) -> None:
    assert pack(value) == packed


@pytest.mark.parametrize(
    ("packed", "value"),
    [
        (b"\x83k\x00\x03abc", [97, 98, 99]),
        (b"\x83w\x03yes", "yes"),
        (b"\x83d\x00\x05false", False),
        (b"\x83i\x00\x00\x00\x01a\x01", (1,)),
        (b"\x83P\x00\x00\x00\x06" + zlib.compress(b"m\x00\x00\x00\x01a"), b"a"),
    ],
)
def test_what_only_erlang_writes_is_read_too(packed: bytes, value: object) -> None:
    assert unpack(packed) == value


@given(TERMS, st.integers(min_value=0))
def test_a_term_that_stops_in_the_middle_is_refused(value: object, at: int) -> None:
    packed = pack(value)
    with pytest.raises(ValueError, match=r"middle|format"):
        unpack(packed[: at % len(packed)])


@pytest.mark.parametrize("value", [object(), {1, 2}, [object()]])
def test_what_has_no_form_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        pack(value)


@pytest.mark.parametrize("data", [b"", b"\x83", b"\x82a\x01", b"\x83Z"])
def test_what_is_no_term_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"format|known"):
        unpack(data)


def test_oban_is_given_it() -> None:
    assert sys.modules["erlpack"] is _erlpack

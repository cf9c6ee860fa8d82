"""A post's metadata in the field of its form: whatever it is, it comes back as it was."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from myapp.web.blog.post_form.fields import lines_of, meta_of

ODD = ["", " ", "a:b", '"', '"a": b', "null", "7", "NaN", "a\nb", "a\u2028b", "[", "Ünï 👩‍💻"]
TEXTS = st.text() | st.sampled_from(ODD)
NUMBERS = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=8,
)


@given(st.dictionaries(TEXTS, VALUES, max_size=6))
@example({"og:title": "Hello"})
@example({"": "Hello"})
@example({"a\rb": "c\x85d"})
def test_whatever_metadata_a_post_has_comes_through_the_field(meta: dict[str, Any]):
    read = meta_of(lines_of(meta))

    assert repr(read) == repr(meta), "1, 1.0 and true are different things"


@given(st.text())
def test_whatever_is_typed_is_pairs_or_stays_as_it_is(lines: str):
    read = meta_of(lines)

    assert isinstance(read, dict) or read == lines


@pytest.mark.parametrize(
    ("line", "pair"),
    [
        ("mood: calm", {"mood": "calm"}),
        ("  cups :2 ", {"cups": 2}),
        ("link: https://example.com", {"link": "https://example.com"}),
        ("at: 12:30", {"at": "12:30"}),
        ("said: “Yes”: twice", {"said": "“Yes”: twice"}),
        ('"og:title": Hello', {"og:title": "Hello"}),
        ('"og:title" : "7"', {"og:title": "7"}),
        ('"Yes" they: said', {'"Yes" they': "said"}),
        ('"half: open', {'"half': "open"}),
        ("limit: Infinity", {"limit": "Infinity"}),
        ("name: NaN", {"name": "NaN"}),
        ("nothing:", {"nothing": ""}),
    ],
)
def test_a_line_is_read_as_one_would_read_it(line: str, pair: dict[str, Any]):
    assert meta_of(line) == pair


@pytest.mark.parametrize("meta", [{"mood": "calm"}, {"cups": 2}, {"flags": "👩‍💻 and 🏴‍☠️"}])
def test_what_is_simple_is_written_simply(meta: dict[str, Any]):
    ((name, value),) = meta.items()

    assert lines_of(meta) == f"{name}: {value}"

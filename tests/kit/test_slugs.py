"""Slugs of titles in every script."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from myapp.kit.slugs import free_slug, numbered, slugify


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Hello, World!", "hello-world"),
        ("  --Already - slugged-- ", "already-slugged"),
        ("Don’t panic, it's fine", "dont-panic-its-fine"),
        ("Straße ins Ærø", "strasse-ins-aero"),
        ("İstanbul ΆΛΦΑ", "istanbul-άλφα"),
        ("ﬁne ½ x²", "fine-1-2-x2"),
        ("हिन्दी में", "हिन्दी-में"),
        ("שָׁלוֹם \u202eעולם\u202c", "שָׁלוֹם-עולם"),
        ("中文 標題", "中文-標題"),
        ("👩‍👩‍👧 family 1️⃣", "family-1"),
        ("../../etc/passwd\x00", "etc-passwd"),
        ("?#%&/\\", "untitled"),
        ("", "untitled"),
    ],
)
def test_the_slug_of_a_title(title: str, slug: str) -> None:
    assert slugify(title) == unicodedata.normalize("NFC", slug)


def test_a_long_title_ends_with_a_word() -> None:
    assert slugify("word " * 30, max_length=12) == "word-word"
    assert slugify("w" * 100, max_length=12) == "w" * 12


@given(st.text(st.characters(codec=None), max_size=120))
@example("Ǣ")
@example("ǅ\u0345")
def test_a_slug_is_safe_short_and_its_own_slug(title: str) -> None:
    slug = slugify(title)
    assert 1 <= len(slug) <= 80
    assert re.fullmatch(r"[^\W_](?:[^\W_]|-(?!-)|[\u0300-\uffff\U00010000-\U0010ffff])*", slug)
    assert not slug.endswith("-")
    assert all(unicodedata.category(char)[0] in "LNM" or char == "-" for char in slug)
    assert slugify(slug) == slug


def test_a_taken_slug_gets_the_next_number() -> None:
    assert free_slug("a", set()) == "a"
    assert free_slug("a", {"a", "a-2", "a-4"}) == "a-3"
    assert numbered("x" * 80, 12) == "x" * 77 + "-12"


@given(st.text(max_size=90), st.integers(2, 10**6))
def test_a_numbered_slug_is_still_a_slug(title: str, number: int) -> None:
    slug = numbered(slugify(title), number)
    assert len(slug) <= 80
    assert slugify(slug) == slug

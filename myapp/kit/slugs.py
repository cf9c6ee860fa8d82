"""Slugs: the part of an address that is made from a title.

Letters and digits of every script stay, in lower case; accents of Latin letters go; everything between is one hyphen.
What always holds: a slug is 1 to 80 characters, it neither begins nor ends with a hyphen and has no two in a row, and
the slug of a slug is itself. Emoji, controls and marks that change the direction of writing never get in.

    >>> slugify("Crème brûlée: a how-to!"), slugify("Привет, мир"), slugify("مرحبا بالعالم"), slugify("🎉")
    ('creme-brulee-a-how-to', 'привет-мир', 'مرحبا-بالعالم', 'untitled')
    >>> free_slug("hello", {"hello", "hello-2"})
    'hello-3'
"""

from __future__ import annotations

import unicodedata
from collections.abc import Container, Iterator
from functools import lru_cache
from itertools import count
from typing import Final

MAX_LENGTH: Final = 80
UNTITLED: Final = "untitled"

_LATIN: Final = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ħ": "h", "ı": "i", "ŋ": "ng"}
)
_WITHIN_WORDS: Final = frozenset("'’‘ʼʻ`´")


def slugify(text: str, *, max_length: int = MAX_LENGTH, fallback: str = UNTITLED) -> str:
    """The slug of a title; `fallback` when nothing of it can stand in an address."""
    words = "".join(_kept(_settled(text[: 20 * max_length]))).split()
    return _cut(unicodedata.normalize("NFC", "-".join(words)), max_length) or fallback


def free_slug(slug: str, taken: Container[str], *, max_length: int = MAX_LENGTH) -> str:
    """The slug itself if it is free, else the first of `slug-2`, `slug-3`, … that is."""
    if slug not in taken:
        return slug
    return next(
        candidate for number in count(2) if (candidate := numbered(slug, number, max_length=max_length)) not in taken
    )


def numbered(slug: str, number: int, *, max_length: int = MAX_LENGTH) -> str:
    """The slug with a number at its end, shortened if it has to be."""
    suffix = f"-{number}"
    return _cut(slug, max_length - len(suffix)) + suffix


def _settled(text: str) -> str:
    """Lower case, and marks apart from their letters. Twice, because either can undo the other."""
    for _ in range(2):
        text = unicodedata.normalize("NFKC", text).lower()
    return unicodedata.normalize("NFKD", text).translate(_LATIN)


def _kept(text: str) -> Iterator[str]:
    """What stays of each character: itself, a space where a word ends, or nothing."""
    base = ""
    for char in text:
        if char.isascii():
            base = char
            yield char if char.isalnum() else "" if char in _WITHIN_WORDS else " "
            continue
        category = unicodedata.category(char)
        if category in {
            "Mn",
            "Mc",
        }:  # vowel signs and the like belong to their letter; accents of Latin ones are dropped
            yield char if _carries_marks(base) and not _is_selector(char) else ""
        elif category[0] in "LN" and char not in _WITHIN_WORDS:
            base = char
            yield char
        elif category not in {"Cf", "Me"} and char not in _WITHIN_WORDS:
            base = ""
            yield " "


@lru_cache(4096)
def _carries_marks(base: str) -> bool:
    return base.isalpha() and not unicodedata.name(base, "").startswith("LATIN")


def _is_selector(char: str) -> bool:
    """A choice between two looks of a character, most often of an emoji."""
    return "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"


def _cut(slug: str, most: int) -> str:
    """At most so long, ending with a word if that leaves half of it, and never between a letter and its marks."""
    if len(slug) <= most:
        return slug
    end = slug.rfind("-", most // 2, most + 1)
    if end < 0:
        end = most
        while end and unicodedata.category(slug[end])[0] == "M":
            end -= 1
    return slug[:end].strip("-")

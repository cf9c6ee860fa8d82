"""Every text a person reads goes through the catalogues."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from myapp.kit import catalogues
from myapp.kit.errors import AppError, Conflict, Forbidden, NotFound, RateLimited, Unauthenticated, Unavailable
from tests.architecture.house import named, rooms, sources, tree_of

SPOKEN = {"alt", "aria_label", "label", "placeholder", "title"}
"""Attributes that a person reads or hears."""
REFUSALS = {
    each.__name__ for each in (AppError, Conflict, Forbidden, NotFound, RateLimited, Unauthenticated, Unavailable)
}
"""What a person is told that it did not work with."""
WORD = re.compile(r"[A-Za-z]{2}")


def test_pages_say_nothing_that_cannot_be_translated() -> None:
    found = [
        f"{named(path)}:{text.lineno}: {ast.unparse(text)}"
        for path in sources("myapp/web")
        for call in ast.walk(tree_of(path))
        if isinstance(call, ast.Call)
        for text in spoken_by(call)
        if is_words(text)
    ]
    assert found == [], "wrap it in t(…)"


def test_rooms_refuse_in_words_that_can_be_translated() -> None:
    found = [
        f"{named(path)}:{text.lineno}: {ast.unparse(text)}"
        for folder in ("kit", *rooms())
        for path in sources(f"myapp/{folder}")
        for call in ast.walk(tree_of(path))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in REFUSALS
        for text in call.args
        if is_words(text)
    ]
    assert found == [], "wrap it in gettext(…)"


def spoken_by(call: ast.Call) -> Iterator[ast.expr]:
    """What an element shows: its children, and some of its attributes."""
    if ast.unparse(call.func).startswith("rx.el."):
        yield from call.args
    yield from (keyword.value for keyword in call.keywords if keyword.arg in SPOKEN)


def is_words(node: ast.expr) -> bool:
    """A text with a word in it, written here."""
    match node:
        case ast.Constant(value=str(text)):
            return WORD.search(text) is not None
        case ast.JoinedStr(values=parts):
            return any(is_words(part) for part in parts)
        case ast.IfExp(body=body, orelse=other):
            return is_words(body) or is_words(other)
        case _:
            return False


def test_every_catalogue_has_every_text() -> None:
    assert catalogues.problems() == [], "run: python -m myapp messages"


@pytest.mark.parametrize(
    ("code", "spoken"),
    [
        ("rx.el.p('Hello', t('you'))", ["'Hello'"]),
        ("rx.el.p(f'{count} posts', class_name='some classes')", ["f'{count} posts'"]),
        ("rx.el.p('Yes' if there else '—')", ["'Yes' if there else '—'"]),
        ("field('title', placeholder='A title')", ["'A title'"]),
        ("rx.el.p(' · ', rx.el.b(name))", []),
        ("rx.fragment(t('Hello'), key='hello')", []),
    ],
)
def test_the_check_knows_a_text_when_it_sees_one(code: str, spoken: list[str]) -> None:
    call = ast.parse(code, mode="eval").body
    assert isinstance(call, ast.Call)
    assert [ast.unparse(text) for text in spoken_by(call) if is_words(text)] == spoken

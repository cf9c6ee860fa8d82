"""The server's half of a field that offers what is typed: few, for the question at hand, whatever is sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import ClassVar, override

import pytest
import reflex as rx

from myapp.config import Settings
from myapp.web import session
from myapp.web.door import Door
from myapp.web.live.combobox import Suggestion, SuggestState, adding_field, choice_field, names_field
from myapp.web.session import SessionCookie
from tests.live import Live, Tab, own_app


class Names(SuggestState, rx.State):
    """Offers what it is asked for, at once or when the gate is opened."""

    gates: ClassVar[dict[str, asyncio.Event]] = {}

    @override
    async def _suggest(self, words: str) -> Sequence[Suggestion]:
        if words in self.gates:
            await self.gates[words].wait()
        return [Suggestion(value=f"{words}{number}", name=words, hint="") for number in range(25)]


@pytest.fixture(scope="module")
def app() -> rx.App:
    session.use(SessionCookie(Settings.model_validate({})))
    app = own_app()
    fields = (
        choice_field("Who", "who", Names, form="f"),
        names_field("Tags", "tags", Names, form="f"),
        adding_field("more", Names, on_choose=Names.suggest("", "")),
    )
    app.add_page(lambda: rx.el.div(*fields), route="/names")
    Door(app)
    return app


@pytest.fixture
async def tab(app: rx.App) -> AsyncGenerator[Tab]:
    Names.gates.clear()
    async with Live(app) as live:
        yield await live.open("/names")


async def test_at_most_twenty_are_offered_and_they_name_the_question(tab: Tab) -> None:
    await tab.send(Names.suggest("an", "first"))
    assert [each["value"] for each in tab.get(Names.suggestions)] == [f"an{number}" for number in range(20)]
    assert tab.get(Names.answered) == "first"


async def test_an_older_answer_never_follows_a_newer(tab: Tab) -> None:
    Names.gates["slow"] = asyncio.Event()
    start = len(tab.deltas)
    await tab.send(Names.suggest("slow", "older"), wait="nothing")
    await tab.send(Names.suggest("quick", "newer"))
    Names.gates["slow"].set()
    await tab.send(Names.suggest("last", "newest"))
    assert "older" not in str(tab.deltas[start:])
    assert tab.get(Names.answered) == "newest"


@pytest.mark.parametrize("words", [None, 7, ["a"], {"a": 1}])
async def test_whatever_is_sent_is_no_words_at_worst(tab: Tab, words: object) -> None:
    await tab.send(Names.suggest, words, "x" * 1000)
    assert tab.get(Names.suggestions)[0]["name"] == ""
    assert tab.get(Names.answered) == "x" * 40

"""Texts, numbers and dates in the reader's locale, and catalogues that know every text of the code."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Generator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myapp.kit import catalogues, i18n
from myapp.kit.errors import Forbidden
from myapp.kit.i18n import (
    format_date,
    format_datetime,
    format_decimal,
    format_money,
    format_percent,
    gettext,
    locale_of,
    negotiate,
    ngettext,
    set_locale,
)

CODE = """
title = gettext("Welcome")
greeting = t("Hello %(name)s", name=name)
count = tn("%(count)s post", "%(count)s posts", total)
"""
GERMAN = """
msgid ""
msgstr ""
"Language: de\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"Content-Type: text/plain; charset=utf-8\\n"

#: myapp/web/page.py
msgid "Hello %(name)s"
msgstr "Hallo %(name)s"

#: myapp/kit/welcome.py
msgid "Welcome"
msgstr "Willkommen"

#: myapp/web/page.py
msgid "%(count)s post"
msgid_plural "%(count)s posts"
msgstr[0] "%(count)s Beitrag"
msgstr[1] "%(count)s Beiträge"
"""


def forget() -> None:
    i18n.languages.cache_clear()
    i18n._catalogue.cache_clear()


@pytest.fixture
def german(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Path]:
    """A house with a page, and the German catalogue of it; its path."""
    path = tmp_path / "locales" / "de" / "LC_MESSAGES" / "myapp.po"
    path.parent.mkdir(parents=True)
    path.write_text(GERMAN.lstrip(), encoding="utf-8")
    page = tmp_path / "myapp" / "web" / "page.py"
    page.parent.mkdir(parents=True)
    page.write_text(CODE, encoding="utf-8")
    monkeypatch.setattr(i18n, "FOLDER", tmp_path / "locales")
    monkeypatch.setattr(catalogues, "PACKAGE", tmp_path / "myapp")
    forget()
    yield path
    forget()
    set_locale("en")


class TestTexts:
    def test_english_is_what_the_code_says(self) -> None:
        assert gettext("Welcome") == "Welcome"
        assert [ngettext("a post", "posts", count) for count in (0, 1, 2)] == ["posts", "a post", "posts"]

    @pytest.mark.usefixtures("german")
    def test_they_come_in_the_locale_of_the_task(self) -> None:
        with locale_of("de-CH"):
            assert gettext("Welcome") == "Willkommen"
            assert ngettext("%(count)s post", "%(count)s posts", 2) == "%(count)s Beiträge"
        assert gettext("Welcome") == "Welcome"

    @pytest.mark.usefixtures("german")
    async def test_a_task_started_in_a_locale_keeps_it(self) -> None:
        async def read() -> str:
            return gettext("Welcome")

        with locale_of("de"):
            task = asyncio.create_task(read())
        assert await task == "Willkommen"

    @pytest.mark.usefixtures("german")
    def test_a_text_without_translation_stays_english(self) -> None:
        with locale_of("de"):
            assert gettext("Goodbye") == "Goodbye"

    def test_an_error_speaks_when_it_is_raised(self, german: Path) -> None:
        german.write_text(
            german.read_text() + '\nmsgid "You are not allowed to do that."\nmsgstr "Das ist nicht erlaubt."\n'
        )
        with locale_of("de"):
            assert str(Forbidden()) == "Das ist nicht erlaubt."


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize(
    ("chosen", "header", "locale"),
    [
        ("de", "en", "de"),
        ("de-CH", "", "de-CH"),
        (None, "fr, de;q=0.5, en;q=0.8", "en"),
        (None, "fr;q=0.9, de-AT;q=0.5", "de-AT"),
        ("", "fr, de;q=0", "en"),
        ("xx-nonsense", "de;q=high, *, de_DE;q=0.1", "de-DE"),
        (None, "", "en"),
        ("../../etc/passwd", "\x00;;;q=,=", "en"),
    ],
)
def test_the_person_decides_then_the_browser_then_english(chosen: str | None, header: str, locale: str) -> None:
    assert negotiate(chosen, header) == locale


@given(chosen=st.text() | st.none(), header=st.text() | st.from_regex(r"([a-z-]{2,5}(;q=[0-9.]*)?,? ?)*"))
def test_whatever_a_browser_sends_there_is_a_language(chosen: str | None, header: str) -> None:
    assert negotiate(chosen, header).startswith("en")


@pytest.mark.parametrize(
    ("locale", "number", "money", "percent", "day"),
    [
        ("en", "1,234.5", "$1,234.50", "25%", "Jan 31, 2026"),
        ("de", "1.234,5", "1.234,50\xa0$", "25\xa0%", "31.01.2026"),
        ("de-CH", "1’234.5", "$\xa01’234.50", "25%", "31.01.2026"),
        ("unknown", "1,234.5", "$1,234.50", "25%", "Jan 31, 2026"),
    ],
)
def test_numbers_and_dates_are_written_as_the_locale_does(
    locale: str, number: str, money: str, percent: str, day: str
) -> None:
    amount = Decimal("1234.5")
    with locale_of(locale):
        assert (format_decimal(amount), format_money(amount, "USD")) == (number, money)
        assert (format_percent(Decimal("0.25")), format_date(date(2026, 1, 31))) == (percent, day)


def test_a_moment_is_shown_in_the_zone_asked_for() -> None:
    moment = datetime(2026, 1, 31, 17, 4, tzinfo=UTC)
    assert format_datetime(moment, "yyyy-MM-dd HH:mm", zone=ZoneInfo("Asia/Tokyo")) == "2026-02-01 02:04"


class TestCatalogues:
    def test_a_complete_one_has_no_problems(self, german: Path) -> None:
        catalogues.update()
        assert catalogues.problems() == []

    def test_a_text_of_the_code_that_is_missing_is_named(self, german: Path) -> None:
        catalogues.update()
        german.write_text(german.read_text().replace('"Welcome"', '"Good day"'))
        assert catalogues.problems() == [
            "de: not in the catalogue: Welcome",
            "de: in no code any more: Good day",
        ]

    @pytest.mark.parametrize(
        ("was", "becomes", "problem"),
        [
            ("Willkommen", "", "de: not translated: Welcome"),
            ("%(count)s Beiträge", "", "de: not translated: %(count)s post"),
            ("Hallo %(name)s", "Hallo", "de: a name of the English text is not in it: Hello %(name)s"),
            ("Hallo %(name)s", "Hallo %(nam)s", "de: a name in it is not in the English text: Hello %(name)s"),
        ],
    )
    def test_a_text_that_is_not_well_translated_is_named(
        self, german: Path, was: str, becomes: str, problem: str
    ) -> None:
        catalogues.update()
        german.write_text(german.read_text().replace(was, becomes))
        assert catalogues.problems() == [problem]

    def test_english_cannot_say_something_else_than_the_code(self, german: Path) -> None:
        catalogues.update()
        english = i18n.FOLDER / "en" / "LC_MESSAGES" / "myapp.po"
        english.write_text(english.read_text().replace('msgstr "Welcome"', 'msgstr "Come in"'))
        assert catalogues.problems() == ["en: English is written in the code, so it can't differ here: Welcome"]

    def test_bringing_it_up_to_date_keeps_translations_and_changes_nothing_twice(self, german: Path) -> None:
        assert {path.parts[-3] for path in catalogues.update()} == {"en", "de"}
        assert "Willkommen" in german.read_text()
        assert catalogues.update() == []

    def test_a_new_text_says_nothing_in_other_languages(self, german: Path, tmp_path: Path) -> None:
        (tmp_path / "myapp" / "mail.py").write_text('gettext("Good evening")')
        catalogues.update()
        assert 'msgid "Good evening"\nmsgstr ""\n' in german.read_text()

    def test_browsers_get_what_metrics_measure(self, german: Path, tmp_path: Path) -> None:
        """Charts are told it in English, whoever looks, and translate it themselves."""
        (tmp_path / "myapp" / "metrics.py").write_text('counter("tea.made.count", description=_("Pots of tea"))')
        catalogues.update()
        german.write_text(german.read_text().replace('"Pots of tea"\nmsgstr ""', '"Pots of tea"\nmsgstr "Kannen Tee"'))
        assert json.loads(catalogues.for_browsers()["de"])["Pots of tea"] == "Kannen Tee"

    def test_browsers_get_the_texts_of_pages(self, german: Path, tmp_path: Path) -> None:
        (tmp_path / "myapp" / "web" / "page.py").write_text(CODE.replace('title = gettext("Welcome")', ""))
        (tmp_path / "myapp" / "mail.py").write_text('gettext("Welcome")')
        catalogues.update()
        texts = catalogues.for_browsers()
        assert texts.keys() == {"de"}
        assert json.loads(texts["de"]) == {
            "Hello %(name)s": "Hallo %(name)s",
            "%(count)s post": ["%(count)s Beitrag", "%(count)s Beiträge"],
        }

"""Texts, dates, numbers and money as the reader writes them, in the locale of the running task.

The English text is the key. Catalogues are `myapp/locales/<language>/LC_MESSAGES/myapp.po`, read as they are; a text
that no catalogue has stays English. `python -m myapp messages` brings new texts into the catalogues
(`kit/catalogues.py`). Texts of page components are `web/i18n.py`'s, from the same catalogues.

    >>> set_locale("en")
    >>> ngettext("%(count)s post", "%(count)s posts", 2) % {"count": format_decimal(2_000)}
    '2,000 posts'
    >>> negotiate("", "fr;q=0.4, en-GB;q=0.8")
    'en-GB'
"""

from __future__ import annotations

import gettext as _gettext
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path

from babel import Locale, UnknownLocaleError, dates, numbers
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER = Path(__file__).parent.parent / "locales"
SOURCE = "en"
"""The language of the texts in the code."""

_locale: ContextVar[str] = ContextVar("locale", default=SOURCE)


def set_locale(locale: str) -> None:
    """Choose the locale of this task and of those it starts from now on."""
    _locale.set(locale)


def get_locale() -> str:
    """The locale of this task, such as `en` or `de-CH`."""
    return _locale.get()


@contextmanager
def locale_of(locale: str) -> Generator[None]:
    """Write to somebody else: the block's texts are in `locale`."""
    token = _locale.set(locale)
    try:
        yield
    finally:
        _locale.reset(token)


@cache
def languages() -> tuple[str, ...]:
    """Those there is a catalogue for, the code's own first."""
    return (SOURCE, *sorted({path.parts[-3] for path in FOLDER.glob("*/LC_MESSAGES/myapp.po")} - {SOURCE}))


def negotiate(chosen: str | None, accept_language: str = "") -> str:
    """The locale to use: the person's own choice, else the best of the browser's (RFC 9110, 12.5.4), else English.

    A region is kept for dates and numbers where its language has a catalogue: `de-CH` stays `de-CH` when there is `de`.
    """
    for tag in filter(None, [chosen, *_by_preference(accept_language)]):
        locale = _known(tag)
        if locale is not None and locale.language in languages():
            return str(locale).replace("_", "-")
    return SOURCE


def _by_preference(header: str) -> list[str]:
    wanted: list[tuple[float, str]] = []
    for part in header.split(","):
        tag, _, quality = part.strip().partition(";")
        try:
            weight = float(quality.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        if weight > 0:
            wanted.append((weight, tag.strip()))
    return [tag for _, tag in sorted(wanted, key=lambda pair: -pair[0])]


@lru_cache(maxsize=256)  # browsers may send anything
def _known(tag: str) -> Locale | None:
    try:
        return Locale.parse(tag.replace("_", "-"), sep="-")
    except (ValueError, UnknownLocaleError):
        return None


@lru_cache(maxsize=256)
def _catalogue(locale: str) -> _gettext.NullTranslations:
    language = locale.replace("_", "-").partition("-")[0]
    if language == SOURCE or language not in languages():
        return _gettext.NullTranslations()
    compiled = BytesIO()
    with (FOLDER / language / "LC_MESSAGES" / "myapp.po").open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return _gettext.GNUTranslations(compiled)


def gettext(text: str) -> str:
    """The text in the language of this task."""
    return _catalogue(_locale.get()).gettext(text)


def ngettext(singular: str, plural: str, count: int) -> str:
    """The form that goes with `count`; the number is not filled in."""
    return _catalogue(_locale.get()).ngettext(singular, plural, count)


def gettext_noop(text: str) -> str:
    """Mark a text for the catalogues; it is translated when it is shown."""
    return text


def format_datetime(value: datetime, style: str = "medium", *, zone: tzinfo = UTC) -> str:
    """`Jan 31, 2026, 5:04:09 PM` in English; `style` is short, medium, long, full or a CLDR pattern."""
    return dates.format_datetime(value, style, tzinfo=zone, locale=_formats())


def format_date(value: date, style: str = "medium") -> str:
    """`Jan 31, 2026` in English."""
    return dates.format_date(value, style, locale=_formats())


def format_decimal(value: Decimal | float) -> str:
    """`1,234.5` in English."""
    return numbers.format_decimal(value, locale=_formats())


def format_percent(share: Decimal | float) -> str:
    """0.25 is `25%`."""
    return numbers.format_percent(share, locale=_formats())


def format_money(amount: Decimal, currency: str) -> str:
    """`$1,234.50` in English; `currency` is an ISO 4217 code, which decides the number of decimals."""
    return numbers.format_currency(amount, currency, locale=_formats())


def _formats() -> Locale:
    return _known(_locale.get()) or Locale(SOURCE)

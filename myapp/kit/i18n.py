"""Texts in the reader's language: `gettext` and `ngettext` in the locale of the running task.

Catalogues are `myapp/locales/<language>/LC_MESSAGES/myapp.mo`. A text that no catalogue has stays as it is written.

    >>> set_locale("en")
    >>> ngettext("one post", "many posts", 2)
    'many posts'
"""

from __future__ import annotations

import gettext as _gettext
from contextvars import ContextVar
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "locales"

_locale: ContextVar[str] = ContextVar("locale", default="en")


def set_locale(locale: str) -> None:
    """Choose the language of this task and of those it starts from now on."""
    _locale.set(locale)


def get_locale() -> str:
    """The language of this task."""
    return _locale.get()


@cache
def _catalogue(locale: str) -> _gettext.NullTranslations:
    return _gettext.translation("myapp", FOLDER, [locale.replace("-", "_")], fallback=True)


def gettext(text: str) -> str:
    """The text in the language of this task."""
    return _catalogue(_locale.get()).gettext(text)


def ngettext(singular: str, plural: str, count: int) -> str:
    """The form that goes with `count`; the number is not filled in."""
    return _catalogue(_locale.get()).ngettext(singular, plural, count)

"""Texts a person reads on a page, in their language.

    t("Publish")                                      a fixed text
    t("By %(name)s", name=post["author"])             with a live value
    tn("%(count)s post", "%(count)s posts", State.n)  with a number that chooses the form

The English text is the key. Babel collects the keys from these calls, and the browser reads the translations from
`/locales/<language>.json`, made from the same catalogues the server uses. Pages are built once in English; the language
is chosen when the page has come to life (profile cookie, then the browser's own), so nothing differs while React takes
the page over. What Phoenix has in `gettext` and `ngettext`; texts the server sends itself use `kit.i18n`.
"""

from __future__ import annotations

import json

import reflex as rx
from babel import Locale

from myapp.kit import i18n
from myapp.web.live.browser import TEXTS, hook_call

type Value = str | int | rx.Var


def languages() -> list[list[str]]:
    """Code and own name of each language there is a catalogue for."""
    return [[code, (Locale(code).get_display_name(code) or code).capitalize()] for code in i18n.languages()]


def t(text: str, **values: Value) -> rx.Var[str]:
    """The text in the reader's language; `%(name)s` in it stands for `values["name"]`."""
    if not values:
        return _expression(f"texts.text({json.dumps(text)})")
    return _expression(f"texts.text({json.dumps(text)}, {_object(values)})", *_vars(values))


def tn(one: str, many: str, count: int | rx.Var[int], **values: Value) -> rx.Var[str]:
    """The form of the text that `count` asks for; `%(count)s` in it is the number as the locale writes it."""
    number = rx.Var.create(count)
    arguments = f"{json.dumps(one)}, {json.dumps(many)}, {number!s}, {_object(values)}"
    return _expression(f"texts.plural({arguments})", number, *_vars(values))


def _expression(code: str, *values: rx.Var) -> rx.Var[str]:
    return hook_call(TEXTS, "useTexts", "texts", code, *values)


def _vars(values: dict[str, Value]) -> list[rx.Var]:
    return [rx.Var.create(value) for value in values.values()]


def _object(values: dict[str, Value]) -> str:
    pairs = (f"{json.dumps(name)}: {rx.Var.create(value)!s}" for name, value in values.items())
    return "({" + ", ".join(pairs) + "})"

"""The Python side of `browser.js`: its hooks and functions as Vars, its components as Reflex components.

Everything here runs without `eval`, so that a strict content security policy can hold.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

import reflex as rx
from reflex.vars import VarData

SCRIPT = rx.asset("browser.js", shared=True).importable_path


def function_call(name: str, *arguments: Any) -> rx.Var[str]:
    """A call of a plain function of `browser.js` on values or Vars."""
    values = [rx.Var.create(argument) for argument in arguments]
    code = f"{name}({', '.join(str(value) for value in values)})"
    return _string(code, VarData(imports={SCRIPT: name}), values)


def hook_call(hook: str, local: str, code: str, *values: rx.Var[Any]) -> rx.Var[str]:
    """JavaScript over what a hook of `browser.js` returns, which is bound to the name `local`."""
    return _string(code, VarData(imports={SCRIPT: hook}, hooks={f"const {local} = {hook}()": None}), values)


def _string(code: str, needs: VarData, values: Iterable[rx.Var[Any]]) -> rx.Var[str]:
    """A text Var that brings along what it and the values inside it need."""
    data = VarData.merge(needs, *(value._get_all_var_data() for value in values))  # noqa: SLF001 - no public way
    return cast("rx.Var[str]", rx.Var(code, _var_type=str, _var_data=data).guess_type())


def initials(name: str | rx.Var[str]) -> rx.Var[str]:
    """The first letters of the first and the last word of a name."""
    return function_call("initials", name)


class BrowserComponent(rx.Component):
    """A React component of `browser.js`."""

    library = SCRIPT


class RelativeTime(BrowserComponent):
    """`<time>` that says "3 minutes ago" in the reader's language and keeps itself up to date."""

    tag = "RelativeTime"

    at: rx.Var[str]
    style_name: rx.Var[str]


class LiveDot(BrowserComponent):
    """Whether the page is connected, reconnecting or offline."""

    tag = "LiveDot"


class Dialog(BrowserComponent):
    """A native modal dialog that is open while the URL's hash names it."""

    tag = "Dialog"

    name: rx.Var[str]
    title: rx.Var[str]
    close_label: rx.Var[str]


class Shortcuts(BrowserComponent):
    """The keyboard: pairs of keys and what they do."""

    tag = "Shortcuts"

    keys: rx.Var[dict[str, str]]


class RouteAnnouncer(BrowserComponent):
    """After a change of page: the focus goes to the page's heading and its title is read out."""

    tag = "RouteAnnouncer"


class Locale(BrowserComponent):
    """Chooses the language once the page lives in a browser, and writes it on `<html lang>`."""

    tag = "Locale"


class Menu(BrowserComponent):
    """A button and the panel it opens: closed by Escape, a press elsewhere, or following a link in it."""

    tag = "Menu"

    name: rx.Var[str]
    label: rx.Var[str]
    face: rx.Var[rx.Component]
    side: rx.Var[str]


class NavLink(BrowserComponent):
    """A link that knows when its page is the one shown (`aria-current`)."""

    library = "react-router"
    tag = "NavLink"

    to: rx.Var[str]
    end: rx.Var[bool]


class Flashes(BrowserComponent):
    """The messages above the page."""

    tag = "Flashes"

    items: rx.Var[list[Any]]
    on_dismiss: rx.EventHandler[lambda flash_id: [flash_id]]


class Pushes(BrowserComponent):
    """Acts on the words that handlers send to the browser."""

    tag = "Pushes"

    items: rx.Var[list[Any]]


class SkipLink(BrowserComponent):
    """The first thing the keyboard reaches: over the navigation, to the page itself."""

    tag = "SkipLink"


class ConnectionNotice(BrowserComponent):
    """Says that the connection is lost when it has been for a few seconds, and that nothing is."""

    tag = "ConnectionNotice"


class LanguageChoice(BrowserComponent):
    """The choice of a language; `languages` are pairs of code and own name."""

    tag = "LanguageChoice"

    languages: rx.Var[list[list[str]]]
    label: rx.Var[str]


class ThemeChoice(BrowserComponent):
    """Light, dark, or what the system says."""

    tag = "ThemeChoice"


class Boundary(BrowserComponent):
    """Shows calm words in place of a page that failed to draw."""

    tag = "Boundary"

"""The browser's own code, in the scripts beside this file: their functions and hooks as Vars, their components as ours.

Everything here runs without `eval`, so that a strict content security policy can hold.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any, cast

import reflex as rx
from reflex.vars import VarData

from myapp.web.live.scripts import linked_scripts

TEXTS, MARKS, DIALOGS, KEYS, FORMS, MESSAGES, FRAME, STREAMS = map(
    linked_scripts(__file__).__getitem__,
    ("texts", "marks", "dialogs", "keys", "forms", "messages", "frame", "streams"),
)
POST_FORM = linked_scripts(__file__)["post_form"]


def function_call(script: str, name: str, *arguments: Any) -> rx.Var[str]:
    """A call of a plain function of a script on values or Vars."""
    values = [rx.Var.create(argument) for argument in arguments]
    code = f"{name}({', '.join(str(value) for value in values)})"
    return _string(code, VarData(imports={script: name}), values)


def hook_call(script: str, hook: str, local: str, code: str, *values: rx.Var[Any]) -> rx.Var[str]:
    """JavaScript over what a hook of a script returns, which is bound to the name `local`."""
    return _string(code, VarData(imports={script: hook}, hooks={f"const {local} = {hook}()": None}), values)


class HookVars:
    """What a hook of a script returns for these arguments, under a name of its own; `var` is one of its fields."""

    def __init__(self, script: str, hook: str, *arguments: Any) -> None:
        values = [rx.Var.create(argument) for argument in arguments]
        code = f"{hook}({', '.join(map(str, values))})"
        self._name = f"{hook}_{hashlib.sha256(code.encode()).hexdigest()[:8]}"
        # The hook reads the arguments, so what they need comes before it.
        needs = _needs_of(values)
        self._data = VarData.merge(
            needs, VarData(imports={script: hook}, hooks={f"const {self._name} = {code}": needs})
        )

    def var(self, path: str, kind: Any) -> Any:
        """A field of it as a Var of this type."""
        return rx.Var(f"{self._name}.{path}", _var_type=kind, _var_data=self._data).guess_type()


def browser_event(script: str, name: str, *arguments: Any) -> rx.event.EventSpec:
    """A call of a script's function by the browser alone, for a trigger such as `on_click`."""
    values = [rx.Var.create(argument) for argument in arguments]
    needs = VarData.merge(VarData(imports={script: name}), _needs_of(values))
    return rx.call_function(rx.Var(f"() => {name}({', '.join(map(str, values))})", _var_data=needs))


def _needs_of(values: Iterable[rx.Var[Any]]) -> VarData | None:
    return VarData.merge(*(value._get_all_var_data() for value in values))  # noqa: SLF001 - no public way


def _string(code: str, needs: VarData, values: Iterable[rx.Var[Any]]) -> rx.Var[str]:
    """A text Var that brings along what it and the values inside it need."""
    data = VarData.merge(needs, _needs_of(values))
    return cast("rx.Var[str]", rx.Var(code, _var_type=str, _var_data=data).guess_type())


def initials(name: str | rx.Var[str]) -> rx.Var[str]:
    """The first letters of the first and the last word of a name."""
    return function_call(MARKS, "initials", name)


class RelativeTime(rx.Component):
    """`<time>` that says "3 minutes ago" in the reader's language and keeps itself up to date."""

    library = MARKS
    tag = "RelativeTime"

    at: rx.Var[str]
    style_name: rx.Var[str]


class LiveDot(rx.Component):
    """Whether the page is connected, reconnecting or offline."""

    library = MARKS
    tag = "LiveDot"


class Dialog(rx.Component):
    """A native modal dialog that is open while the URL's hash names it."""

    library = DIALOGS
    tag = "Dialog"

    name: rx.Var[str]
    title: rx.Var[str]
    close_label: rx.Var[str]


class Shortcuts(rx.Component):
    """The keyboard: pairs of keys and what they do."""

    library = KEYS
    tag = "Shortcuts"

    keys: rx.Var[dict[str, str]]


class RouteAnnouncer(rx.Component):
    """After a change of page: the focus goes to the page's heading and its title is read out."""

    library = KEYS
    tag = "RouteAnnouncer"


class Locale(rx.Component):
    """Chooses the language once the page lives in a browser, and writes it on `<html lang>`."""

    library = TEXTS
    tag = "Locale"


class Menu(rx.Component):
    """A button and the panel it opens: closed by Escape, a press elsewhere, or following a link in it."""

    library = FRAME
    tag = "Menu"

    name: rx.Var[str]
    label: rx.Var[str]
    face: rx.Var[rx.Component]
    side: rx.Var[str]


class NavLink(rx.Component):
    """A link that knows when its page is the one shown (`aria-current`)."""

    library = "react-router"
    tag = "NavLink"

    to: rx.Var[str]
    end: rx.Var[bool]


class Strip(rx.Component):
    """`<ul>` of links that may be wider than the screen: the one to the page that is shown is in sight."""

    library = FRAME
    tag = "Strip"


class Flashes(rx.Component):
    """The messages above the page."""

    library = MESSAGES
    tag = "Flashes"

    items: rx.Var[list[Any]]
    on_dismiss: rx.EventHandler[lambda flash_id: [flash_id]]


class Pushes(rx.Component):
    """Acts on the words that handlers send to the browser."""

    library = MESSAGES
    tag = "Pushes"

    items: rx.Var[list[Any]]


class SkipLink(rx.Component):
    """The first thing the keyboard reaches: over the navigation, to the page itself."""

    library = KEYS
    tag = "SkipLink"


class ConnectionNotice(rx.Component):
    """Says that the connection is lost when it has been for a few seconds, and that nothing is; that a window is one
    too many; or that the session has ended, and leads to `log_in`, from where the way goes back to the page.
    """

    library = MARKS
    tag = "ConnectionNotice"

    log_in: rx.Var[str]


class LanguageChoice(rx.Component):
    """The choice of a language; `languages` are pairs of code and own name."""

    library = TEXTS
    tag = "LanguageChoice"

    languages: rx.Var[list[list[str]]]
    label: rx.Var[str]


class ThemeChoice(rx.Component):
    """Light, dark, or what the system says."""

    library = FRAME
    tag = "ThemeChoice"


class RouteProgress(rx.Component):
    """A line at the top of the window while the next page is being fetched."""

    library = FRAME
    tag = "RouteProgress"


class Boundary(rx.Component):
    """Shows calm words in place of a page that failed to draw."""

    library = FRAME
    tag = "Boundary"


class StreamFrame(rx.Component):
    """Around the rows of a stream: asks for more of them near the ends, and keeps in place what is read."""

    library = STREAMS
    tag = "StreamFrame"

    topic: rx.Var[str]
    descending: rx.Var[bool]
    limit: rx.Var[int]
    endless: rx.Var[bool]
    busy: rx.Var[bool]
    row_ids: rx.Var[str]

"""What is pressed: buttons do something here, links go somewhere.

button(t("Publish"), kind="primary", on_click=PostState.publish, busy=PostState.is_saving)
link_button(t("Write"), routes.write(ShellState.org_slug), icon_name="pen-line")
link(post["title"], routes.post(ShellState.org_slug, post["slug"]))
"""

from __future__ import annotations

from typing import Any, Literal, cast

import reflex as rx
from reflex.event import EventHandler, EventSpec
from reflex_components_core.react_router import ReactRouterLink

from myapp.web.components._types import Child, Flag, Text, classes, is_given
from myapp.web.components.icons import icon

DOUBLE_PRESS = 500  # ms within which a second press is the same one

type Kind = Literal["plain", "primary", "quiet", "danger"]
type Size = Literal["sm", "md"]

_KINDS: dict[str, str] = {
    "plain": "btn-outline border-edge bg-base-100 hover:bg-base-200 hover:text-base-content",
    "primary": "btn-primary",
    "quiet": "btn-ghost",
    "danger": "btn-error",
}


def _look(kind: Kind, size: Size, *, square: bool = False) -> str:
    return classes(
        "btn font-medium shadow-none", _KINDS[kind], "btn-sm" if size == "sm" else "", "btn-square" if square else ""
    )


def button(
    label: Text,
    *,
    kind: Kind = "plain",
    size: Size = "md",
    icon_name: str = "",
    busy: Flag = False,
    busy_label: Text = "",
    disabled: Flag = False,
    type: Literal["button", "submit"] = "button",  # noqa: A002 - the attribute's name
    class_name: str = "",
    **props: Any,
) -> rx.Component:
    """A button that says what it does. While `busy` it cannot be pressed again and shows that it is at work.

    Of a double press the server hears once.
    """
    props = _pressed_once(props)
    mark: list[Child] = [icon(icon_name, size=16)] if icon_name else []
    if busy is False:
        return rx.el.button(
            *mark, label, type=type, disabled=disabled, class_name=classes(_look(kind, size), class_name), **props
        )
    spinner = rx.el.span(class_name="spinner", aria_hidden="true")
    return rx.el.button(
        rx.cond(busy, spinner, rx.fragment(*mark)),
        rx.cond(busy, busy_label, label) if is_given(busy_label) else label,
        type=type,
        disabled=_either(busy, disabled),
        aria_busy=busy,
        class_name=classes(_look(kind, size), class_name),
        **props,
    )


def _pressed_once(props: dict[str, Any]) -> dict[str, Any]:
    """People who press twice mean once: what was done by the first press is not there any more for the second."""
    does: object = props.get("on_click")
    if isinstance(does, EventHandler) or (isinstance(does, EventSpec) and does.handler.state_full_name):
        return {**props, "on_click": does.throttle(DOUBLE_PRESS)}
    return props


def _either(first: Flag, second: Flag) -> rx.Var[bool]:
    return cast("rx.Var[bool]", rx.cond(first, True, second))


def icon_button(
    icon_name: str, label: Text, *, kind: Kind = "quiet", size: Size = "md", class_name: str = "", **props: Any
) -> rx.Component:
    """A square button with only an icon; `label` is its accessible name and its tooltip."""
    return rx.el.button(
        icon(icon_name),
        type="button",
        aria_label=label,
        title=label,
        class_name=classes(_look(kind, size, square=True), class_name),
        **_pressed_once(props),
    )


def plain_link(*children: Child, to: Text, class_name: str = "", **props: Any) -> rx.Component:
    """A link without any look of its own, followed without loading the page again."""
    return ReactRouterLink.create(*children, to=to, class_name=class_name, **props)


def link(label: Child, to: Text, *, class_name: str = "", **props: Any) -> rx.Component:
    """A link inside text: underlined, so that colour is not the only sign."""
    look = "text-primary underline decoration-1 underline-offset-[0.2em] hover:decoration-2"
    return plain_link(label, to=to, class_name=classes(look, class_name), **props)


def link_button(
    label: Text,
    to: Text,
    *,
    kind: Kind = "plain",
    size: Size = "md",
    icon_name: str = "",
    class_name: str = "",
    **props: Any,
) -> rx.Component:
    """A link that looks like a button: for going somewhere, as to the page where one writes."""
    mark: list[Child] = [icon(icon_name, size=16)] if icon_name else []
    return plain_link(*mark, label, to=to, class_name=classes(_look(kind, size), class_name), **props)

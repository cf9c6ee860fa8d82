"""What a page shows when it has nothing to show yet, nothing at all, or something went wrong.

rx.cond(PostsState.is_loaded, _list(), skeleton_cards(5))
empty_state(t("No posts yet"), t("Write the first one: it appears here for everybody."), link_button(…))
error_state(t("The posts did not load"), t("The server did not answer in time."), button(t("Try again"), …))
"""

from __future__ import annotations

from typing import Literal

import reflex as rx

from myapp.web.components._types import Child, Text
from myapp.web.components.icons import icon
from myapp.web.i18n import t


def empty_state(title: Text, text: Text, *actions: Child, icon_name: str = "inbox") -> rx.Component:
    """Nothing here: what that means, and what to do next."""
    return _notice(icon(icon_name, size=28, class_name="text-muted"), title, text, actions, role="status")


def error_state(title: Text, text: Text, *actions: Child) -> rx.Component:
    """What happened, what to do, and a way to try again."""
    return _notice(icon("triangle-alert", size=28, class_name="text-error"), title, text, actions, role="alert")


def _notice(
    mark: Child, title: Text, text: Text, actions: tuple[Child, ...], *, role: Literal["status", "alert"]
) -> rx.Component:
    return rx.el.div(
        mark,
        rx.el.p(title, class_name="text-lg font-semibold"),
        rx.el.p(text, class_name="max-w-prose text-muted"),
        rx.el.div(*actions, class_name="mt-2 flex flex-wrap justify-center gap-2") if actions else rx.fragment(),
        role=role,
        class_name="flex flex-col items-center gap-2 px-4 py-16 text-center",
    )


def skeleton(class_name: str) -> rx.Component:
    """A grey shape where something will stand; give it the final size."""
    return rx.el.div(class_name=f"skeleton rounded-selector {class_name}")


def skeleton_lines(count: int = 4) -> rx.Component:
    """Text on its way. Shown after 150 ms only, so that a quick answer does not flicker."""
    widths = ("w-full", "w-11/12", "w-full", "w-10/12", "w-7/12")
    lines = [skeleton(f"h-4 {widths[index % len(widths)]}") for index in range(count)]
    return _waiting(*lines, class_name="flex flex-col gap-3")


def skeleton_cards(count: int = 4) -> rx.Component:
    """A list on its way."""
    row = rx.el.div(
        skeleton("h-6 w-2/3"),
        skeleton("h-4 w-full"),
        skeleton("h-4 w-1/3"),
        class_name="flex flex-col gap-3 border-b border-line py-6",
    )
    return _waiting(*[row for _ in range(count)])


def _waiting(*children: Child, class_name: str = "") -> rx.Component:
    return rx.el.div(
        rx.el.span(t("Loading"), class_name="sr-only"),
        *children,
        aria_busy="true",
        role="status",
        custom_attrs={"data-waits": ""},
        class_name=class_name,
    )

"""Ways through a list: pages, more, and filters. All of them are links, so the URL says what is shown."""

from __future__ import annotations

from collections.abc import Sequence

import reflex as rx

from myapp.web.components._types import Flag, Text, classes
from myapp.web.components.actions import link_button, plain_link
from myapp.web.i18n import t
from myapp.web.live.browser import Strip


def tabs(items: Sequence[tuple[Text, Text, Flag]], *, label: Text) -> rx.Component:
    """Views of one thing as links: `(text, address, is_current)`. `label` names the group."""
    return rx.el.nav(
        Strip.create(
            *[rx.el.li(_tab(text, to, current), class_name="shrink-0") for text, to, current in items],
            class_name="-mb-px flex gap-5 overflow-x-auto",
        ),
        aria_label=label,
        class_name="border-b border-line",
    )


def _tab(text: Text, to: Text, current: Flag) -> rx.Component:
    look = (
        "block whitespace-nowrap border-b-2 py-2 text-sm font-medium"
        " border-transparent text-muted hover:text-base-content"
        " aria-[current=page]:border-primary aria-[current=page]:text-base-content"
    )
    return plain_link(text, to=to, aria_current=rx.cond(current, "page", "false"), class_name=look)


def page_numbers(
    page: int | rx.Var[int],
    pages: int | rx.Var[int],
    *,
    previous: Text,
    next: Text,  # noqa: A002 - its name
) -> rx.Component:
    """Where in a list of pages the reader is, and the ways on; an empty address leaves its link out."""
    number = rx.Var.create(pages)
    nav = rx.el.nav(
        _step(previous, t("Previous"), "arrow-left"),
        rx.el.p(t("Page %(page)s of %(pages)s", page=page, pages=pages), class_name="text-sm text-muted tabular"),
        _step(next, t("Next"), "arrow-right"),
        aria_label=t("Pages"),
        class_name="flex items-center justify-between gap-4 py-6",
    )
    return rx.cond(number.to(int) > 1, nav)


def _step(to: Text, label: Text, icon_name: str) -> rx.Component:
    return rx.cond(to, link_button(label, to, size="sm", icon_name=icon_name), rx.el.span(class_name="w-24"))


def filter_chip(text: Text, to: Text, *, is_on: Flag, class_name: str = "") -> rx.Component:
    """A filter that is on or off, as a link to the list with or without it."""
    look = (
        "inline-flex items-center rounded-full border border-line px-3 py-1 text-sm text-muted hover:border-edge"
        " aria-[current=true]:border-primary aria-[current=true]:text-primary"
    )
    return plain_link(text, to=to, aria_current=rx.cond(is_on, "true", "false"), class_name=classes(look, class_name))

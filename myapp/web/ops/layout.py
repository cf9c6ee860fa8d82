"""What the operators' pages share: the list of them, at the side or on top, and how parts and figures look."""

from __future__ import annotations

from typing import Any

import reflex as rx

from myapp.kit import routes
from myapp.web.components import icon, plain_link
from myapp.web.components._types import Child, Text
from myapp.web.i18n import t
from myapp.web.layout.headers import page_header
from myapp.web.live.browser import Strip
from myapp.web.ops.browser import Column, live_table
from myapp.web.shell import ShellState


def ops_layout(title: Text, *parts: Child, lead: Child = "") -> rx.Component:
    """One page of the operators', beside the list of all."""
    items = [rx.el.li(_item(*each), class_name="shrink-0") for each in _pages()]
    nav = rx.el.nav(
        Strip.create(*items, class_name="flex gap-1 overflow-x-auto pb-2 lg:flex-col lg:pb-0"),
        aria_label=t("Operations"),
        class_name="mb-6 min-w-0 border-b border-line"
        " lg:sticky lg:top-20 lg:mb-0 lg:w-48 lg:shrink-0 lg:self-start lg:border-0",
    )
    page = rx.el.div(
        page_header(title, lead=lead),
        rx.el.div(*parts, class_name="flex flex-col gap-10"),
        class_name="min-w-0 flex-1",
    )
    return rx.el.div(nav, page, class_name="flex flex-col lg:flex-row lg:gap-10")


def part(title: Text, *children: Child, help: Text = "") -> rx.Component:  # noqa: A002
    """A part of a page, with a heading of its own."""
    heading = rx.el.div(
        rx.el.h2(title, class_name="text-lg"),
        rx.el.p(help, class_name="max-w-reading text-sm text-muted") if not isinstance(help, str) or help else "",
        class_name="mb-3",
    )
    return rx.el.section(heading, *children, class_name="min-w-0")


def table_part(
    title: Text,
    rows: Any,
    *columns: Column,
    order: str,
    empty: Text,
    find: Text = "",
    help: Text = "",  # noqa: A002
) -> rx.Component:
    """A part of a page that is a table, which is called as the part is."""
    return part(title, live_table(rows, *columns, caption=title, order=order, find=find, empty=empty), help=help)


def board_parts(*parts: Child) -> rx.Component:
    """What a board shows, one part below the other."""
    return rx.el.div(*parts, class_name="flex flex-col gap-10")


def figures(*pairs: tuple[Text, Child], is_narrow: bool = False) -> rx.Component:
    """Names with their values, as many in a row as there is room for; two where it is narrow, as in a dialog."""
    look = "grid grid-cols-2 gap-x-6" + ("" if is_narrow else " sm:grid-cols-3 xl:grid-cols-4")
    return rx.el.dl(
        *[
            rx.el.div(
                rx.el.dt(name, class_name="text-xs text-muted"),
                rx.el.dd(value, class_name="text-sm font-medium wrap-anywhere"),
                class_name="border-t border-line py-2",
            )
            for name, value in pairs
        ],
        class_name=look,
    )


def silent_notice(text: Text, names: Text, class_name: str = "") -> rx.Component:
    """Which processes did not answer, where there are any; `text` says what is missing for it."""
    notice = rx.fragment(
        icon("triangle-alert", size=16, class_name="mt-0.5 shrink-0 text-warning"),
        rx.el.span(text, " ", rx.el.span(names, class_name="font-mono text-xs wrap-anywhere")),
    )
    return rx.el.p(rx.cond(names, notice), role="status", class_name=f"flex gap-2 text-sm empty:hidden {class_name}")


def _pages() -> list[tuple[Text, str, str]]:
    return [
        (t("Overview"), routes.ops(), "gauge"),
        (t("The last hour"), routes.ops_metrics(), "chart-line"),
        (t("Database"), routes.ops_database(), "database"),
        (t("Jobs"), routes.ops_jobs(), "list-checks"),
        (t("What runs"), routes.ops_processes(), "network"),
        (t("Caches and services"), routes.ops_stores(), "archive"),
        (t("Errors and log"), routes.ops_logs(), "bug"),
        (t("Audit trail"), routes.ops_audit(), "scroll-text"),
        (t("All people"), routes.users(), "users"),
    ]


def _item(text: Text, to: str, icon_name: str) -> rx.Component:
    # Asked of the state: these pages are built as files, and React takes over the attributes they were built with.
    current = rx.cond(ShellState.path == to, "page", "false")
    return plain_link(
        icon(icon_name, size=16), text, to=to, aria_current=current, class_name="rail-item whitespace-nowrap"
    )

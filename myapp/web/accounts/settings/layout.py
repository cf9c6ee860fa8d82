"""What all settings share: the list of them, at the side or, on a phone, on top; and how a part of a page looks."""

from __future__ import annotations

import reflex as rx

from myapp.kit import routes
from myapp.web.components import icon, plain_link
from myapp.web.components._types import Child, Text
from myapp.web.i18n import t
from myapp.web.layout.headers import page_header
from myapp.web.live.browser import Strip
from myapp.web.shell import ShellState

FORM = "flex flex-col gap-5"


def settings_layout(title: Text, *parts: Child, lead: Child = "") -> rx.Component:
    """One page of the settings, beside the list of all."""
    items = [rx.el.li(_item(*each), class_name="shrink-0") for each in _pages()]
    nav = rx.el.nav(
        Strip.create(*items, class_name="flex gap-1 overflow-x-auto pb-2 md:flex-col md:pb-0"),
        aria_label=t("Your settings"),
        class_name="mb-6 min-w-0 border-b border-line md:mb-0 md:w-52 md:shrink-0 md:border-0",
    )
    page = rx.el.div(
        page_header(title, lead=lead),
        rx.el.div(*parts, class_name="flex flex-col gap-10"),
        class_name="min-w-0 max-w-column flex-1",
    )
    return rx.el.div(nav, page, class_name="mx-auto flex max-w-5xl flex-col md:flex-row md:gap-10")


def section(title: Text, *children: Child, help: Child = "", danger: bool = False) -> rx.Component:  # noqa: A002
    """A part of a page, with a heading of its own."""
    heading = rx.el.div(
        rx.el.h2(title, class_name="text-lg"),
        rx.el.p(help, class_name="text-muted") if not isinstance(help, str) or help else rx.fragment(),
        class_name="flex flex-col gap-0.5",
    )
    look = "flex flex-col gap-4" + (" rounded-box border border-error/40 p-4 sm:p-5" if danger else "")
    return rx.el.section(heading, *children, class_name=look)


def _pages() -> list[tuple[Text, str, str]]:
    return [
        (t("Profile"), routes.settings(), "user-round"),
        (t("Address and password"), routes.account_settings(), "mail"),
        (t("Where you are logged in"), routes.session_settings(), "monitor-smartphone"),
        (t("Notifications"), routes.notification_settings(), "bell"),
        (t("API keys"), routes.api_key_settings(), "key-round"),
        (t("Your data"), routes.data_settings(), "archive"),
    ]


def _item(text: Text, to: str, icon_name: str) -> rx.Component:
    # Asked of the state: these pages are built as files, and React takes over the attributes they were built with.
    current = rx.cond(ShellState.path == to, "page", "false")
    face = icon(icon_name, size=16)
    return plain_link(face, text, to=to, aria_current=current, class_name="rail-item whitespace-nowrap")

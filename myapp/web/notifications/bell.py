"""The bell in the bar on top: how much is unread, and the newest of it behind a press."""

from __future__ import annotations

import reflex as rx

from myapp.kit import routes
from myapp.web.components import button, icon, plain_link
from myapp.web.components._types import as_item
from myapp.web.i18n import t, tn
from myapp.web.live.browser import Menu
from myapp.web.notifications.browser import Told, read_all
from myapp.web.notifications.items import notification, sentence
from myapp.web.shell import ShellState

_MANY = 99
_SEE_ALL = "menu-item sticky -bottom-1.5 -mb-1.5 justify-center border-t border-line bg-base-100 font-medium"


def bell() -> rx.Component:
    """For people, not for visitors."""
    return rx.cond(ShellState.is_person, _bell(), rx.fragment())


@rx.memo
def _bell() -> rx.Component:
    told = Told()
    name = rx.cond(
        told.unread > 0,
        tn("Notifications, %(count)s unread", "Notifications, %(count)s unread", told.unread),
        t("Notifications"),
    )
    return rx.el.div(
        rx.el.p(
            rx.cond(told.news_kind == "added", sentence(as_item(told.news_row)), ""),
            aria_live="polite",
            class_name="sr-only",
        ),
        Menu.create(_panel(), name="bell", label=name, face=_face(), side="right"),
    )


@rx.memo
def _face() -> rx.Component:
    told = Told()
    unread = told.unread
    count = rx.el.span(
        rx.cond(unread > _MANY, f"{_MANY}+", unread.to_string()),
        custom_attrs={"data-unread-count": unread.to_string()},
        class_name="absolute start-2.5 -top-1.5 grid h-4 min-w-4 place-items-center rounded-full bg-primary px-1 "
        "text-[0.625rem] font-semibold leading-none text-primary-content tabular",
    )
    return rx.el.span(
        icon("bell", size=20),
        rx.cond(unread > 0, count),
        custom_attrs={"data-told": told.phase},
        aria_hidden="true",
        class_name="relative inline-flex",
    )


@rx.memo
def _panel() -> rx.Component:
    told = Told()
    rows = rx.el.ol(rx.foreach(told.rows, lambda row: rx.el.li(notification(entry=row), key=row["id"])), role="list")
    nothing = rx.el.p(
        t("Mentions, replies and comments on your posts appear here."), class_name="px-3 py-6 text-sm text-muted"
    )
    return rx.el.div(
        rx.el.div(
            rx.el.p(t("Notifications"), class_name="font-semibold"),
            rx.cond(told.unread > 0, button(t("Mark all as read"), kind="quiet", size="sm", on_click=read_all())),
            class_name="flex min-h-10 items-center justify-between gap-3 px-3",
        ),
        rx.cond(told.rows.length() > 0, rows, nothing),
        plain_link(t("See all"), to=routes.notifications(), class_name=_SEE_ALL),
        class_name="w-96 max-w-full",
    )

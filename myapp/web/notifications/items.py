"""One notification, drawn: in the panel under the bell and on the page of all of them."""

from __future__ import annotations

from typing import Any

import reflex as rx

from myapp.web.components import Item, as_item, icon, plain_link, relative_time
from myapp.web.i18n import t
from myapp.web.notifications.browser import StreamedNotification, visit_place

_ICONS = {
    "chat.mention": "at-sign",
    "comment.mention": "at-sign",
    "comment.reply": "reply",
    "post.comment": "message-square",
    "import.done": "circle-check",
    "import.failed": "circle-alert",
    "export.done": "circle-check",
    "export.failed": "circle-alert",
}


def sentence(row: Item) -> Any:
    """What happened, in the reader's language."""
    actor = rx.cond(row["actor"], row["actor"], t("Somebody"))
    place = row["place"]
    return rx.match(
        row["kind"],
        ("chat.mention", t("%(name)s mentioned you in %(place)s", name=actor, place=place)),
        ("comment.mention", t("%(name)s mentioned you under “%(place)s”", name=actor, place=place)),
        ("comment.reply", t("%(name)s replied to you under “%(place)s”", name=actor, place=place)),
        ("post.comment", t("%(name)s commented on “%(place)s”", name=actor, place=place)),
        ("import.done", t("The import of %(place)s is done", place=place)),
        ("import.failed", t("The import of %(place)s has failed", place=place)),
        ("export.done", t("Your export of %(place)s is ready", place=place)),
        ("export.failed", t("Your export of %(place)s has failed", place=place)),
        "",
    )


@rx.memo
def notification(*, entry: rx.Var[StreamedNotification]) -> rx.Component:
    """A link to the place, with a dot where it is unread."""
    row = as_item(entry)
    signs = [(kind, icon(name, size=18)) for kind, name in _ICONS.items()]
    return plain_link(
        rx.el.span(rx.match(row["kind"], *signs, icon("bell", size=18)), class_name="mt-0.5 text-muted"),
        rx.el.span(
            rx.el.span(
                sentence(row),
                dir="auto",
                class_name=rx.cond(row["is_read"], "block wrap-anywhere", "block font-semibold wrap-anywhere"),
            ),
            rx.cond(
                row["excerpt"],
                rx.el.span(row["excerpt"], dir="auto", class_name="line-clamp-2 text-sm text-muted wrap-anywhere"),
            ),
            rx.el.span(
                rx.el.span(row["org"], dir="auto"), " · ", relative_time(row["at"]), class_name="text-xs text-muted"
            ),
            class_name="flex min-w-0 flex-1 flex-col gap-0.5",
        ),
        rx.cond(
            row["is_read"],
            rx.fragment(),
            rx.el.span(
                rx.el.span(t("Unread"), class_name="sr-only"),
                class_name="mt-2 size-2 shrink-0 rounded-full bg-primary",
            ),
        ),
        to=row["url"],
        on_click=visit_place(row["place_id"]),
        class_name="flex items-start gap-3 rounded-field px-3 py-3 text-sm leading-5 hover:bg-base-200",
    )

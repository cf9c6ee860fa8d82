"""The page of everything the person is told of, in all organisations."""

from __future__ import annotations

from typing import Any

import reflex as rx

from myapp.kit import routes
from myapp.web.components import Item, button, empty_state, link_button, skeleton_cards
from myapp.web.i18n import t, tn
from myapp.web.layout.headers import page_header
from myapp.web.live.stream import stream
from myapp.web.notifications.browser import StreamedNotification, Told, read_all, stream_topic
from myapp.web.notifications.items import notification, sentence


def notifications_page() -> rx.Component:
    """The newest first, older ones as the reader comes to them."""
    return rx.el.div(
        page_header(
            t("Notifications"),
            _mark_all(),
            link_button(t("By mail"), routes.notification_settings(), size="sm", icon_name="mail"),
            lead=t("Mentions, replies, comments on your posts, and imports and exports that have ended."),
        ),
        stream(
            stream_topic(),
            item=lambda row: notification(entry=row),
            rows=list[StreamedNotification],
            loading=skeleton_cards(4),
            empty=empty_state(
                t("Nothing yet"),
                t("When somebody mentions you, answers you or comments on a post of yours, it appears here at once."),
                icon_name="bell",
            ),
            end=rx.el.p(t("That is all."), class_name="py-6 text-center text-sm text-muted"),
            news=_news,
            pill=lambda count: tn("%(count)s new", "%(count)s new", count),
            id="notifications",
        ),
        class_name="mx-auto max-w-column",
    )


@rx.memo
def _mark_all() -> rx.Component:
    """Only where there is something to mark."""
    shown = Told().unread > 0
    return rx.cond(shown, button(t("Mark all as read"), size="sm", icon_name="check-check", on_click=read_all()))


def _news(kind: rx.Var[str], row: Item) -> Any:
    return rx.match(kind, ("added", sentence(row)), "")

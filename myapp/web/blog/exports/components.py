"""Taking all posts away: the button, how far the file is, and where it is fetched."""

from __future__ import annotations

import reflex as rx

from myapp.web.blog.exports.state import ExportsState
from myapp.web.components import Item, badge, button, card, icon, plain_link, progress_bar, relative_time
from myapp.web.i18n import t
from myapp.web.live.file_size import FileSize


def exports_card() -> rx.Component:
    """What stands on the page of imports and exports, for who may export."""
    return card(
        rx.el.h2(t("Take posts out"), class_name="mb-1 text-lg"),
        rx.el.p(
            t(
                "Every post as a Markdown file with front matter, in one .zip. It is made beside what else goes on: you"
                " can leave this page, and are told when it is ready."
            ),
            class_name="mb-4 text-muted",
        ),
        button(
            t("Export all posts"),
            icon_name="archive",
            busy=ExportsState.is_being_made,
            busy_label=t("Export is under way"),
            on_click=ExportsState.start,
        ),
        rx.cond(
            ExportsState.exports,
            rx.el.ol(
                rx.foreach(ExportsState.exports, _entry),
                aria_label=t("Exports of the last seven days"),
                class_name="mt-4 divide-y divide-line border-t border-line",
            ),
            rx.el.p(
                t("Nothing was exported in the last seven days. The file of your next export will be offered here."),
                class_name="mt-4 border-t border-line pt-4 text-sm text-muted",
            ),
        ),
    )


def _entry(one: Item) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            _status(one),
            relative_time(one["at"], class_name="text-sm text-muted"),
            class_name="flex flex-wrap items-baseline gap-x-3 gap-y-1",
        ),
        rx.match(
            one["status"],
            ("queued", _way_out(one)),
            ("running", rx.fragment(_progress(one), _way_out(one))),
            ("done", _file(one)),
            ("failed", rx.el.p(one["failure"], class_name="text-error")),
            rx.fragment(),
        ),
        key=one["id"],
        class_name="flex flex-col gap-2 py-4 last:pb-0",
    )


def _status(one: Item) -> rx.Component:
    return rx.fragment(
        rx.match(
            one["status"],
            ("queued", badge(t("Waiting"), icon_name="clock")),
            ("running", badge(t("Running"), tone="live", icon_name="loader")),
            ("done", badge(t("Ready"), tone="success", icon_name="check")),
            ("failed", badge(t("Failed"), tone="error", icon_name="x")),
            badge(t("Called off"), icon_name="ban"),
        )
    )


def _progress(one: Item) -> rx.Component:
    return rx.el.div(
        progress_bar(one["done"], one["total"], label=t("Export")),
        rx.el.span(
            t("%(done)s of %(total)s", done=one["done"], total=one["total"]),
            class_name="shrink-0 text-sm tabular text-muted",
        ),
        class_name="flex items-center gap-3",
    )


def _way_out(one: Item) -> rx.Component:
    return button(
        t("Call it off"), size="sm", icon_name="x", on_click=ExportsState.cancel(one["id"]), class_name="w-fit"
    )


def _file(one: Item) -> rx.Component:
    link = plain_link(  # past the router, which would look for a page there
        icon("download", size=16),
        t("Download"),
        FileSize.create(bytes=one["size"], class_name="tabular font-normal"),
        to=one["url"],
        reload_document=True,
        download=True,
        class_name="btn btn-primary btn-sm w-fit font-medium shadow-none",
    )
    until = rx.el.span(t("It is deleted"), " ", relative_time(one["expires_at"]), class_name="text-sm text-muted")
    return rx.el.div(link, until, class_name="flex flex-wrap items-center gap-x-3 gap-y-1")

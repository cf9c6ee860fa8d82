"""What a post brings along, to be saved."""

from __future__ import annotations

import reflex as rx

from myapp.web.blog.post.state import PostState
from myapp.web.components import Item, icon, plain_link
from myapp.web.i18n import t
from myapp.web.live.file_size import FileSize


def attachments() -> rx.Component:
    """Nothing for a post without any."""
    return rx.cond(
        PostState.attachments,
        rx.el.section(
            rx.el.h2(t("Attachments"), class_name="text-sm font-medium text-muted"),
            rx.el.ul(
                rx.foreach(PostState.attachments, _attachment),
                class_name="divide-y divide-line rounded-box border border-line",
            ),
            class_name="flex flex-col gap-2",
        ),
    )


def _attachment(file: Item) -> rx.Component:
    return rx.el.li(
        plain_link(  # past the router, which would look for a page there
            icon("paperclip", size=16, class_name="text-muted"),
            rx.el.span(file["filename"], dir="auto", class_name="min-w-0 flex-1 truncate"),
            FileSize.create(bytes=file["size"], class_name="shrink-0 tabular text-muted"),
            to=file["url"],
            reload_document=True,
            download=file["filename"],
            class_name="flex items-center gap-3 px-3 py-2 text-sm hover:bg-base-200",
        ),
        key=file["id"],
    )

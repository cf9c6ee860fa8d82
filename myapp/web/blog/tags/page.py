"""The page of all tags, and the page of one."""

from __future__ import annotations

from typing import Any

import reflex as rx

from myapp.kit import routes
from myapp.web.blog.post_stream import post_stream
from myapp.web.blog.tag_streams import TagRow
from myapp.web.blog.tags.state import TagsState, TagState
from myapp.web.components import Item, as_item, empty_state, link, plain_link, skeleton_cards, skeleton_lines
from myapp.web.i18n import t, tn
from myapp.web.live.arrival import arrived
from myapp.web.live.stream import StreamRow, stream
from myapp.web.shell import ShellState


def tags_page() -> rx.Component:
    """Every tag with its number of posts."""
    return rx.el.div(
        rx.el.h1(t("Tags"), class_name="text-xl"),
        rx.cond(
            arrived(TagsState.path),
            stream(
                TagsState.topic,
                item=lambda each: _tag(entry=each),
                rows=list[StreamedTag],
                loading=skeleton_lines(8),
                empty=empty_state(
                    t("No tags yet"), t("A tag appears here with the first published post under it."), icon_name="tag"
                ),
                news=_news,
                descending=False,
                id="tags",
                class_name="grid gap-x-8 *:min-w-0 *:border-b *:border-line sm:grid-cols-2",
            ),
            skeleton_lines(8),
        ),
        class_name="mx-auto flex max-w-column flex-col gap-6",
    )


class StreamedTag(TagRow, StreamRow):
    """A row of it."""


@rx.memo
def _tag(*, entry: rx.Var[StreamedTag]) -> rx.Component:
    row = as_item(entry)
    return plain_link(
        rx.el.span(row["name"], dir="auto", class_name="min-w-0 truncate font-medium group-hover:underline"),
        rx.el.span(
            tn("%(count)s post", "%(count)s posts", row["count"]), class_name="shrink-0 text-sm text-muted tabular"
        ),
        to=row["url"],
        class_name="group flex items-baseline justify-between gap-3 py-3",
    )


def _news(kind: rx.Var[str], tag: Item) -> Any:
    return rx.match(kind, ("added", t("New tag: %(name)s", name=tag["name"])), "")


def tag_page() -> rx.Component:
    """The posts under one tag."""
    return rx.cond(
        arrived(TagState.path),
        rx.el.div(
            rx.el.header(
                rx.el.p(link(t("Tags"), routes.tags(ShellState.org_slug)), class_name="text-sm"),
                rx.el.div(
                    rx.el.h1(TagState.name, dir="auto", class_name="text-xl"),
                    rx.el.p(tn("%(count)s post", "%(count)s posts", TagState.count), class_name="text-sm text-muted"),
                    class_name="flex flex-wrap items-baseline gap-3",
                ),
                class_name="flex flex-col gap-1",
            ),
            post_stream(
                TagState.topic,
                empty=empty_state(
                    t("Nothing under this tag any more"), t("New posts with it appear here by themselves.")
                ),
            ),
            class_name="mx-auto flex max-w-column flex-col gap-4",
        ),
        rx.el.div(skeleton_cards(4), class_name="mx-auto max-w-column"),
    )

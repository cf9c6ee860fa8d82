"""A list that the browser keeps and a channel feeds: no row of it passes through a state.

    stream(
        PostsState.topic,                                  # "" until it is known
        item=lambda post: post_card(post),                 # drawn by the browser for each row
        rows=list[StreamedPost],
        loading=skeleton_cards(5),
        empty=empty_state(t("No posts yet"), …),
        news=lambda kind, post: rx.match(kind, ("added", t("New post: %(title)s", title=post["title"])), …),
        pill=lambda count: tn("%(count)s new post", "%(count)s new posts", count),
    )

Rows come in where their order puts them, move, and go, each with a short transition for those who like motion. What
happens above the reader does not move what they read: it is counted on the pill, which leads to the top. Further pages
come as their reader gets near the end of those that are there. After a lost connection only what was missed comes.

A script shows a row before the server has it by `submitRow` of streams.js: it looks pending until it comes back, or
failed, with a way to try again. What Phoenix.LiveView has in `stream/4` and `phx-update="stream"`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypedDict, cast

import reflex as rx

from myapp.web.components import Item, as_item, button
from myapp.web.i18n import t
from myapp.web.live.browser import STREAMS, HookVars, StreamFrame, browser_event

LIMIT = 500  # rows that a page draws; those beyond come back as their reader does
LIST_ID = "stream"

type News = Callable[[rx.Var[str], Item], Any]


class StreamRow(TypedDict):
    """What the browser adds to each row; `sort` and `version` are the server's."""

    id: str
    sort: list[str | int]
    version: int
    is_changed: bool
    is_leaving: bool
    is_pending: bool
    is_failed: bool


class Shown(HookVars):
    """What `useStream` returns, as Vars. `rows` is their type."""

    def __init__(self, address: rx.Var[str], rows: Any, *, descending: rx.Var[bool], limit: int) -> None:
        super().__init__(STREAMS, "useStream", address, descending, limit)
        self.rows = self.var("rows", rows)
        self.phase = self.var("phase", str)
        self.fresh = self.var("fresh", int)
        self.has_more = self.var("has_more", bool)
        self.news_kind = self.var("news.kind", str)
        self.news_row = self.var("news.row", dict[str, Any])


def stream(
    topic: str | rx.Var[str],
    item: Callable[[Item], rx.Component],
    *,
    rows: Any,
    loading: rx.Component,
    empty: rx.Component,
    refused: rx.Component | None = None,
    end: rx.Component | None = None,
    news: News | None = None,
    pill: Callable[[rx.Var[int]], Any] | None = None,
    descending: bool | rx.Var[bool] = True,
    limit: int = LIMIT,
    endless: bool = True,
    row_ids: str = "",
    id: str = LIST_ID,  # noqa: A002 - what HTML calls it
    class_name: str = "divide-y divide-line",
) -> rx.Component:
    """The rows of a topic, each drawn by `item`; `rows` is their type, a list of a TypedDict with `StreamRow`.

    `topic` may carry a query (`topics.narrowed`); when it changes, the rows before stay until the new ones are there.
    A list that is not `endless` shows the first `limit` rows and no more. Where `item` draws something with an id of
    its own, such as `comment-7`, and `row_ids` is what stands before the row's, an address with that hash leads there.
    """
    address, is_descending = _var(topic), _var(descending)
    shown = Shown(address, rows, descending=is_descending, limit=limit)
    listed = rx.el.ol(
        rx.foreach(shown.rows, lambda row: _row(address, as_item(row), item)), role="list", class_name=class_name
    )
    body = rx.cond(shown.rows.length() > 0, rx.fragment(listed, _at_end(shown, end)), empty)
    return StreamFrame.create(
        _said(shown, news),
        _pill(address, shown, pill, id),
        rx.match(shown.phase, ("ready", "changing", body), ("refused", refused or empty), loading),
        topic=address,
        descending=is_descending,
        limit=limit,
        endless=endless,
        row_ids=row_ids,
        busy=(shown.phase == "loading") | (shown.phase == "changing"),
        id=id,
        class_name="scroll-mt-24",
    )


def _var[T](value: T | rx.Var[T]) -> rx.Var[T]:
    return cast("rx.Var[T]", rx.Var.create(value))


def _row(topic: rx.Var[str], row: Item, item: Callable[[Item], rx.Component]) -> rx.Component:
    look = rx.match(
        True,
        (row["is_leaving"].bool(), "animate-leave"),
        (row["is_pending"].bool(), "opacity-60"),
        (row["is_changed"].bool(), "animate-tint"),
        "",
    )
    return rx.el.li(
        item(row),
        rx.cond(row["is_failed"], _failed(topic, row)),
        key=row["id"],
        custom_attrs={"data-row": row["id"]},
        aria_busy=row["is_pending"].bool(),
        class_name=look,
    )


def _failed(topic: rx.Var[str], row: Item) -> rx.Component:
    return rx.el.div(
        rx.el.span(t("This was not sent."), class_name="text-error"),
        button(t("Try again"), size="sm", on_click=browser_event(STREAMS, "retryRow", topic, row["id"])),
        button(t("Discard"), size="sm", on_click=browser_event(STREAMS, "discardRow", topic, row["id"])),
        role="alert",
        class_name="flex flex-wrap items-center gap-2 text-sm",
    )


def _said(shown: Shown, news: News | None) -> rx.Component:
    """For those who can't see it: what has just happened."""
    words = news(shown.news_kind, as_item(shown.news_row)) if news else ""
    return rx.el.p(words, aria_live="polite", class_name="sr-only")


def _pill(topic: rx.Var[str], shown: Shown, pill: Callable[[rx.Var[int]], Any] | None, list_id: str) -> rx.Component:
    """Waits at the top of the window while the reader is further down."""
    if pill is None:
        return rx.fragment()
    to_head = button(
        pill(shown.fresh),
        kind="primary",
        size="sm",
        icon_name="arrow-up",
        on_click=browser_event(STREAMS, "showHead", topic, list_id),
        class_name="rounded-full shadow-md animate-slide-in",
    )
    return rx.cond(shown.fresh > 0, rx.el.div(to_head, class_name="sticky top-20 z-10 flex h-0 justify-center"))


def _at_end(shown: Shown, end: rx.Component | None) -> rx.Component:
    return rx.fragment() if end is None else rx.cond(shown.has_more, rx.fragment(), end)

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

`submit_row` shows a row before the server has it; it looks pending until it comes back, or failed, with a way to try
again. What Phoenix.LiveView has in `stream/4` and `phx-update="stream"`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, Literal, TypedDict, cast

import reflex as rx
from reflex.vars import VarData

from myapp.web.components import Item, as_item, button
from myapp.web.i18n import t
from myapp.web.live.browser import STREAMS, StreamFrame

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


class Shown:
    """What `useStream` returns, as Vars: for what draws rows in its own way. `rows` is their type."""

    def __init__(
        self, address: str | rx.Var[str], rows: Any, *, descending: bool | rx.Var[bool] = True, limit: int = LIMIT
    ) -> None:
        topic, descending = _var(address), _var(descending)
        arguments = f"{topic!s}, {descending!s}, {limit}"
        self._name = "stream_" + hashlib.sha256(arguments.encode()).hexdigest()[:8]
        hook = f"const {self._name} = useStream({arguments})"
        # The hook reads the topic, so what the topic needs comes before it.
        needs = VarData.merge(*(value._get_all_var_data() for value in (topic, descending)))  # noqa: SLF001 - no public way
        self._data = VarData.merge(needs, VarData(imports={STREAMS: "useStream"}, hooks={hook: needs}))
        self.rows = self._var("rows", rows)
        self.phase = self._var("phase", str)
        self.fresh = self._var("fresh", int)
        self.has_more = self._var("has_more", bool)
        self.news_kind = self._var("news.kind", str)
        self.news_row = self._var("news.row", dict[str, Any])

    def _var(self, path: str, kind: Any) -> Any:
        return rx.Var(f"{self._name}.{path}", _var_type=kind, _var_data=self._data).guess_type()


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
    id: str = LIST_ID,  # noqa: A002 - what HTML calls it
    class_name: str = "divide-y divide-line",
) -> rx.Component:
    """The rows of a topic, each drawn by `item`; `rows` is their type, a list of a TypedDict with `StreamRow`.

    `topic` may carry a query (`topics.narrowed`); when it changes, the rows before stay until the new ones are there.
    A list that is not `endless` shows the first `limit` rows and no more.
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
        button(t("Try again"), size="sm", on_click=_called("retryRow", topic, row["id"])),
        button(t("Discard"), size="sm", on_click=_called("discardRow", topic, row["id"])),
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
        on_click=_called("showHead", topic, list_id),
        class_name="rounded-full shadow-md animate-slide-in",
    )
    return rx.cond(shown.fresh > 0, rx.el.div(to_head, class_name="sticky top-20 z-10 flex h-0 justify-center"))


def _at_end(shown: Shown, end: rx.Component | None) -> rx.Component:
    return rx.fragment() if end is None else rx.cond(shown.has_more, rx.fragment(), end)


def submit_row(
    topic: rx.Var[str],
    event: str,
    payload: Mapping[str, Any] | rx.Var[Any],
    row: Mapping[str, Any] | rx.Var[Any],
    *,
    at: Literal["head", "tail"] = "head",
) -> rx.event.EventSpec:
    """Push `event` to the topic, and show `row` (with an `id` of the browser's own) until its answer's `id` comes."""
    return _called("submitRow", topic, event, payload, row, at)


def _called(name: str, *arguments: Any) -> rx.event.EventSpec:
    """A call of one of the script's functions, by the browser alone."""
    values = [rx.Var.create(argument) for argument in arguments]
    needs = VarData.merge(
        VarData(imports={STREAMS: name}),
        *(value._get_all_var_data() for value in values),  # noqa: SLF001 - no public way
    )
    return rx.call_function(rx.Var(f"() => {name}({', '.join(map(str, values))})", _var_data=needs))

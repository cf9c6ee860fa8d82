"""A list of posts that the browser keeps: for every page that lists posts.

post_stream(PostsState.topic, descending=PostsState.is_descending, empty=…)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import reflex as rx

from myapp.web.blog.post_list import news_words, post_card
from myapp.web.blog.rows import PostRow
from myapp.web.components import as_item, skeleton_cards
from myapp.web.i18n import t, tn
from myapp.web.live.stream import StreamRow, stream

LIST_ID = "posts"

type Look = Literal["h2", "h3", "of organizations"]


class StreamedPost(PostRow, StreamRow):
    """A row of it."""


def post_stream(
    topic: str | rx.Var[str],
    *,
    empty: rx.Component,
    look: Look = "h2",
    descending: bool | rx.Var[bool] = True,
    only: int = 0,
) -> rx.Component:
    """The posts of a topic, with more of them as their reader comes to them, or `only` the first few.

    `look` is the heading of a row, or says that rows name their organisation, too.
    """
    length: dict[str, Any] = {"limit": only, "endless": False} if only else {"end": no_more_posts()}
    return posts_by(_ROWS[look], topic, empty=empty, loading=skeleton_cards(4), descending=descending, **length)


def posts_by(
    row: Callable[..., rx.Component],
    topic: str | rx.Var[str],
    *,
    id: str = LIST_ID,  # noqa: A002 - what HTML calls it
    **options: Any,
) -> rx.Component:
    """A stream of posts, each drawn by the memo `row`."""
    return stream(
        topic,
        item=lambda post: row(post=post),
        rows=list[StreamedPost],
        news=lambda kind, post: news_words(kind, post["title"]),
        pill=lambda count: tn("%(count)s new post", "%(count)s new posts", count),
        id=id,
        **options,
    )


def no_more_posts() -> rx.Component:
    """What stands at the end of them."""
    return rx.el.p(t("No more posts"), role="status", class_name="py-6 text-center text-sm text-muted")


@rx.memo
def _row_h2(*, post: rx.Var[StreamedPost]) -> rx.Component:
    return _row(post_card(as_item(post), rx.el.h2))


@rx.memo
def _row_h3(*, post: rx.Var[StreamedPost]) -> rx.Component:
    return _row(post_card(as_item(post), rx.el.h3))


@rx.memo
def _row_of_organizations(*, post: rx.Var[StreamedPost]) -> rx.Component:
    return _row(post_card(as_item(post), rx.el.h3, with_organization=True))


def _row(card: rx.Component) -> rx.Component:
    return rx.el.div(card, class_name="py-6")


_ROWS: dict[Look, Callable[..., rx.Component]] = {
    "h2": _row_h2,
    "h3": _row_h3,
    "of organizations": _row_of_organizations,
}

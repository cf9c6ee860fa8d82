"""A list of posts that the browser keeps: for lists that are the same for everybody who may see them.

post_stream(rx.Var.create("stream:posts"), empty=…)
"""

from __future__ import annotations

import reflex as rx

from myapp.web.blog.post_list import news_words, post_card
from myapp.web.blog.rows import PostRow
from myapp.web.components import Item, as_item, skeleton_cards
from myapp.web.i18n import t, tn
from myapp.web.live.stream import StreamRow, stream


class StreamedPost(PostRow, StreamRow):
    """A row of it."""


def post_stream(topic: rx.Var[str], *, empty: rx.Component) -> rx.Component:
    """The newest posts of all organisations, with older ones as their reader comes to them."""
    return stream(
        topic,
        item=_card,
        rows=list[StreamedPost],
        loading=skeleton_cards(4),
        empty=empty,
        end=rx.el.p(t("No more posts"), role="status", class_name="py-6 text-center text-sm text-muted"),
        news=lambda kind, post: news_words(kind, post["title"]),
        pill=lambda count: tn("%(count)s new post", "%(count)s new posts", count),
        id="posts",
    )


def _card(post: Item) -> rx.Component:
    return rx.el.div(_card_of_organizations(post=post), class_name="py-6")


@rx.memo
def _card_of_organizations(*, post: rx.Var[StreamedPost]) -> rx.Component:
    return post_card(as_item(post), rx.el.h3, with_organization=True)

"""Search: a field, and what was found."""

from __future__ import annotations

import reflex as rx

from myapp.web.blog.post_stream import no_more_posts
from myapp.web.blog.search.state import SearchState
from myapp.web.blog.search.stream import HitRow
from myapp.web.components import (
    Item,
    as_item,
    empty_state,
    plain_link,
    relative_time,
    safe_inline_html,
    search_field,
    skeleton_cards,
)
from myapp.web.i18n import t, tn
from myapp.web.live.arrival import arrived
from myapp.web.live.forms import query_form
from myapp.web.live.stream import StreamRow, stream


class StreamedHit(HitRow, StreamRow):
    """A row of what was found."""


def search_page() -> rx.Component:
    """Answers while one types."""
    return rx.el.div(
        rx.el.h1(t("Search"), class_name="text-xl"),
        query_form(_field(), label=t("Search posts")),
        rx.el.p(_summary(), role="status", class_name="text-sm text-muted"),
        rx.cond(arrived(SearchState.path), rx.cond(SearchState.topic, _answers()), skeleton_cards(3)),
        class_name="mx-auto flex max-w-column flex-col gap-5",
    )


def _field() -> rx.Component:
    return search_field(
        t("Search posts"),
        placeholder=t("Words in titles and texts"),
        id="search-q",
        auto_focus=True,
        class_name="input-lg w-full",
    )


def _summary() -> rx.Var[str]:
    return rx.cond(
        SearchState.asked,
        rx.cond(SearchState.total >= 0, _number(), ""),
        t("The beginning of a word is enough. Put a phrase in quotes."),
    )


def _number() -> rx.Var[str]:
    return rx.cond(
        SearchState.is_all,
        tn("%(count)s post found", "%(count)s posts found", SearchState.total),
        tn("At least %(count)s post found", "At least %(count)s posts found", SearchState.total),
    )


def _end() -> rx.Component:
    """All of them have been shown, or the best of those that were ranked."""
    best = tn(
        "This is the best one. More words find others.",
        "These are the best %(count)s. More words find others.",
        SearchState.total,
    )
    return rx.cond(
        SearchState.is_all,
        no_more_posts(),
        rx.el.p(best, role="status", class_name="py-6 text-center text-sm text-muted"),
    )


def _answers() -> rx.Component:
    return stream(
        SearchState.topic,
        item=lambda hit: _hit(hit=hit),
        rows=list[StreamedHit],
        loading=skeleton_cards(3),
        empty=empty_state(
            t("Nothing found for “%(words)s”", words=SearchState.asked),
            t("Try fewer words, or only the beginning of one. Words as common as “the” are left out."),
            icon_name="search-x",
        ),
        end=_end(),
        pill=lambda count: tn("%(count)s new post", "%(count)s new posts", count),
        id="found",
    )


@rx.memo
def _hit(*, hit: rx.Var[StreamedHit]) -> rx.Component:
    return _article(as_item(hit))


def _article(hit: Item) -> rx.Component:
    return rx.el.article(
        rx.el.h2(
            plain_link(
                safe_inline_html(hit["title_html"]),
                to=hit["url"],
                class_name="decoration-1 underline-offset-4 hover:underline",
            ),
            dir="auto",
            class_name="text-lg font-semibold",
        ),
        rx.el.p(safe_inline_html(hit["snippet_html"]), dir="auto", class_name="text-muted"),
        rx.el.p(
            rx.el.span(hit["author"], dir="auto"),
            relative_time(hit["at"]),
            class_name="flex flex-wrap gap-x-4 text-sm text-muted",
        ),
        class_name="flex flex-col gap-1.5 py-5",
    )

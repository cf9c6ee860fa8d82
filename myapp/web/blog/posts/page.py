"""The list of an organisation's posts."""

from __future__ import annotations

import reflex as rx

from myapp.kit import routes
from myapp.web.blog.post_stream import post_stream
from myapp.web.blog.posts.components import filters, status_tabs
from myapp.web.blog.posts.state import PostsState
from myapp.web.components import empty_state, link_button, skeleton_cards
from myapp.web.i18n import t, tn
from myapp.web.live.arrival import arrived
from myapp.web.shell import ShellState


def posts_page() -> rx.Component:
    """Filters above, posts below, older ones as the reader comes to them."""
    return rx.el.div(
        rx.el.header(
            rx.el.h1(t("Posts"), class_name="text-xl"),
            rx.cond(
                PostsState.total >= 0,
                rx.el.p(
                    tn("%(count)s post", "%(count)s posts", PostsState.total),
                    role="status",
                    class_name="text-sm text-muted",
                ),
            ),
            class_name="flex items-baseline gap-3",
        ),
        rx.cond(PostsState.can_write, status_tabs()),
        filters(),
        rx.cond(
            arrived(PostsState.path),
            post_stream(PostsState.topic, descending=PostsState.is_descending, empty=_nothing()),
            skeleton_cards(4),
        ),
        class_name="mx-auto flex max-w-column flex-col gap-5",
    )


def _write_button() -> rx.Component:
    return link_button(t("Write"), routes.write(ShellState.org_slug), kind="primary", icon_name="pen-line")


def _nothing() -> rx.Component:
    return rx.cond(
        PostsState.is_narrowed,
        empty_state(
            t("No post fits these filters"),
            t("Take one away, or look at all of them."),
            link_button(t("Show all posts"), PostsState.clear_url),
            icon_name="search-x",
        ),
        rx.match(
            PostsState.status,
            (
                "draft",
                empty_state(t("No drafts"), t("What is begun and not published yet waits here."), icon_name="pen-line"),
            ),
            (
                "scheduled",
                empty_state(
                    t("Nothing is scheduled"),
                    t("A post that is to appear later waits here for its time."),
                    icon_name="clock",
                ),
            ),
            _none_yet(),
        ),
    )


def _none_yet() -> rx.Component:
    return rx.cond(
        PostsState.can_write,
        empty_state(
            t("No posts yet"),
            t("Write the first one: it appears here for everybody at once."),
            _write_button(),
            icon_name="pen-line",
        ),
        empty_state(t("No posts yet"), t("What is published here appears by itself.")),
    )

"""A post in a list as readers see it: title, the first words, who and when."""

from __future__ import annotations

from typing import Any

import reflex as rx

from myapp.kit import routes
from myapp.web.blog.covers import small_cover
from myapp.web.blog.rows import TagLink
from myapp.web.components import Item, avatar, badge, icon, plain_link, relative_time, tag
from myapp.web.i18n import t, tn


def post_card(post: Item, heading: Any, *, with_organization: bool = False) -> rx.Component:
    """What a list shows of a post; `heading` makes its title, such as `rx.el.h2`."""
    words = rx.el.div(
        rx.el.div(
            heading(
                plain_link(
                    post["title"],
                    to=post["url"],
                    class_name="hover:underline decoration-1 underline-offset-4",
                ),
                class_name="text-lg font-semibold min-w-0",
            ),
            _marks(post),
            dir="auto",
            class_name="flex flex-wrap items-baseline gap-x-3 gap-y-1",
        ),
        rx.cond(
            post["excerpt"],
            rx.el.p(post["excerpt"], dir="auto", class_name="line-clamp-2 text-muted"),
        ),
        _byline(post, with_organization=with_organization),
        class_name="flex min-w-0 flex-1 flex-col gap-2",
    )
    return rx.el.article(words, small_cover(post), class_name="flex items-start gap-4 sm:gap-6")


def _marks(post: Item) -> rx.Component:
    return rx.fragment(
        status_badge(post["status"]),
        rx.cond(post["is_featured"], badge(t("Featured"), tone="info", icon_name="star")),
    )


def status_badge(status: str | rx.Var[str]) -> rx.Component:
    """Draft or scheduled in a word; what is published needs none."""
    return rx.fragment(
        rx.cond(status == "draft", badge(t("Draft"), tone="warning", icon_name="pen-line")),
        rx.cond(status == "scheduled", badge(t("Scheduled"), tone="info", icon_name="clock")),
    )


def _byline(post: Item, *, with_organization: bool) -> rx.Component:
    author = plain_link(
        avatar(post["author"], post["author_avatar"], size="sm"),
        rx.el.span(post["author"], dir="auto", class_name="truncate"),
        to=routes.posts(post["org_slug"], author=post["author_username"]),  # of whoever the author is now
        class_name="flex min-w-0 max-w-full items-center gap-2 hover:text-base-content hover:underline",
    )
    organization = plain_link(
        post["organization"], to=post["organization_url"], class_name="truncate hover:text-base-content hover:underline"
    )
    return rx.el.div(
        author,
        *([rx.el.span(t("in"), " ", organization, class_name="min-w-0 truncate")] if with_organization else []),
        relative_time(post["at"]),
        rx.cond(
            post["comments"],
            rx.el.span(
                icon("message-circle", size=15),
                tn("%(count)s comment", "%(count)s comments", post["comments"]),
                class_name="inline-flex items-center gap-1.5 tabular",
            ),
        ),
        tag_links(post["tags"]),
        class_name="flex flex-wrap items-center gap-x-4 gap-y-2 text-sm text-muted",
    )


def tag_links(tags: list[TagLink] | rx.Var[list[TagLink]]) -> rx.Component:
    """The tags of a post; nothing when it has none."""
    return rx.cond(
        tags,
        rx.el.ul(
            rx.foreach(tags, lambda link: rx.el.li(tag(link["name"], link["url"]), class_name="min-w-0 max-w-full")),
            aria_label=t("Tags"),
            class_name="flex min-w-0 max-w-full flex-wrap gap-1.5",
        ),
    )


def news_words(kind: str | rx.Var[str], title: str | rx.Var[str]) -> Any:
    """What has just happened to a post, in words."""
    return rx.match(
        kind,
        ("added", t("New post: %(title)s", title=title)),
        ("changed", t("Changed: %(title)s", title=title)),
        ("removed", t("Gone: %(title)s", title=title)),
        "",
    )

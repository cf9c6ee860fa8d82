"""The site's front page and an organisation's."""

from __future__ import annotations

from typing import cast

import reflex as rx

from myapp.kit import routes
from myapp.web.blog.home.state import HomeState, OrganizationState
from myapp.web.blog.organization_streams import PlaceRow
from myapp.web.blog.post_list import tag_links
from myapp.web.blog.post_stream import StreamedPost, post_stream, posts_by
from myapp.web.blog.streams import PUBLIC_POSTS
from myapp.web.components import (
    Item,
    as_item,
    avatar,
    badge,
    empty_state,
    icon,
    link,
    link_button,
    plain_link,
    relative_time,
    skeleton_cards,
    skeleton_lines,
)
from myapp.web.i18n import t, tn
from myapp.web.live.arrival import arrived
from myapp.web.live.stream import StreamRow, stream
from myapp.web.roles import role_name
from myapp.web.shell import ShellState

_ASIDE = "text-xs font-semibold uppercase tracking-wide text-muted"


def home_page() -> rx.Component:
    """Where one may go, and what has just been published anywhere."""
    return rx.el.div(
        rx.el.header(
            rx.el.h1(t("Read what communities write"), class_name="text-xl sm:text-2xl"),
            rx.el.p(
                t("Every list here keeps itself up to date: what is published appears while you look."),
                class_name="max-w-reading text-lg text-muted",
            ),
            class_name="flex min-w-0 flex-col gap-3",
        ),
        rx.cond(arrived(HomeState.path), _home(), skeleton_cards(4)),
        class_name="flex flex-col gap-10",
    )


def _home() -> rx.Component:
    return rx.el.div(
        rx.el.section(
            rx.el.h2(t("Organisations"), class_name="text-lg"),
            rx.cond(HomeState.is_newcomer, _begin()),
            rx.el.div(
                rx.cond(
                    HomeState.own,
                    rx.el.ul(
                        rx.foreach(HomeState.own, lambda place: rx.el.li(_place(place))),
                        class_name="divide-y divide-line border-b border-line",
                    ),
                ),
                stream(
                    HomeState.topic,
                    item=_place,
                    rows=list[StreamedPlace],
                    loading=skeleton_lines(6),
                    empty=rx.cond(
                        HomeState.own,
                        rx.fragment(),
                        empty_state(t("No organisation yet"), t("The first one appears here."), icon_name="building-2"),
                    ),
                    descending=False,
                    id="organizations",
                ),
            ),
            class_name="flex min-w-0 flex-col gap-3 lg:order-last lg:col-span-1",
        ),
        rx.el.section(
            rx.el.h2(t("Latest posts"), class_name="text-lg"),
            post_stream(
                rx.Var.create(PUBLIC_POSTS),
                look="of organizations",
                empty=empty_state(t("Nothing published yet"), t("The first public post appears here by itself.")),
            ),
            class_name="min-w-0 lg:col-span-2",
        ),
        class_name="grid gap-12 lg:grid-cols-3",
    )


def _begin() -> rx.Component:
    """What to do next, for who has just come."""
    return rx.el.div(
        rx.el.p(
            t("You belong to none yet. Make one of your own, or follow the link in the mail that invites you to one."),
            class_name="text-sm",
        ),
        link_button(t("New organisation"), routes.new_organization(), kind="primary", size="sm", icon_name="plus"),
        class_name="flex flex-col items-start gap-3 rounded-box border border-line bg-base-200 p-4",
    )


class StreamedPlace(PlaceRow, StreamRow):
    """A row of the directory."""


def _place(place: Item) -> rx.Component:
    role = HomeState.roles[cast("str", place["id"])]
    return plain_link(
        avatar(place["name"]),
        rx.el.span(place["name"], dir="auto", class_name="min-w-0 grow truncate font-medium group-hover:underline"),
        rx.cond(place["is_private"], icon("lock", size=15, label=t("Private"), class_name="text-muted")),
        rx.cond(role, badge(role_name(role))),
        to=place["url"],
        class_name="group flex items-center gap-3 py-3",
    )


def organization_page() -> rx.Component:
    """What an organisation puts forward, then everything by time."""
    return rx.cond(
        arrived(OrganizationState.path),
        rx.el.div(
            rx.el.h1(OrganizationState.name, dir="auto", class_name="text-xl sm:text-2xl"),
            _featured(),
            rx.el.div(
                rx.el.section(
                    rx.el.div(
                        rx.el.h2(t("Latest posts"), class_name="text-lg"),
                        link(t("All posts"), routes.posts(ShellState.org_slug), class_name="text-sm"),
                        class_name="flex items-baseline justify-between gap-3",
                    ),
                    post_stream(OrganizationState.topic, look="h3", only=10, empty=_nothing()),
                    class_name="min-w-0 lg:col-span-2",
                ),
                rx.el.div(_topics(), _authors(), class_name="flex min-w-0 flex-col gap-8 lg:pt-2"),
                class_name="grid gap-12 lg:grid-cols-3",
            ),
            class_name="flex flex-col gap-10",
        ),
        skeleton_cards(4),
    )


def _write_button() -> rx.Component:
    return link_button(t("Write"), routes.write(ShellState.org_slug), kind="primary", icon_name="pen-line")


def _nothing() -> rx.Component:
    return rx.cond(
        OrganizationState.can_write,
        empty_state(
            t("No posts yet"), t("Write the first one: it appears here for everybody at once."), _write_button()
        ),
        empty_state(t("No posts yet"), t("What is published here appears by itself.")),
    )


def _featured() -> rx.Component:
    return rx.el.section(
        rx.el.h2(t("Featured"), class_name="sr-only"),
        posts_by(
            _featured_post,
            OrganizationState.featured_topic,
            id="featured",
            empty=rx.fragment(),
            loading=skeleton_cards(1),
            limit=3,
            endless=False,
            class_name="grid gap-6 *:min-w-0 sm:auto-cols-fr sm:grid-flow-col",
        ),
        class_name=rx.cond(OrganizationState.has_featured, "", "not-has-[li]:hidden"),
    )


@rx.memo
def _featured_post(*, post: rx.Var[StreamedPost]) -> rx.Component:
    return _teaser(as_item(post))


def _teaser(post: Item) -> rx.Component:
    return rx.el.article(
        rx.el.h3(
            plain_link(post["title"], to=post["url"], class_name="hover:underline underline-offset-4 decoration-1"),
            dir="auto",
            class_name="line-clamp-4 text-lg font-semibold",
        ),
        rx.el.p(post["excerpt"], dir="auto", class_name="line-clamp-3 text-muted"),
        rx.el.p(
            rx.el.span(post["author"], dir="auto", class_name="truncate"),
            relative_time(post["at"], class_name="shrink-0"),
            class_name="mt-auto flex gap-3 pt-2 text-sm text-muted",
        ),
        class_name="flex h-full flex-col gap-2 border-t-2 border-primary pt-4",
    )


def _topics() -> rx.Component:
    return rx.cond(
        OrganizationState.tags,
        rx.el.section(
            rx.el.h2(t("Topics"), class_name=_ASIDE),
            tag_links(OrganizationState.tags),
            class_name="flex min-w-0 flex-col gap-3",
        ),
    )


def _authors() -> rx.Component:
    return rx.cond(
        OrganizationState.authors,
        rx.el.section(
            rx.el.h2(t("Who writes here"), class_name=_ASIDE),
            rx.el.ul(rx.foreach(OrganizationState.authors, _author), class_name="flex flex-col gap-2"),
            class_name="flex min-w-0 flex-col gap-3",
        ),
    )


def _author(author: Item) -> rx.Component:
    return rx.el.li(
        plain_link(
            avatar(author["name"], author["avatar"], size="sm"),
            rx.el.span(author["name"], dir="auto", class_name="min-w-0 grow truncate group-hover:underline"),
            rx.el.span(tn("%(count)s post", "%(count)s posts", author["posts"]), class_name="shrink-0 text-muted"),
            to=author["url"],
            class_name="group flex items-center gap-2.5 text-sm",
        )
    )

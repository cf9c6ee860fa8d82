"""The parts of the list of posts: views, search and filters, what is set, and what is new."""

from __future__ import annotations

import reflex as rx

from myapp.web.blog.posts.state import PostsState
from myapp.web.components import Item, icon, plain_link, search_field, tabs
from myapp.web.i18n import t
from myapp.web.live.combobox import adding_field
from myapp.web.live.forms import query_form

_INPUT = "input w-full border-edge bg-base-100"
_SELECT = "select w-full border-edge bg-base-100"
_CHIP = "inline-flex items-center gap-1.5 rounded-full border border-primary px-3 py-1 text-sm text-primary"


def status_tabs() -> rx.Component:
    """For members: what is out, what is still being written, what waits for its hour."""
    names = {
        "published": t("Published"),
        "draft": t("Drafts"),
        "scheduled": t("Scheduled"),
        "all": t("All"),
    }
    return tabs(
        [(name, PostsState.status_urls[key], PostsState.status == key) for key, name in names.items()],
        label=t("Posts by state"),
    )


def filters() -> rx.Component:
    """Search, order, and every filter. The fields are the address's query: see `query_form`."""
    return query_form(
        _search_box(),
        _order(),
        rx.el.details(
            rx.el.summary(
                icon("sliders-horizontal", size=16),
                t("Filters"),
                class_name="btn btn-ghost -me-3 w-fit px-3 font-medium max-sm:ms-auto",
            ),
            rx.el.div(
                _author(),
                _tag_choice(),
                _field(t("From"), "from", rx.el.input(type="date", name="from", id="filter-from", class_name=_INPUT)),
                _field(t("To"), "to", rx.el.input(type="date", name="to", id="filter-to", class_name=_INPUT)),
                _words(t("Metadata key"), "meta_key"),
                _words(t("Metadata value"), "meta_value"),
                class_name="grid gap-4 pt-2 sm:grid-cols-2",
            ),
            class_name="filters",
        ),
        _chosen(),
        label=t("Filter posts"),
        class_name="flex flex-wrap items-center gap-x-1 gap-y-2",
    )


def _search_box() -> rx.Component:
    return search_field(
        t("Filter posts by their words"),
        placeholder=t("Filter by words"),
        id="filter-q",
        class_name="grow max-sm:w-full sm:me-2",
    )


def _order() -> rx.Component:
    return rx.el.label(
        rx.el.span(t("Order"), class_name="sr-only"),
        rx.el.select(
            rx.el.option(t("Newest first"), value=""),
            rx.el.option(t("Oldest first"), value="oldest"),
            rx.el.option(t("Most read first"), value="views"),
            name="sort",
            class_name="select select-ghost w-auto pe-8 font-medium max-sm:-ms-3",
        ),
    )


def _option(choice: Item) -> rx.Component:
    return rx.el.option(choice["name"], value=choice["value"])


def _author() -> rx.Component:
    select = rx.el.select(
        rx.el.option(t("Anybody"), value=""),
        rx.cond(PostsState.other_author, rx.el.option(f"@{PostsState.other_author}", value=PostsState.other_author)),
        rx.foreach(PostsState.authors, _option),
        name="author",
        id="filter-author",
        class_name=_SELECT,
    )
    return _field(t("Author"), "author", select)


def _field(label: rx.Var[str], name: str, control: rx.Component) -> rx.Component:
    return rx.el.div(
        rx.el.label(label, html_for=f"filter-{name}", class_name="text-sm font-medium"),
        control,
        class_name="flex min-w-0 flex-col gap-1.5",
    )


def _words(label: rx.Var[str], name: str) -> rx.Component:
    return _field(
        label, name, rx.el.input(type="text", name=name, id=f"filter-{name}", auto_complete="off", class_name=_INPUT)
    )


def _tag_choice() -> rx.Component:
    """No part of the query: choosing adds a tag to those that are there."""
    search = adding_field(
        "filter-add-tag",
        PostsState,
        on_choose=PostsState.add_tag,
        placeholder=t("Find a tag"),
        nothing=t("No tag is called so"),
    )
    return _field(t("With tag"), "add-tag", search)


def _chosen() -> rx.Component:
    """The filters that are set, each with a way to drop it."""
    return rx.cond(
        PostsState.chosen,
        rx.el.ul(
            rx.foreach(PostsState.chosen, _chip),
            aria_label=t("Filters that are set"),
            class_name="flex w-full flex-wrap gap-2 pt-1",
        ),
    )


def _chip(one: Item) -> rx.Component:
    words = rx.match(
        one["name"],
        ("tag", t("#%(value)s", value=one["value"])),
        ("author", t("by @%(value)s", value=one["value"])),
        ("from", t("from %(value)s", value=one["value"])),
        ("to", t("to %(value)s", value=one["value"])),
        one["value"],
    )
    return rx.el.li(
        plain_link(
            rx.el.span(words, dir="auto"),
            icon("x", size=14, label=t("Remove this filter")),
            to=one["url"],
            class_name=_CHIP,
        )
    )

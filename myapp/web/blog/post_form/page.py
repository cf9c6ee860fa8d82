"""The pages where a post is written and where it is changed: one form, its preview beside it."""

from __future__ import annotations

import reflex as rx

from myapp.web.blog.post_form.components import (
    FORM,
    conflict_notice,
    details,
    preview,
    publishing,
    save_bar,
    words,
)
from myapp.web.blog.post_form.files import files
from myapp.web.blog.post_form.state import PostFormState
from myapp.web.components import skeleton_lines
from myapp.web.i18n import t
from myapp.web.live.arrival import arrived
from myapp.web.live.forms import live_form


def write_page() -> rx.Component:
    """A new post."""
    return _page(rx.el.h1(t("Write a post"), class_name="text-xl"))


def edit_page() -> rx.Component:
    """A post that is there already."""
    return _page(
        rx.el.h1(
            t("Edit"),
            rx.el.span(" ", PostFormState.title_then, dir="auto", class_name="text-muted"),
            class_name="text-xl line-clamp-2",
        )
    )


def _page(heading: rx.Component) -> rx.Component:
    form = live_form(
        PostFormState,
        conflict_notice(),
        rx.el.div(
            rx.el.div(words(), class_name="min-w-0 lg:col-span-3"),
            rx.el.div(preview(), class_name="min-w-0 lg:col-span-2"),
            class_name="grid gap-8 lg:grid-cols-5",
        ),
        rx.el.div(
            details(),
            rx.cond(PostFormState.may_publish, publishing()),
            class_name="grid gap-8 border-t border-line pt-8 sm:grid-cols-2",
        ),
        files(FORM),
        save_bar(),
        name=FORM,
        draft=PostFormState.draft,
        class_name="flex flex-col gap-8",
    )
    return rx.el.div(
        heading, rx.cond(arrived(PostFormState.path), form, skeleton_lines(10)), class_name="flex flex-col gap-6"
    )

"""What a page's content begins with, and what the tab says."""

from __future__ import annotations

import reflex as rx

from myapp.web.components._types import Child, Text, is_given

SITE = "MyApp"


def page_title(text: Text) -> Text:
    """What the tab says: the page first, for that is what a narrow tab shows."""
    return rx.Var.create(f"{text} · {SITE}") if isinstance(text, rx.Var) else f"{text} · {SITE}"


def page_header(title: Text, *actions: Child, lead: Child = "", above: Child = "") -> rx.Component:
    """The page's one h1, with what can be done on the page beside it; `above` is where the page belongs."""
    return rx.el.header(
        rx.el.div(above, class_name="text-sm text-muted") if is_given(above) else rx.fragment(),
        rx.el.div(
            rx.el.h1(title, class_name="min-w-48 flex-1 text-xl"),
            rx.el.div(*actions, class_name="flex flex-wrap gap-2") if actions else rx.fragment(),
            class_name="flex flex-wrap items-start gap-x-6 gap-y-3",
        ),
        rx.el.p(lead, class_name="max-w-reading text-muted") if is_given(lead) else rx.fragment(),
        class_name="mb-6 flex flex-col gap-2",
    )

"""What the pages where people come in share: a narrow column, and notices above the form."""

from __future__ import annotations

import reflex as rx

from myapp.web.components._types import Child, Text
from myapp.web.components.icons import icon
from myapp.web.layout import page_header

FORM = "flex flex-col gap-5"


def column(title: Text, *children: Child, lead: Child = "") -> rx.Component:
    """One thing to do, in the middle of the page."""
    return rx.el.div(page_header(title, lead=lead), *children, class_name="mx-auto w-full max-w-md py-4 sm:py-8")


def notice(text: Text, *, icon_name: str = "mail") -> rx.Component:
    """What has come of what was done before."""
    return rx.el.p(
        icon(icon_name, size=18, class_name="mt-0.5 shrink-0 text-primary"),
        rx.el.span(text),
        role="status",
        class_name="mb-6 flex gap-3 rounded-box border border-line bg-base-200 p-4",
    )

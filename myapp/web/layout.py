"""What stands around every page."""

from __future__ import annotations

import reflex as rx

from myapp.web.live.browser import Locale, RouteAnnouncer


def layout(content: rx.Component) -> rx.Component:
    """The page's `content` in `<main>`, with what belongs to the site around it."""
    return rx.el.div(
        Locale.create(),
        RouteAnnouncer.create(),
        rx.el.main(content, id="main", tab_index=-1, class_name="mx-auto w-full max-w-5xl px-4 py-8 sm:px-8"),
    )

"""The entry point Reflex loads: the one place that joins the web wing to the application that runs beneath it."""

from __future__ import annotations

import reflex as rx

from myapp.web.router import add_pages

app = rx.App(reset_style=False, toaster=None)
add_pages(app)

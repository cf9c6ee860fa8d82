"""Every page in one table: its address, what it shows, its title, what it loads, and who may open it.

A page's `content` is what stands inside `<main>`; the layout puts everything else around it.

    Page("/o/[org_slug]/posts/[post_slug]", post_page, title=PostState.title, on_load=(PostState.load,))

Arguments of an address are read on the server with `session.argument(self, "post_slug")`. A state var must not have the
name of an argument.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import reflex as rx

from myapp.web.i18n import t
from myapp.web.layout import layout

SITE = "MyApp"


@dataclass(frozen=True, slots=True)
class Page:
    """One line of the table."""

    route: str
    content: Callable[[], rx.Component]
    title: str | rx.Var[str]
    on_load: tuple[Any, ...] = ()


def _home() -> rx.Component:
    return rx.el.h1(t("Home"), class_name="text-xl")


PAGES: tuple[Page, ...] = (Page("/", _home, t("Home")),)


def add_pages(app: rx.App) -> None:
    """Give the app every page of the table."""
    for page in PAGES:
        app.add_page(
            lambda page=page: layout(page.content()),
            route=page.route,
            title=_title(page.title),
            on_load=list(page.on_load) or None,
        )


def _title(title: str | rx.Var[str]) -> str | rx.Var[str]:
    """The page's name first: it is what a narrow tab shows."""
    return rx.Var.create(f"{title} · {SITE}") if isinstance(title, rx.Var) else f"{title} · {SITE}"

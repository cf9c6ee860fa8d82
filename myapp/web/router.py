"""Every page in one table: its address, what it shows, its title, what it loads, and who may open it.

A page's `content` is what stands inside `<main>`; the layout puts everything else around it.

    Page("/o/[org_slug]/posts/[post_slug]", post_page, title=PostState.title, on_load=(PostState.load,))

Arguments of an address are read on the server: `session.argument(self, "post_slug")`. No state var may have the name of
an argument. `on_load` handlers run after the guard, in order; they are `@server_event`s.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import reflex as rx

from myapp.web import errors, shell
from myapp.web.i18n import t
from myapp.web.layout import SITE
from myapp.web.people import PeopleState, people_page
from myapp.web.problems import missing_page
from myapp.web.shell import Entry, Guard, ShellState


@dataclass(frozen=True, slots=True)
class Page:
    """One line of the table."""

    route: str
    content: Callable[[], rx.Component]
    title: str | rx.Var[str]
    on_load: tuple[Any, ...] = ()
    guard: Guard = Guard.ANYONE


def _home() -> rx.Component:
    return rx.el.h1(t("Home"), class_name="text-xl")


PAGES: tuple[Page, ...] = (
    Page("/", _home, t("Home")),
    Page("/people", people_page, t("Who are you?"), (PeopleState.load,)),
    Page("404", missing_page, t("Nothing here")),
)


def add_pages(app: rx.App) -> None:
    """Give the app every page of the table."""
    for page in PAGES:
        app.add_page(
            page.content,
            route=page.route,
            title=_title(page.title),
            on_load=[ShellState.enter],
        )
    shell.use_entries({_route_id(page.route): Entry(page.guard, page.on_load) for page in PAGES})
    errors.loads_pages([handler.fn for page in PAGES for handler in page.on_load])


def static_pages() -> list[str]:
    """The addresses without arguments, which are built as files of their own."""
    return [page.route for page in PAGES if page.route.startswith("/") and page.route != "/" and "[" not in page.route]


def _title(title: str | rx.Var[str]) -> str | rx.Var[str]:
    """The page's name first: it is what a narrow tab shows."""
    return rx.Var.create(f"{title} · {SITE}") if isinstance(title, rx.Var) else f"{title} · {SITE}"


def _route_id(route: str) -> str:
    """How Reflex names the page in `router.route_id`."""
    return "/" + (route.strip("/") or "index")

"""The frame around every page: it stands outside the router's outlet, and stays from page to page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import reflex as rx

from myapp.kit import routes
from myapp.web.accounts.sudo import sudo_dialog
from myapp.web.accounts.unconfirmed import unconfirmed_line
from myapp.web.i18n import t
from myapp.web.layout.bars import bottom_bar, rail, top_bar
from myapp.web.layout.headers import page_title
from myapp.web.layout.keys import keys
from myapp.web.live.browser import (
    Boundary,
    ConnectionNotice,
    Flashes,
    Locale,
    Pushes,
    RouteAnnouncer,
    RouteProgress,
    SkipLink,
)
from myapp.web.problems import failed_page, forbidden_page, missing_page
from myapp.web.shell import ShellState, page_is_loading
from myapp.web.theme import DARK, LIGHT, hex_code

_FORM_TOKEN = (Path(__file__).parent / "form_token.js").read_text(encoding="utf-8")


@rx.memo
def layout(children: rx.Var[rx.Component]) -> rx.Component:
    """The page in `<main>`, with what belongs to the site around it, which stays where it is from page to page."""
    shown = rx.match(
        ShellState.problem,
        ("missing", rx.fragment(_title(t("Nothing here")), missing_page())),
        ("forbidden", rx.fragment(_title(t("Not for you yet")), forbidden_page())),
        ("failed", rx.fragment(_title(t("Something went wrong")), failed_page())),
        rx.fragment(children),
    )
    return rx.el.div(
        SkipLink.create(t("Skip to the content")),
        RouteProgress.create(),
        top_bar(),
        ConnectionNotice.create(log_in=routes.log_in()),
        unconfirmed_line(),
        rx.el.div(
            rail(),
            rx.el.main(
                shown,
                id="main",
                tab_index=-1,
                aria_busy=page_is_loading(),
                class_name="w-full min-w-0 flex-1 px-4 pb-28 pt-6 sm:px-8 lg:pb-16",
            ),
            class_name="mx-auto flex w-full max-w-7xl flex-1",
        ),
        Flashes.create(items=ShellState.flashes, on_dismiss=ShellState.dismiss_flash),
        bottom_bar(),
        keys(),
        rx.cond(ShellState.is_person, sudo_dialog(), rx.fragment()),
        Pushes.create(items=ShellState.pushes),
        RouteAnnouncer.create(),
        Locale.create(),
        class_name="flex min-h-dvh flex-col",
    )


def _title(text: rx.Var[str]) -> rx.Component:
    """The page's own title is not drawn when something else stands in its place."""
    return rx.el.title(page_title(text))


def wraps() -> dict[tuple[int, str], Callable[[bool], rx.Component | None]]:
    """What stands around every page, the outermost first."""
    return {
        (55, "Boundary"): lambda _: Boundary.create(),
        (50, "Layout"): lambda _: layout(),
    }


def head() -> list[rx.Component]:
    """What every page's `<head>` has beside its own title."""
    themes = ((LIGHT, "light"), (DARK, "dark"))
    return [
        rx.el.script(_FORM_TOKEN),
        rx.el.link(rel="icon", type="image/svg+xml", href="/favicon.svg"),
        *[
            rx.el.meta(
                name="theme-color",
                content=hex_code(theme.base_100),
                custom_attrs={"media": f"(prefers-color-scheme: {mode})"},
            )
            for theme, mode in themes
        ],
    ]

"""The keyboard: what the keys do on every page, and the list of them."""

from __future__ import annotations

import reflex as rx

from myapp.kit import routes
from myapp.web.components import dialog, kbd
from myapp.web.i18n import t
from myapp.web.live.browser import Shortcuts
from myapp.web.shell import ShellState


def keys() -> rx.Component:
    """What the keyboard does, and the list of it."""
    everywhere = {"?": "#keys", "g h": routes.home(), "g n": routes.notifications()}
    inside = {
        **everywhere,
        "/": "focus:search",
        "g f": routes.organization(ShellState.org_slug),
        "g p": routes.posts(ShellState.org_slug),
        "g c": routes.rooms(ShellState.org_slug),
        "g t": routes.tags(ShellState.org_slug),
        "g s": routes.search(ShellState.org_slug),
    }
    member = {
        **inside,
        "n": routes.write(ShellState.org_slug),
        "g m": routes.organization_people(ShellState.org_slug),
    }
    admin = {**member, "g i": routes.import_posts(ShellState.org_slug)}
    others = rx.cond(ShellState.org_slug, inside, everywhere)
    keys = rx.cond(ShellState.is_admin, admin, rx.cond(ShellState.is_member, member, others))
    keys = rx.cond(ShellState.is_operator, keys.to(dict).merge(rx.Var.create({"g o": routes.ops()}).to(dict)), keys)
    table = rx.el.dl(
        rx.cond(ShellState.org_slug, _line("/", t("Search"))),
        rx.cond(ShellState.is_member, _line("n", t("Write a post"))),
        _line("g h", t("Go to all organisations")),
        _line("g n", t("Go to your notifications")),
        rx.cond(
            ShellState.org_slug,
            rx.fragment(
                _line("g f", t("Go to the organisation’s front page")),
                _line("g p", t("Go to the posts")),
                _line("g c", t("Go to the chat")),
                _line("g t", t("Go to the tags")),
                _line("g s", t("Go to the search")),
            ),
        ),
        rx.cond(ShellState.is_member, _line("g m", t("Go to the people"))),
        rx.cond(ShellState.is_admin, _line("g i", t("Go to the import"))),
        rx.cond(ShellState.is_operator, _line("g o", t("Go to the operations"))),
        _line("Ctrl Enter", t("Send or save what you write")),
        _line("?", t("Show this list")),
        _line("Esc", t("Close, or leave a field")),
        class_name="flex flex-col gap-2",
    )
    return rx.fragment(Shortcuts.create(keys=keys), dialog("keys", title=t("Keys"), body=table, cancel=t("Close")))


def _line(combination: str, text: rx.Var[str]) -> rx.Component:
    """One of the keys that do something for this person on this page."""
    return rx.el.div(
        rx.el.dt(*[kbd(key) for key in combination.split(" ")], class_name="flex w-24 shrink-0 gap-1"),
        rx.el.dd(text),
        class_name="flex items-center gap-4 text-sm",
    )

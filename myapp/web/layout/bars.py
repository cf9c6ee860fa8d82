"""The bar on top, the rail at the side and the bar below: the ways through the site."""

from __future__ import annotations

import reflex as rx

from myapp.kit import routes
from myapp.web.chat.unread import unread_in_all
from myapp.web.components import avatar, icon, link_button, plain_link
from myapp.web.components._types import Text
from myapp.web.i18n import languages, t
from myapp.web.layout.headers import SITE
from myapp.web.live.browser import LanguageChoice, LiveDot, Menu, NavLink, ThemeChoice
from myapp.web.live.forms import query_form
from myapp.web.notifications.bell import bell
from myapp.web.shell import ShellState


def top_bar() -> rx.Component:
    """The mark with the switch of organisations, the search, and the person."""
    return rx.el.header(
        rx.el.div(
            rx.el.div(_places(), class_name="min-w-0 max-sm:flex-1 lg:flex-1"),
            _search(),
            rx.el.div(
                LiveDot.create(),
                bell(),
                _log_in(),
                _person(),
                class_name="ms-auto flex items-center justify-end gap-3 lg:flex-1",
            ),
            class_name="mx-auto flex h-14 w-full max-w-7xl items-center gap-3 px-4 sm:px-8",
        ),
        class_name="sticky top-0 z-20 border-b border-line bg-base-100/95 backdrop-blur-sm",
    )


def _places() -> rx.Component:
    """The mark, and the organisation at hand with a switch to the others."""
    name = rx.cond(ShellState.org_name, ShellState.org_name, SITE)
    face = rx.el.span(
        rx.el.span("M", aria_hidden="true", class_name="site-mark"),
        rx.el.span(name, dir="auto", class_name="min-w-0 truncate font-semibold sm:max-w-64"),
        icon("chevrons-up-down", size=14, class_name="text-muted"),
        class_name="flex min-w-0 items-center gap-2",
    )
    places = rx.foreach(ShellState.places, lambda place: rx.el.li(_place(place)))
    everything = plain_link(icon("globe", size=16), t("All organisations"), to=routes.home(), class_name="menu-item")
    another = plain_link(
        icon("plus", size=16), t("New organisation"), to=routes.new_organization(), class_name="menu-item"
    )
    return Menu.create(
        rx.el.ul(places, rx.el.li(everything), rx.cond(ShellState.is_person, rx.el.li(another))),
        name="places",
        label=t("Switch organisation"),
        face=face,
        side="left",
    )


def _place(place: rx.vars.ObjectVar[dict[str, str]]) -> rx.Component:
    is_here = place["slug"] == ShellState.org_slug
    return plain_link(
        rx.el.span(place["name"], dir="auto", class_name="min-w-0 flex-1 wrap-anywhere"),
        rx.cond(is_here, icon("check", size=16), rx.fragment()),
        to=routes.posts(place["slug"]),
        aria_current=rx.cond(is_here, "true", "false"),
        class_name="menu-item",
    )


def _search() -> rx.Component:
    field = rx.el.label(
        icon("search", size=16, class_name="text-muted"),
        rx.el.span(t("Search"), class_name="sr-only"),
        rx.el.input(
            type="search", name="q", id="search", placeholder=t("Search"), class_name="grow", auto_complete="off"
        ),
        rx.el.span("/", aria_hidden="true", class_name="key max-sm:hidden"),
        class_name="input input-sm w-full border-line bg-base-200 text-sm hover:border-edge",
    )
    form = query_form(
        field,
        label=t("Search"),
        to=routes.search(ShellState.org_slug),
        class_name="min-w-0 max-w-sm flex-1 max-sm:hidden lg:w-96 lg:flex-none",
    )
    return rx.cond(ShellState.org_slug, form, rx.fragment())


def _log_in() -> rx.Component:
    """In sight for visitors, who would not look for it among the settings."""
    there = link_button(t("Log in"), routes.log_in(back=ShellState.path), size="sm")
    return rx.cond(ShellState.path, rx.cond(ShellState.is_person, rx.fragment(), there), rx.fragment())


def _person() -> rx.Component:
    face = rx.cond(
        ShellState.is_person,
        rx.el.span(
            rx.el.span(ShellState.person_name, dir="auto", class_name="max-w-32 truncate text-sm max-md:sr-only"),
            avatar(ShellState.person_name, ShellState.person_avatar, size="sm"),
            class_name="flex items-center gap-2",
        ),
        icon("settings-2", size=20),
    )
    return Menu.create(
        rx.cond(ShellState.is_person, _signed_in(), rx.fragment()),
        rx.el.div(
            ThemeChoice.create(),
            *_language(),
            class_name="menu-section",
        ),
        plain_link(icon("keyboard", size=16), t("Keys"), to="#keys", class_name="menu-item"),
        name="person",
        label=t("You and your settings"),
        face=face,
        side="right",
    )


def _language() -> list[rx.Component]:
    """Nothing while there is nothing to choose."""
    known = languages()
    return [LanguageChoice.create(languages=known, label=t("Language"))] if len(known) > 1 else []


def _signed_in() -> rx.Component:
    leave = rx.el.form(
        rx.el.button(icon("log-out", size=16), t("Log out"), type="submit", class_name="menu-item w-full"),
        method="post",
        action=routes.SESSION_DELETE,
        on_submit=None,
    )
    return rx.fragment(
        rx.el.p(
            rx.el.span(ShellState.person_name, dir="auto", class_name="block truncate font-medium"),
            rx.el.span("@", ShellState.person_username, class_name="block truncate text-xs text-muted"),
            class_name="px-3 py-2",
        ),
        rx.cond(ShellState.is_member, _of_members()),
        plain_link(icon("user-round", size=16), t("Settings"), to=routes.settings(), class_name="menu-item"),
        rx.cond(ShellState.is_operator, _of_operators()),
        leave,
    )


def _of_members() -> rx.Component:
    """The organisation's, apart from one's own: there is no rail on a phone, nor room below for what is rarely done."""
    people, settings, imports = (
        each(ShellState.org_slug)
        for each in (routes.organization_people, routes.organization_settings, routes.import_posts)
    )
    return rx.el.div(
        rx.el.p(ShellState.org_name, dir="auto", class_name="truncate px-3 py-1 text-xs font-semibold text-muted"),
        plain_link(icon("contact", size=16), t("People"), to=people, class_name="menu-item"),
        plain_link(icon("settings", size=16), t("Settings"), to=settings, class_name="menu-item"),
        rx.cond(
            ShellState.is_admin,
            plain_link(icon("download", size=16), t("Import"), to=imports, class_name="menu-item"),
        ),
        role="group",
        aria_label=ShellState.org_name,
        class_name="my-1.5 border-y border-line py-1.5 lg:hidden",
    )


def _of_operators() -> rx.Component:
    return rx.fragment(
        plain_link(icon("activity", size=16), t("Operations"), to=routes.ops(), class_name="menu-item"),
        plain_link(icon("shield", size=16), t("All people"), to=routes.users(), class_name="menu-item"),
    )


def _destinations() -> list[tuple[Text, Text, str, bool]]:
    """The organisation's places: text, address, icon, and whether pages beneath it count as elsewhere."""
    return [
        (t("Front page"), routes.organization(ShellState.org_slug), "house", True),
        (t("Posts"), routes.posts(ShellState.org_slug), "newspaper", False),
        (t("Tags"), routes.tags(ShellState.org_slug), "hash", False),
        (t("Search"), routes.search(ShellState.org_slug), "search", False),
    ]


def rail() -> rx.Component:
    """The way through an organisation on wide screens."""
    items = [_rail_item(*destination) for destination in _destinations()]
    chat = _rail_item(t("Chat"), routes.rooms(ShellState.org_slug), "messages-square", False, unread_in_all("ms-auto"))
    items.insert(2, chat)
    members = [
        rx.el.li(_rail_item(t("People"), routes.organization_people(ShellState.org_slug), "contact", False)),
        rx.el.li(_rail_item(t("Settings"), routes.organization_settings(ShellState.org_slug), "settings", False)),
    ]
    leaders = rx.el.li(_rail_item(t("Import"), routes.import_posts(ShellState.org_slug), "download", False))
    write = rx.cond(
        ShellState.is_member,
        link_button(
            t("Write"),
            routes.write(ShellState.org_slug),
            kind="primary",
            size="sm",
            icon_name="pen-line",
            class_name="mb-3 w-full",
        ),
        rx.fragment(),
    )
    nav = rx.el.nav(
        write,
        rx.el.ul(
            *[rx.el.li(item) for item in items],
            rx.cond(ShellState.is_member, rx.fragment(*members)),
            rx.cond(ShellState.is_admin, leaders),
        ),
        aria_label=t("Organisation"),
        class_name="sticky top-14 hidden w-52 shrink-0 self-start py-6 pl-8 lg:block",
    )
    return rx.cond(ShellState.org_slug, nav, rx.fragment())


def _rail_item(text: Text, to: Text, icon_name: str, end: bool, *marks: rx.Component) -> rx.Component:
    return NavLink.create(icon(icon_name, size=16), text, *marks, to=to, end=end, class_name="rail-item")


def bottom_bar() -> rx.Component:
    """The same ways on a phone, where the thumb is."""
    items = [_bottom_item(*destination) for destination in _destinations()]
    mark = unread_in_all("absolute -top-0.5 start-1/2 ms-1")
    items.insert(2, _bottom_item(t("Chat"), routes.rooms(ShellState.org_slug), "messages-square", False, mark))
    write = rx.cond(
        ShellState.is_member,
        rx.el.li(_bottom_item(t("Write"), routes.write(ShellState.org_slug), "pen-line", False)),
        rx.fragment(),
    )
    nav = rx.el.nav(
        rx.el.ul(*[rx.el.li(item) for item in items], write, class_name="flex justify-around"),
        aria_label=t("Organisation, below"),
        class_name="bottom-bar lg:hidden",
    )
    return rx.cond(ShellState.org_slug, nav, rx.fragment())


def _bottom_item(text: Text, to: Text, icon_name: str, end: bool, *marks: rx.Component) -> rx.Component:
    return NavLink.create(icon(icon_name, size=20), text, *marks, to=to, end=end, class_name="bottom-item")

"""What stands around every page: the bar, the rail, messages, keys; and the frame a page's content begins with.

Pages return what belongs into `<main>` and begin with one `page_header`. Texts meant for reading go into `reading`.

    def tags_page() -> rx.Component:
        return rx.fragment(page_header(t("Tags")), rx.cond(page_is_loading(), skeleton_lines(), _tags()))
"""

from __future__ import annotations

import reflex as rx

from myapp.kit import routes
from myapp.web.components import dialog, icon, kbd, link_button, plain_link
from myapp.web.components._types import Child, Text, is_given
from myapp.web.i18n import languages, t
from myapp.web.live.browser import (
    Boundary,
    ConnectionNotice,
    Flashes,
    LanguageChoice,
    LiveDot,
    Locale,
    Menu,
    NavLink,
    Pushes,
    RouteAnnouncer,
    Shortcuts,
    ThemeChoice,
)
from myapp.web.live.forms import query_form
from myapp.web.problems import failed_page, forbidden_page, missing_page
from myapp.web.shell import ShellState
from myapp.web.theme import DARK, LIGHT, hex_code

SITE = "MyApp"


def layout(content: rx.Component) -> rx.Component:
    """The page's `content` in `<main>`, with what belongs to the site around it."""
    shown = rx.match(
        ShellState.problem,
        ("missing", missing_page()),
        ("forbidden", forbidden_page()),
        ("failed", failed_page()),
        content,
    )
    return rx.el.div(
        rx.el.a(t("Skip to the content"), href="#main", class_name="skip-link"),
        _top_bar(),
        ConnectionNotice.create(),
        rx.el.div(
            _rail(),
            rx.el.main(
                shown, id="main", tab_index=-1, class_name="w-full min-w-0 flex-1 px-4 pb-28 pt-6 sm:px-8 lg:pb-16"
            ),
            class_name="mx-auto flex w-full max-w-7xl flex-1",
        ),
        Flashes.create(items=ShellState.flashes, on_dismiss=ShellState.dismiss_flash),
        _bottom_bar(),
        _keys(),
        Pushes.create(items=ShellState.pushes),
        RouteAnnouncer.create(),
        Locale.create(),
        class_name="flex min-h-dvh flex-col",
    )


def page_header(title: Text, *actions: Child, lead: Child = "", above: Child = "") -> rx.Component:
    """The page's one h1, with what can be done on the page beside it; `above` is where the page belongs."""
    return rx.el.header(
        rx.el.div(above, class_name="text-sm text-muted") if is_given(above) else rx.fragment(),
        rx.el.div(
            rx.el.h1(title, class_name="min-w-0 flex-1 text-xl"),
            rx.el.div(*actions, class_name="flex flex-wrap gap-2") if actions else rx.fragment(),
            class_name="flex flex-wrap items-start gap-x-6 gap-y-3",
        ),
        rx.el.p(lead, class_name="max-w-reading text-muted") if is_given(lead) else rx.fragment(),
        class_name="mb-6 flex flex-col gap-2",
    )


def reading(*children: Child, class_name: str = "") -> rx.Component:
    """A column as wide as text is read well: 68 characters."""
    return rx.el.div(*children, class_name=f"mx-auto w-full max-w-reading {class_name}".strip())


def _top_bar() -> rx.Component:
    return rx.el.header(
        rx.el.div(
            _places(),
            _search(),
            rx.el.div(LiveDot.create(), _person(), class_name="flex items-center gap-3"),
            class_name="mx-auto flex h-14 w-full max-w-7xl items-center justify-between gap-3 px-4 sm:px-8",
        ),
        class_name="sticky top-0 z-20 border-b border-line bg-base-100/95 backdrop-blur-sm",
    )


def _places() -> rx.Component:
    """The mark, and the organisation at hand with a switch to the others."""
    name = rx.cond(ShellState.org_name, ShellState.org_name, SITE)
    face = rx.el.span(
        rx.el.span("M", aria_hidden="true", class_name="site-mark"),
        rx.el.span(name, class_name="max-w-40 truncate font-semibold sm:max-w-64"),
        icon("chevrons-up-down", size=14, class_name="text-muted"),
        class_name="flex items-center gap-2",
    )
    places = rx.foreach(
        ShellState.places,
        lambda place: rx.el.li(plain_link(place["name"], to=routes.posts(place["slug"]), class_name="menu-item")),
    )
    everything = plain_link(icon("globe", size=16), t("All organisations"), to=routes.home(), class_name="menu-item")
    return Menu.create(
        rx.el.ul(places, rx.el.li(everything)), name="places", label=t("Switch organisation"), face=face, side="left"
    )


def _search() -> rx.Component:
    field = rx.el.label(
        icon("search", size=16, class_name="text-muted"),
        rx.el.span(t("Search"), class_name="sr-only"),
        rx.el.input(
            type="search", name="q", id="search", placeholder=t("Search"), class_name="grow", auto_complete="off"
        ),
        rx.el.span("/", aria_hidden="true", class_name="key max-sm:hidden"),
        class_name="input input-sm w-full border-line bg-base-200 text-sm",
    )
    form = query_form(
        field,
        label=t("Search"),
        to=routes.search(ShellState.org_slug),
        class_name="min-w-0 max-w-sm flex-1 max-sm:hidden",
    )
    return rx.cond(ShellState.org_slug, form, rx.el.div(class_name="flex-1"))


def _person() -> rx.Component:
    face = rx.cond(
        ShellState.is_person,
        rx.el.span(
            rx.el.span(ShellState.person_name, class_name="max-w-32 truncate text-sm max-md:sr-only"),
            icon("circle-user-round", size=20),
            class_name="flex items-center gap-2",
        ),
        icon("settings-2", size=20),
    )
    return Menu.create(
        rx.cond(ShellState.is_person, _signed_in(), _visiting()),
        rx.el.div(
            ThemeChoice.create(),
            LanguageChoice.create(languages=languages(), label=t("Language")),
            class_name="menu-section",
        ),
        plain_link(icon("keyboard", size=16), t("Keys"), to="#keys", class_name="menu-item"),
        name="person",
        label=t("You and your settings"),
        face=face,
        side="right",
    )


def _signed_in() -> rx.Component:
    leave = rx.el.form(
        rx.el.button(icon("log-out", size=16), t("Log out"), type="submit", class_name="menu-item w-full"),
        method="post",
        action=routes.SESSION_DELETE,
        on_submit=None,
    )
    return rx.fragment(
        rx.el.p(
            rx.el.span(ShellState.person_name, class_name="block truncate font-medium"),
            rx.el.span("@", ShellState.person_username, class_name="block truncate text-xs text-muted"),
            class_name="px-3 py-2",
        ),
        plain_link(icon("users", size=16), t("Act as somebody else"), to=routes.people(), class_name="menu-item"),
        leave,
    )


def _visiting() -> rx.Component:
    return plain_link(icon("log-in", size=16), t("Log in"), to=routes.people(), class_name="menu-item")


def _destinations() -> list[tuple[Text, Text, str, bool]]:
    """The organisation's places: text, address, icon, and whether pages beneath it count as elsewhere."""
    return [
        (t("Posts"), routes.posts(ShellState.org_slug), "newspaper", False),
        (t("Tags"), routes.tags(ShellState.org_slug), "hash", False),
        (t("Search"), routes.search(ShellState.org_slug), "search", False),
    ]


def _rail() -> rx.Component:
    """The way through an organisation on wide screens."""
    items = [_rail_item(*destination) for destination in _destinations()]
    members = rx.cond(
        ShellState.is_member,
        _rail_item(t("Import"), routes.import_posts(ShellState.org_slug), "download", False),
        rx.fragment(),
    )
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
        rx.el.ul(*[rx.el.li(item) for item in items], rx.cond(ShellState.is_member, rx.el.li(members), rx.fragment())),
        aria_label=t("Organisation"),
        class_name="sticky top-14 hidden w-52 shrink-0 self-start py-6 pl-8 lg:block",
    )
    return rx.cond(ShellState.org_slug, nav, rx.fragment())


def _rail_item(text: Text, to: Text, icon_name: str, end: bool) -> rx.Component:
    return NavLink.create(icon(icon_name, size=16), text, to=to, end=end, class_name="rail-item")


def _bottom_bar() -> rx.Component:
    """The same ways on a phone, where the thumb is."""
    items = [_bottom_item(*destination) for destination in _destinations()]
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


def _bottom_item(text: Text, to: Text, icon_name: str, end: bool) -> rx.Component:
    return NavLink.create(icon(icon_name, size=20), text, to=to, end=end, class_name="bottom-item")


def _keys() -> rx.Component:
    """What the keyboard does, and the list of it."""
    everywhere = {"?": "#keys", "g h": routes.home()}
    inside = {
        **everywhere,
        "/": "focus:search",
        "g p": routes.posts(ShellState.org_slug),
        "g t": routes.tags(ShellState.org_slug),
        "g s": routes.search(ShellState.org_slug),
    }
    member = {**inside, "n": routes.write(ShellState.org_slug), "g i": routes.import_posts(ShellState.org_slug)}
    keys = rx.cond(ShellState.is_member, member, rx.cond(ShellState.org_slug, inside, everywhere))
    lines = [
        ("/", t("Search")),
        ("n", t("Write a post")),
        ("g h", t("Go to all organisations")),
        ("g p", t("Go to the posts")),
        ("g t", t("Go to the tags")),
        ("g i", t("Go to the import")),
        ("?", t("Show this list")),
        ("Esc", t("Close, or leave a field")),
    ]
    table = rx.el.dl(
        *[
            rx.el.div(
                rx.el.dt(*[kbd(key) for key in combination.split(" ")], class_name="flex w-16 gap-1"),
                rx.el.dd(text),
                class_name="flex items-center gap-4 text-sm",
            )
            for combination, text in lines
        ],
        class_name="flex flex-col gap-2",
    )
    return rx.fragment(Shortcuts.create(keys=keys), dialog("keys", title=t("Keys"), body=table, cancel=t("Close")))


def boundary(_stateful: bool) -> rx.Component:
    """Around everything: what is shown when drawing the page itself fails."""
    return Boundary.create()


def head() -> list[rx.Component]:
    """What every page's `<head>` has beside its own title."""
    themes = ((LIGHT, "light"), (DARK, "dark"))
    return [
        rx.el.link(rel="icon", type="image/svg+xml", href="/favicon.svg"),
        *[
            rx.el.meta(name="theme-color", content=hex_code(theme.base_100), media=f"(prefers-color-scheme: {mode})")
            for theme, mode in themes
        ],
    ]

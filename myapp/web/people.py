"""Where a person says who they are. Before there is a log-in: a choice among the people of the demonstration."""

from __future__ import annotations

from typing import TypedDict

import reflex as rx

from myapp import accounts
from myapp.config import load_settings
from myapp.kit import routes
from myapp.web.components import avatar, badge, empty_state, skeleton_lines
from myapp.web.events import server_event
from myapp.web.i18n import t
from myapp.web.layout import page_header
from myapp.web.roles import role_name
from myapp.web.session import back_to, query
from myapp.web.shell import page_is_loading


class Person(TypedDict):
    """Somebody to act as."""

    id: str
    name: str
    role: str
    place: str


class PeopleState(rx.State):
    """The people there are, and where to go then."""

    people: list[Person] = []
    back: str = "/"

    @server_event
    async def load(self) -> None:
        """Nobody in production: there one logs in."""
        self.back = back_to(query(self).get("back", routes.home()))
        found = [] if load_settings().env == "production" else await accounts.list_demo_users()
        self.people = [
            {"id": str(each.id), "name": each.name, "role": each.role.value, "place": each.org_name} for each in found
        ]


def people_page() -> rx.Component:
    """One button a person; each is an ordinary form that sets the session cookie."""
    nobody = empty_state(
        t("Nobody to act as"),
        t("Demo people are there in development, once the demo data is loaded."),
        icon_name="users",
    )
    people = rx.el.ul(rx.foreach(PeopleState.people, _person), class_name="grid gap-3 sm:grid-cols-2")
    return rx.el.div(
        page_header(t("Who are you?"), lead=t("This is a demonstration: choose somebody to act as.")),
        rx.cond(PeopleState.people, people, rx.cond(page_is_loading(), skeleton_lines(3), nobody)),
        class_name="mx-auto max-w-3xl",
    )


def _person(person: rx.vars.ObjectVar[dict[str, str]]) -> rx.Component:
    look = "flex w-full items-center gap-3 rounded-box border border-line p-4 text-left hover:bg-base-200"
    return rx.el.li(
        rx.el.form(
            rx.el.input(type="hidden", name="user_id", value=person["id"], read_only=True),
            rx.el.input(type="hidden", name="back", value=PeopleState.back, read_only=True),
            rx.el.button(
                avatar(person["name"]),
                rx.el.span(
                    rx.el.span(person["name"], class_name="block truncate font-medium"),
                    rx.el.span(person["place"], class_name="block truncate text-sm text-muted"),
                    class_name="min-w-0 flex-1",
                ),
                badge(role_name(person["role"])),
                type="submit",
                class_name=look,
            ),
            method="post",
            action=routes.SESSION,
            on_submit=None,
        ),
        class_name="min-w-0",
    )

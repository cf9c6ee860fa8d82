"""One room: who is here, what was said, and what one writes into."""

from __future__ import annotations

import reflex as rx

from myapp.kit import routes
from myapp.web.chat.browser import Composer, Room, RoomRow, act, rooms_topic
from myapp.web.chat.room.messages import TOPIC, messages, why
from myapp.web.chat.room.settings import room_dialogs
from myapp.web.chat.room.state import RoomState
from myapp.web.chat.rooms.page import room_icon
from myapp.web.chat.unread import unread_marks
from myapp.web.components import Item, avatar, button, dialog_link, icon, kbd, link, link_button, plain_link, skeleton
from myapp.web.i18n import t, tn
from myapp.web.live.browser import Menu, NavLink
from myapp.web.live.stream import stream
from myapp.web.shell import ShellState


def room_page() -> rx.Component:
    """The other rooms at the side where there is room for them, and this one as high as the window."""
    return rx.el.div(_other_rooms(), _room_of_topic(), room_dialogs(), class_name="room-page")


@rx.memo
def _room_of_topic() -> rx.Component:
    shown = Room(TOPIC)
    return rx.el.section(_head(shown), messages(shown), _foot(shown), class_name="room")


def _other_rooms() -> rx.Component:
    listed = stream(
        rooms_topic(),
        item=_other_room,
        rows=list[RoomRow],
        loading=rx.el.div(skeleton("h-8 w-full"), skeleton("h-8 w-full"), class_name="flex flex-col gap-2"),
        empty=rx.fragment(),
        descending=False,
        limit=0,
        id="rooms",
        class_name="flex flex-col gap-0.5",
    )
    return rx.el.nav(
        plain_link(t("All rooms"), to=routes.rooms(ShellState.org_slug), class_name="other-rooms-head"),
        listed,
        aria_label=t("Rooms"),
        class_name="other-rooms",
    )


def _other_room(room: Item) -> rx.Component:
    return NavLink.create(
        room_icon(room["visibility"], size=15),
        rx.el.span(room["name"], dir="auto", class_name="min-w-0 flex-1 truncate"),
        unread_marks(room["unread"], room["mentions"]),
        to=routes.room(ShellState.org_slug, room["slug"]),
        class_name="rail-item",
    )


def _head(shown: Room) -> rx.Component:
    back = plain_link(
        icon("arrow-left", label=t("All rooms")),
        to=routes.rooms(ShellState.org_slug),
        class_name="btn btn-ghost btn-sm btn-square -ms-2 lg:hidden",
    )
    private = rx.cond(RoomState.is_private, icon("lock", size=16, label=t("Private"), class_name="text-muted"))
    return rx.el.header(
        back,
        rx.el.div(
            rx.el.div(
                private,
                rx.el.h1(RoomState.name, dir="auto", class_name="min-w-0 truncate text-lg"),
                class_name="flex min-w-0 items-center gap-2",
            ),
            rx.cond(
                RoomState.purpose,
                rx.el.p(RoomState.purpose, dir="auto", class_name="truncate text-sm text-muted max-sm:hidden"),
            ),
            class_name="min-w-0 flex-1",
        ),
        _who_is_here(shown),
        rx.cond(RoomState.can_leave | RoomState.can_update | RoomState.can_see_members, _menu()),
        class_name="room-head",
    )


def _who_is_here(shown: Room) -> rx.Component:
    count = tn("%(count)s person here", "%(count)s people here", shown.people_count)
    people = rx.el.ul(
        rx.foreach(
            shown.people,
            lambda person: rx.el.li(
                avatar(person["name"], person["avatar"], size="sm"),
                rx.el.span(person["name"], dir="auto", class_name="min-w-0 truncate"),
                class_name="flex items-center gap-2.5 px-3 py-1.5 text-sm",
            ),
        ),
        aria_label=t("Who is here"),
    )
    heading = rx.el.p(count, class_name="px-3 py-2 text-sm font-medium")
    return rx.cond(
        shown.people_count > 0,
        Menu.create(heading, people, name="here", label=count, face=_faces(), side="right"),
    )


@rx.memo
def _faces() -> rx.Component:
    """The first of them and how many they are."""
    shown = Room(TOPIC)
    return rx.el.span(
        rx.el.span(
            rx.foreach(
                shown.people[:3], lambda person: rx.el.span(avatar(person["name"], person["avatar"], size="sm"))
            ),
            class_name="here-faces max-sm:hidden",
        ),
        rx.el.span(class_name="live-dot-mark sm:hidden", aria_hidden="true"),
        rx.el.span(shown.people_count, class_name="tabular text-sm", aria_hidden="true"),
        class_name="live-dot",
    )


def _menu() -> rx.Component:
    return Menu.create(
        rx.cond(RoomState.can_see_members, _menu_item("users", t("Who is in this room"), "members")),
        rx.cond(RoomState.can_update, _menu_item("pen-line", t("Change this room"), "edit")),
        rx.cond(RoomState.can_leave, _menu_item("log-out", t("Leave this room"), "leave")),
        rx.cond(RoomState.can_delete, _menu_item("trash-2", t("Delete this room"), "delete")),
        name="room",
        label=t("This room"),
        face=icon("ellipsis", size=20),
        side="right",
    )


def _menu_item(icon_name: str, label: rx.Var[str], name: str) -> rx.Component:
    return plain_link(icon(icon_name, size=16), label, to=dialog_link(name), class_name="menu-item")


def _foot(shown: Room) -> rx.Component:
    return rx.el.div(
        _pill(shown),
        rx.cond(
            shown.failure,
            rx.el.p(why(shown.failure, rx.Var.create("")), role="alert", class_name="px-1 pb-1 text-sm text-error"),
        ),
        rx.cond(
            RoomState.is_gone | (shown.phase == "closed"),
            _gone(),
            rx.cond(RoomState.can_write, _composer(), _invitation()),
        ),
        _typing(shown),
        class_name="room-foot",
    )


def _pill(shown: Room) -> rx.Component:
    words = rx.cond(
        shown.fresh > 0,
        tn("%(count)s new message", "%(count)s new messages", shown.fresh),
        t("To the newest"),
    )
    pill = button(
        words,
        kind=("primary"),
        size="sm",
        icon_name="arrow-down",
        on_click=act("showNewest", TOPIC),
        class_name="rounded-full shadow-md animate-slide-in",
    )
    return rx.cond((shown.fresh > 0) | shown.is_far, rx.el.div(pill, class_name="room-pill"))


def _composer() -> rx.Component:
    return Composer.create(
        rx.el.button(
            icon("send-horizontal", size=18),
            type="submit",
            aria_label=t("Send"),
            title=t("Send"),
            class_name="btn btn-primary btn-sm btn-square shadow-none",
        ),
        topic=TOPIC,
        draft=ShellState.person_username,
        label=t("Your message"),
        placeholder=t("Write to %(room)s", room=RoomState.name),
        class_name="composer",
    )


def _invitation() -> rx.Component:
    return rx.el.p(
        rx.cond(
            ShellState.is_person,
            t("Only members of the organisation write here."),
            rx.fragment(
                t("You are reading along."), " ", link(t("Log in to write"), routes.log_in(back=RoomState.path))
            ),
        ),
        class_name="rounded-box border border-line px-4 py-3 text-center text-sm text-muted",
    )


def _gone() -> rx.Component:
    return rx.el.div(
        rx.el.p(t("This room was deleted, or is not open to you any more."), class_name="font-medium"),
        rx.el.p(
            t("You can finish reading. What you have written and not sent stays in this browser."),
            class_name="text-muted",
        ),
        link_button(t("Other rooms"), routes.rooms(ShellState.org_slug), size="sm", class_name="mt-2"),
        role="status",
        class_name="rounded-box border border-line bg-base-200 px-4 py-3 text-sm animate-slide-in",
    )


def _typing(shown: Room) -> rx.Component:
    words = rx.match(
        shown.typing_count,
        (0, ""),
        (1, t("%(name)s is writing…", name=shown.typing_one)),
        (2, t("%(one)s and %(other)s are writing…", one=shown.typing_one, other=shown.typing_two)),
        t("Several people are writing…"),
    )
    keys = rx.el.span(
        kbd("Enter"),
        " ",
        t("sends"),
        " · ",
        kbd("Shift"),
        " ",
        kbd("Enter"),
        " ",
        t("begins a new line"),
        class_name="room-keys",
    )
    return rx.el.div(
        rx.el.span(words, class_name="min-w-0 flex-1 truncate"),
        rx.cond(RoomState.can_write, keys),
        class_name="flex h-6 items-center gap-3 px-1 text-xs text-muted",
    )

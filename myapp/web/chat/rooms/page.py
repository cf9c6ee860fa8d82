"""The rooms of an organisation, and the dialog in which one is made."""

from __future__ import annotations

import reflex as rx

from myapp.kit import routes
from myapp.web.chat.browser import RoomRow, rooms_topic
from myapp.web.chat.room_fields import room_fields
from myapp.web.chat.rooms.state import NewRoomForm, RoomsState
from myapp.web.chat.unread import unread_marks
from myapp.web.components import Item, button, dialog, dialog_link, empty_state, icon, link_button, plain_link, skeleton
from myapp.web.i18n import t
from myapp.web.layout import page_header
from myapp.web.live.forms import live_form
from myapp.web.live.stream import stream
from myapp.web.shell import ShellState

_FORM = "new-room"


def rooms_page() -> rx.Component:
    """Every room that the reader may enter, with what is unread in it."""
    return rx.el.div(
        page_header(
            t("Chat"),
            rx.cond(RoomsState.can_create, _new_room_button()),
            lead=t("Rooms of %(organization)s, to talk in.", organization=ShellState.org_name),
        ),
        stream(
            rooms_topic(),
            item=_room,
            rows=list[RoomRow],
            loading=_loading(),
            empty=_no_rooms(),
            descending=False,
            limit=0,
            id="rooms",
        ),
        rx.cond(RoomsState.can_create, _new_room_dialog()),
        class_name="mx-auto max-w-column",
    )


def _new_room_button() -> rx.Component:
    return link_button(t("New room"), dialog_link("new"), kind="primary", size="sm", icon_name="plus")


def _loading() -> rx.Component:
    row = rx.el.div(skeleton("size-6"), skeleton("h-6 w-1/2"), class_name="flex items-center gap-3 py-5")
    return rx.el.div(row, row, row, custom_attrs={"data-waits": ""}, class_name="divide-y divide-line")


def _no_rooms() -> rx.Component:
    return rx.cond(
        RoomsState.can_create,
        empty_state(
            t("No rooms yet"),
            t("Make the first one, for what everybody wants to talk about. Its members find it here at once."),
            _new_room_button(),
            icon_name="messages-square",
        ),
        empty_state(
            t("No rooms yet"),
            t("An admin of the organisation can make one. It appears here by itself."),
            icon_name="messages-square",
        ),
    )


def _room(room: Item) -> rx.Component:
    is_unread = room["unread"].bool() | room["mentions"].bool()
    return plain_link(
        room_icon(room["visibility"], class_name="text-muted"),
        rx.el.span(
            rx.el.span(
                room["name"],
                dir="auto",
                class_name=rx.cond(is_unread, "block truncate font-semibold", "block truncate font-medium"),
            ),
            rx.cond(
                room["purpose"], rx.el.span(room["purpose"], dir="auto", class_name="block truncate text-sm text-muted")
            ),
            class_name="min-w-0 flex-1",
        ),
        unread_marks(room["unread"], room["mentions"]),
        to=routes.room(ShellState.org_slug, room["slug"]),
        class_name="-mx-3 flex min-h-16 items-center gap-3 rounded-field px-3 py-3 hover:bg-base-200",
    )


def room_icon(visibility: rx.Var[str], *, size: int = 18, class_name: str = "") -> rx.Component:
    """A lock for a private room, which says so, and a sign for the others, which says nothing."""
    return rx.cond(
        visibility == "private",
        icon("lock", size=size, label=t("Private"), class_name=class_name),
        icon("hash", size=size, class_name=class_name),
    )


def _new_room_dialog() -> rx.Component:
    """Open while the address ends in #new."""
    make = button(
        t("Make room"),
        type="submit",
        form=f"{_FORM}-form",
        kind="primary",
        busy=NewRoomForm.is_saving,
        busy_label=t("Making"),
    )
    return dialog(
        "new",
        title=t("New room"),
        body=live_form(NewRoomForm, *room_fields(NewRoomForm, _FORM), name=_FORM, class_name="flex flex-col gap-4"),
        actions=[make],
    )

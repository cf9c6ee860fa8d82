"""What may be done with a room: its dialogs, each open while the address ends in its name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, override

import reflex as rx

from myapp import chat
from myapp.kit.changeset import Attrs, Changeset
from myapp.kit.i18n import gettext as _
from myapp.web.chat.member_stream import MemberRow
from myapp.web.chat.room.state import RoomState
from myapp.web.chat.room_fields import room_fields
from myapp.web.components import Item, avatar, button, dialog, icon_button, is_dialog_open, skeleton_lines
from myapp.web.events import event, server_event
from myapp.web.i18n import t
from myapp.web.ids import as_id
from myapp.web.live.combobox import Suggestion, SuggestState, choice_field, chosen_id, people
from myapp.web.live.forms import FormState, live_form
from myapp.web.live.stream import StreamRow, stream
from myapp.web.session import path_of, scope_of
from myapp.web.shell import flash, push

_EDIT, _MEMBERS, _INSIDE = "edit-room", "add-member", "room-members"
_ADD = f"{_MEMBERS}-user_id"


class StreamedMember(MemberRow, StreamRow):
    """Somebody in the list of those who are in."""


class EditRoomForm(FormState, rx.State):
    """Name, purpose and visibility of the room at hand."""

    @server_event
    async def load(self) -> None:
        """Fill the fields, for who may change them."""
        state = await self.get_state(RoomState)
        if state.can_update:
            visibility = "private" if state.is_private else "public"
            self._fill({"name": state.name, "purpose": state.purpose, "visibility": visibility})

    @override
    async def _change(self, attrs: Attrs) -> Changeset[Any]:
        state = await self.get_state(RoomState)
        return await chat.change_room(await scope_of(self), state.require_room(), attrs)

    @override
    async def _save(self, attrs: Attrs) -> Any:
        state = await self.get_state(RoomState)
        await chat.update_room(await scope_of(self), state.require_room(), attrs)
        await state.read_again()
        return [EditRoomForm.load, push("close_dialog"), flash(_("Saved."))]


class MembersForm(SuggestState, FormState, rx.State):
    """Who is to come into the private room at hand, and who is to leave it. Those who are in are a stream."""

    _path: str = ""

    @server_event
    def load(self) -> None:
        """Empty the field, if another room was shown: as the first one comes, its reader may be typing already."""
        self._forget_suggestions()
        if self._path and self._path != path_of(self):
            self._fill({})
        self._path = path_of(self)

    @override
    async def _suggest(self, words: str) -> Sequence[Suggestion]:
        state = await self.get_state(RoomState)
        if not state.can_manage:
            return []
        return people(await chat.suggest_members(await scope_of(self), state.require_room(), words))

    @override
    async def _change(self, attrs: Attrs) -> Changeset[Any]:
        state = await self.get_state(RoomState)
        return await chat.change_room(await scope_of(self), state.require_room(), {})

    @override
    async def _save(self, attrs: Attrs) -> Any:
        state = await self.get_state(RoomState)
        user_id = chosen_id(attrs.get("user_id"), "user_id", await self._change(attrs))
        await chat.add_member(await scope_of(self), state.require_room(), user_id)
        self._fill({})
        return push("focus", _ADD)

    @event
    async def remove(self, user_id: str) -> Any:
        """Take somebody out of the room."""
        state = await self.get_state(RoomState)
        await chat.remove_member(await scope_of(self), state.require_room(), as_id(user_id))
        return push("focus", _INSIDE)


def room_dialogs() -> rx.Component:
    """Those that this person may open."""
    return rx.fragment(
        rx.cond(RoomState.can_update, _edit_dialog()),
        rx.cond(RoomState.can_see_members, _members_dialog()),
        rx.cond(RoomState.can_leave, _leave_dialog()),
        rx.cond(RoomState.can_delete, _delete_dialog()),
    )


def _edit_dialog() -> rx.Component:
    save = button(
        t("Save changes"),
        type="submit",
        form=f"{_EDIT}-form",
        kind="primary",
        busy=EditRoomForm.is_saving,
        busy_label=t("Saving"),
    )
    form = live_form(
        EditRoomForm,
        *room_fields(EditRoomForm, _EDIT),
        name=_EDIT,
        draft=RoomState.topic,
        class_name="flex flex-col gap-4",
    )
    return dialog("edit", title=t("Change this room"), body=form, actions=[save])


def _members_dialog() -> rx.Component:
    add = live_form(
        MembersForm,
        choice_field(
            t("Let somebody in"),
            "user_id",
            MembersForm,
            form=_MEMBERS,
            error=MembersForm.errors["user_id"],
            nothing=t("Nobody else is called so"),
            required=True,
            class_name="min-w-0 flex-1",
        ),
        button(t("Let in"), type="submit", busy=MembersForm.is_saving, busy_label=t("Letting in"), class_name="mt-7"),
        name=_MEMBERS,
        class_name="flex items-start gap-2",
    )
    body = rx.el.div(
        rx.cond(is_dialog_open("members"), _inside()),
        rx.cond(RoomState.can_manage, add),
        class_name="flex flex-col gap-4",
    )
    return dialog("members", title=t("Who is in this room"), body=body, cancel=t("Close"))


def _inside() -> rx.Component:
    listed = stream(
        RoomState.members_topic,
        item=_member,
        rows=list[StreamedMember],
        loading=skeleton_lines(3),
        empty=rx.el.p(t("Nobody is in it."), class_name="text-muted"),
        news=_news,
        descending=False,
        id=f"{_INSIDE}-rows",
        class_name="flex flex-col gap-1",
    )
    return rx.el.div(
        listed,
        id=_INSIDE,
        role="region",
        aria_label=t("In this room"),
        tab_index=0,
        class_name="max-h-72 overflow-y-auto",
    )


def _news(kind: rx.Var[str], person: Item) -> Any:
    return rx.match(
        kind,
        ("added", t("%(name)s is in the room now", name=person["name"])),
        ("removed", t("%(name)s is no longer in the room", name=person["name"])),
        "",
    )


def _member(person: Item) -> rx.Component:
    return rx.el.div(
        avatar(person["name"], person["avatar"]),
        rx.el.span(
            rx.el.span(person["name"], dir="auto", class_name="block truncate"),
            rx.el.span("@", person["username"], class_name="block truncate text-xs text-muted"),
            class_name="min-w-0 flex-1",
        ),
        rx.cond(
            RoomState.can_manage,
            icon_button(
                "user-minus",
                t("Take %(name)s out of the room", name=person["name"]),
                size="sm",
                on_click=MembersForm.remove(person["id"]),
            ),
        ),
        class_name="flex items-center gap-3 py-1",
    )


def _leave_dialog() -> rx.Component:
    words = rx.cond(
        RoomState.is_private,
        t("You come back when an admin lets you in again."),
        t("It tells you of nothing unread any more. You can come back whenever you like."),
    )
    leave = button(t("Leave room"), kind="danger", on_click=RoomState.leave)
    return dialog("leave", title=t("Leave this room?"), body=rx.el.p(words, class_name="text-muted"), actions=[leave])


def _delete_dialog() -> rx.Component:
    body = rx.el.div(
        rx.el.p(rx.el.strong(RoomState.name, dir="auto")),
        rx.el.p(t("It goes for good, with all that was said in it."), class_name="text-muted"),
        class_name="flex flex-col gap-2",
    )
    delete = button(t("Delete room"), kind="danger", on_click=RoomState.delete)
    return dialog("delete", title=t("Delete this room?"), body=body, actions=[delete])

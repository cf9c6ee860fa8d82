"""The rooms of an organisation: what a person may do here. The rooms themselves come over their channel."""

from __future__ import annotations

from typing import Any, override

import reflex as rx

from myapp import chat
from myapp.kit import routes
from myapp.kit.changeset import Attrs, Changeset
from myapp.web.events import server_event
from myapp.web.live.forms import FormState
from myapp.web.session import argument, scope_of


class RoomsState(rx.State):
    """What may be done on this page."""

    can_create: bool = False

    @server_event
    async def load(self) -> None:
        """Whether this person may make rooms; `ShellState.enter` has seen to it that there is an organisation."""
        self.can_create = chat.can(await scope_of(self), "create_room")


class NewRoomForm(FormState, rx.State):
    """A room that is about to be made."""

    @override
    async def _change(self, attrs: Attrs) -> Changeset[Any]:
        return await chat.change_room(await scope_of(self), None, attrs)

    @override
    async def _save(self, attrs: Attrs) -> Any:
        room = await chat.create_room(await scope_of(self), attrs)
        self._fill({})
        return rx.redirect(routes.room(argument(self, "org_slug"), room.slug))

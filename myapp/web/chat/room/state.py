"""One room: what it is called, and what this person may do in it. What is said there comes over its channel."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID

import reflex as rx

from myapp import chat
from myapp.accounts import Visibility
from myapp.chat import RoomCard
from myapp.kit import routes
from myapp.kit.errors import NotFound
from myapp.kit.i18n import gettext as _
from myapp.kit.scope import Scope
from myapp.web.chat.member_stream import members_topic
from myapp.web.events import event, server_event
from myapp.web.live.subscriptions import follow
from myapp.web.session import argument, path_of, scope_of
from myapp.web.shell import flash


class RoomState(rx.State):
    """The room at this address, as the reader finds it."""

    path: str = ""  # the address it was read for
    topic: str = ""
    name: str = ""
    purpose: str = ""
    is_private: bool = False
    is_gone: bool = False  # deleted, or closed to this person, while the page was open
    can_write: bool = False
    can_update: bool = False
    can_delete: bool = False
    can_see_members: bool = False
    members_topic: str = ""
    can_manage: bool = False
    can_leave: bool = False
    _room_id: UUID | None = None

    @server_event
    async def load(self) -> None:
        """Read the room, and follow what happens to it."""
        self._room_id, self.topic = None, ""
        scope = await scope_of(self)
        room = await chat.get_room_by_slug(scope, argument(self, "room_slug"))
        follow(self, chat.topic_rooms(room.org_id), RoomState.rooms_changed)
        self._show(scope, room)
        self.topic, self.path = f"room:{room.id}", path_of(self)

    def _show(self, scope: Scope, room: RoomCard) -> None:
        self._room_id = room.id
        self.name, self.purpose = room.name, room.purpose
        self.is_private, self.is_gone = room.visibility == Visibility.PRIVATE, False
        self.can_write = scope.user_id is not None and chat.can(scope, "write", room)
        self.can_update = chat.can(scope, "update_room", room)
        self.can_delete = chat.can(scope, "delete_room", room)
        self.can_see_members = self.is_private and chat.can(scope, "see_members", room)
        self.members_topic = members_topic(room.id) if self.can_see_members else ""
        self.can_manage = self.is_private and chat.can(scope, "manage_members", room)
        self.can_leave = room.is_member or (self.can_write and not self.is_private)  # who reads a public room is in it

    def require_room(self) -> UUID:
        """Raises NotFound while there is none."""
        if self._room_id is None:
            raise NotFound
        return self._room_id

    @server_event
    async def rooms_changed(self, events: list) -> None:
        """A room of this organisation came, changed or went: if it is this one, show how."""
        mine = [each for each in events if not isinstance(each, chat.RoomEvent) or each.room_id == self._room_id]
        if not mine or self._room_id is None:
            return
        await self.read_again()

    async def read_again(self) -> None:
        """What the room is now, or that it is gone."""
        scope = await scope_of(self)
        try:
            self._show(scope, await chat.get_room(scope, self.require_room()))
        except NotFound:
            self.is_gone, self._room_id = True, None
            self.can_write = self.can_update = self.can_delete = self.can_manage = self.can_leave = False
            self.can_see_members, self.members_topic = False, ""

    @event
    async def delete(self) -> Any:
        """Delete it with all that was said, and go back to the other rooms."""
        room_id, self._room_id = self.require_room(), None  # its own event is no news here
        await chat.delete_room(await scope_of(self), room_id)
        return [flash(_("“%(name)s” is deleted.") % {"name": self.name}), self._back()]

    @event
    async def leave(self) -> Any:
        """Be in it no longer: it counts nothing as unread until it is opened again, and a private one is closed."""
        scope = await scope_of(self)
        room_id, self._room_id = self.require_room(), None
        if scope.user_id is not None:
            with suppress(NotFound):  # who has just come has read nothing yet, and is not in it
                await chat.remove_member(scope, room_id, scope.user_id)
        return [flash(_("You have left “%(name)s”.") % {"name": self.name}), self._back()]

    def _back(self) -> Any:
        return rx.redirect(routes.rooms(argument(self, "org_slug")), replace=True)

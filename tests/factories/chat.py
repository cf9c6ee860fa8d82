"""Rooms and messages, written through the front door."""

from __future__ import annotations

from itertools import count
from typing import Any

from myapp import chat
from myapp.accounts import Visibility
from myapp.chat import ChatRoom, MessageCard
from myapp.kit.scope import Scope

_numbers = count(1)


async def make_room(scope: Scope, visibility: Visibility = Visibility.PUBLIC, **attrs: Any) -> ChatRoom:
    """A room of the scope's organisation, made by its system."""
    given = {"name": f"Room {next(_numbers)}", "visibility": visibility}
    return await chat.create_room(Scope.system("a test", scope.org_id), {**given, **attrs})


async def make_message(scope: Scope, room: ChatRoom, body: str = "") -> MessageCard:
    """Words of the scope's person."""
    return await chat.create_message(scope, room.id, {"body": body or f"Message {next(_numbers)}"})

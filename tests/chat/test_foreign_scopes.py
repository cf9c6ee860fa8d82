"""No function of the chat gives anything to a scope it does not belong to, or lets it change anything.

Each function has one case here, as in the blog's test of the same name. A new one without a case fails.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

import pytest

from myapp import chat
from myapp.accounts import Visibility
from myapp.kit.errors import Forbidden, NotFound, Unauthenticated
from myapp.kit.scope import Role, Scope
from tests.factories.accounts import make_member
from tests.factories.chat import make_message
from tests.factories.world import STRANGERS, Call, World, everything_of, make_world, stranger, walk

CHAT: dict[str, Call] = {
    "add_member": lambda scope, w: chat.add_member(scope, w.private_room.id, scope.user_id or w.room.id),
    "change_room": lambda scope, w: chat.change_room(scope, w.room.id, {"name": "Taken over"}),
    "create_message": lambda scope, w: chat.create_message(scope, w.room.id, {"body": "words"}),
    "create_room": lambda scope, w: chat.create_room(scope, {"name": "Mine", "org_id": w.room.org_id}),
    "delete_message": lambda scope, w: chat.delete_message(scope, w.message.id),
    "delete_room": lambda scope, w: chat.delete_room(scope, w.room.id),
    "fetch_messages": lambda scope, w: chat.fetch_messages(scope, [w.message.id]),
    "fetch_room_members": lambda scope, w: chat.fetch_room_members(scope, w.room.id, [w.member.user_id or w.room.id]),
    "fetch_writer": lambda scope, w: chat.fetch_writer(scope, w.room.id, w.member.user_id or w.room.id),
    "get_room": lambda scope, w: chat.get_room(scope, w.room.id),
    "get_room_by_slug": lambda scope, w: chat.get_room_by_slug(scope, w.room.slug),
    "leave_all_rooms": lambda scope, _: chat.leave_all_rooms(scope),
    "list_messages": lambda scope, w: chat.list_messages(scope, w.room.id),
    "list_room_members": lambda scope, w: chat.list_room_members(scope, w.room.id),
    "list_rooms": lambda scope, _: chat.list_rooms(scope),
    "mark_read": lambda scope, w: chat.mark_read(scope, w.room.id, 1),
    "remove_member": lambda scope, w: chat.remove_member(scope, w.room.id, w.member.user_id or w.room.id),
    "subscribe_room": lambda scope, w: heard(w, chat.subscribe_room(scope, w.room.id, listener)),
    "subscribe_rooms": lambda scope, w: heard(w, chat.subscribe_rooms(scope, listener)),
    "suggest_members": lambda scope, w: chat.suggest_members(scope, w.private_room.id, ""),
    "update_message": lambda scope, w: chat.update_message(scope, w.message.id, {"body": "other words"}),
    "update_room": lambda scope, w: chat.update_room(scope, w.room.id, {"name": "Taken over"}),
}  # fmt: skip
LISTENING = {"subscribe_room", "subscribe_rooms"}  # the owner does something meanwhile

_heard: list[object] = []


def listener(_topic: str, event: object) -> None:
    _heard.append(event)


async def heard(world: World, subscribing: Awaitable[Any]) -> object:
    """What a subscription tells of what then happens in the world."""
    _heard.clear()
    subscription = await subscribing
    await make_message(world.owner, world.room)
    await chat.update_room(world.owner, world.room.id, {"purpose": f"{world.room.purpose}!"})
    await chat.update_room(world.owner, world.room.id, {"purpose": world.room.purpose})
    subscription.cancel()
    return list(_heard)


def test_every_function_of_the_front_door_has_a_case() -> None:
    names: list[str] = chat.__all__
    assert {name for name in names if inspect.iscoroutinefunction(getattr(chat, name))} == CHAT.keys()


@pytest.fixture
async def world(db: object, tmp_path: Path) -> World:
    return await make_world(tmp_path / "post.md")


@pytest.mark.parametrize("who", STRANGERS)
async def test_strangers_learn_and_change_nothing(who: str, world: World) -> None:
    scope = await stranger(who, world)
    await walk(CHAT, scope, world, who=who, but=LISTENING)


async def test_the_walk_would_notice(world: World) -> None:
    readers = {name: call for name, call in CHAT.items() if name.startswith(("fetch_", "get_", "list_", "subscribe_"))}
    learned = {name for name, call in readers.items() if world.knows(await call(world.owner, world))}
    assert learned == readers.keys()
    before = await everything_of(world.organization.id)
    await CHAT["update_message"](world.member, world)
    assert await everything_of(world.organization.id) != before


async def test_of_a_private_room_other_members_know_nothing(world: World) -> None:
    fellow = await make_member(world.organization, Role.MODERATOR)
    for call in (chat.get_room, chat.list_messages, chat.list_room_members, chat.delete_room):
        with pytest.raises(NotFound):
            await call(fellow, world.private_room.id)
    assert [room.id for room in await chat.list_rooms(fellow)] == [world.room.id]


async def test_visitors_of_a_public_organisation_read_its_public_rooms_and_write_nowhere(
    db: object, tmp_path: Path
) -> None:
    world = await make_world(tmp_path / "post.md", Visibility.PUBLIC)
    visitor = Scope.anonymous(world.organization.id)
    assert [room.id for room in await chat.list_rooms(visitor)] == [world.room.id]
    assert (await chat.list_messages(visitor, world.room.id)).entries == [world.message]
    for name in ("create_message", "update_message", "delete_message", "mark_read", "update_room", "remove_member"):
        with pytest.raises((Unauthenticated, Forbidden)):
            await CHAT[name](visitor, world)

"""The chat's pages: what a person may do in a room, its dialogs, and that none of it opens to others."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from myapp import chat
from myapp.accounts import Visibility
from myapp.chat import ChatRoom
from myapp.kit.errors import Forbidden, NotFound, Unauthenticated
from myapp.kit.scope import Scope
from myapp.web.chat.room.settings import EditRoomForm, MembersForm
from myapp.web.chat.room.state import RoomState
from myapp.web.chat.rooms.state import NewRoomForm, RoomsState
from tests.factories.accounts import make_member, make_organization, make_user
from tests.factories.chat import make_message, make_room
from tests.live import Tab
from tests.web.blog.conftest import Site

RIGHTS: dict[str, object] = {
    "write": RoomState.can_write,
    "update": RoomState.can_update,
    "delete": RoomState.can_delete,
    "see_members": RoomState.can_see_members,
    "manage": RoomState.can_manage,
    "leave": RoomState.can_leave,
}


@pytest.fixture
async def room(site: Site) -> ChatRoom:
    return await make_room(site.owner, name="Tea", slug="tea", purpose="and cake")


@pytest.fixture
async def den(site: Site) -> ChatRoom:
    """A private room with the member in it."""
    room = await make_room(site.owner, Visibility.PRIVATE, name="Den", slug="den")
    assert site.member.user_id
    await chat.add_member(site.owner, room.id, site.member.user_id)
    return room


def rights(tab: Tab) -> set[str]:
    return {name for name, right in RIGHTS.items() if tab.get(right)}


def fields(**given: str) -> dict[str, str]:
    return {"name": "", "purpose": "", "visibility": "public", **given}


async def slugs(scope: Scope) -> list[str]:
    return [room.slug for room in await chat.list_rooms(scope)]


async def test_a_room_is_shown_with_what_each_may_do_in_it(site: Site, room: ChatRoom) -> None:
    tabs = {who: await site.open("/chat/tea", scope) for who, scope in people(site).items()}
    for tab in tabs.values():
        assert (tab.get(RoomState.name), tab.get(RoomState.purpose)) == ("Tea", "and cake")
        assert tab.get(RoomState.topic) == f"room:{room.id}"
    assert {who: rights(tab) for who, tab in tabs.items()} == {
        "owner": {"write", "update", "delete", "leave"},
        "moderator": {"write", "leave"},
        "member": {"write", "leave"},
        "visitor": set(),
    }


def people(site: Site) -> dict[str, Scope | None]:
    return {"owner": site.owner, "moderator": site.moderator, "member": site.member, "visitor": None}


async def test_no_message_passes_through_a_state(site: Site, room: ChatRoom) -> None:
    await make_message(site.owner, room, "sesame")
    tab = await site.open("/chat/tea", site.member)
    await make_message(site.owner, room, "sesame again")
    assert "sesame" not in str(tab.deltas)


async def test_a_private_room_is_not_there_for_others(site: Site, den: ChatRoom) -> None:
    inside = await site.open("/chat/den", site.member)
    assert rights(inside) == {"write", "see_members", "leave"}
    assert await inside_of(site, inside, site.member) == ["Mia Member"]
    await inside.send(MembersForm.suggest("", "1"))
    assert inside.get(MembersForm.suggestions) == []
    for scope in (site.moderator, None):
        tab = await site.open("/chat", scope)
        with pytest.raises(NotFound):
            await tab.navigate(f"/o/{site.slug}/chat/den")
        assert "Den" not in str(tab.deltas)
        assert str(den.id) not in str(tab.deltas)


async def test_admins_make_a_room_and_others_may_not(site: Site) -> None:
    owner = await site.open("/chat", site.owner)
    assert owner.get(RoomsState.can_create)
    await owner.send(NewRoomForm.validate(fields(name="x" * 81), ["name"]))
    assert owner.get(NewRoomForm.errors) == {"name": "should be at most 80 character(s)"}
    await owner.submit(NewRoomForm.save, fields(name="Café talk", visibility="private"))
    assert owner.redirects == [f"/o/{site.slug}/chat/cafe-talk"]
    assert await slugs(site.owner) == ["cafe-talk"]
    for scope in (site.member, None):
        tab = await site.open("/chat", scope)
        assert not tab.get(RoomsState.can_create)
        with pytest.raises((Forbidden, Unauthenticated)):
            await tab.submit(NewRoomForm.save, fields(name="Mine"))
    assert await slugs(site.owner) == ["cafe-talk"]


async def test_a_room_is_changed_and_every_open_page_shows_it(site: Site, room: ChatRoom) -> None:
    owner, member = await site.open("/chat/tea", site.owner), await site.open("/chat/tea", site.member)
    assert owner.get(EditRoomForm.values) == {"name": "Tea", "purpose": "and cake", "visibility": "public"}
    await owner.submit(EditRoomForm.save, fields(name=" "))
    assert owner.get(EditRoomForm.errors) == {"name": "can't be blank"}
    await owner.submit(EditRoomForm.save, fields(name="Coffee"))
    await member.until(lambda: member.get(RoomState.name) == "Coffee")
    await owner.submit(EditRoomForm.save, fields(name="Coffee", visibility="private"))
    await member.until(lambda: member.get(RoomState.is_gone))
    assert rights(member) == set()


async def test_who_is_in_a_private_room_is_up_to_admins(site: Site, den: ChatRoom) -> None:
    owner, member = await site.open("/chat/den", site.owner), await site.open("/chat/den", site.member)
    await owner.send(MembersForm.suggest("m", "1"))
    assert [each["name"] for each in owner.get(MembersForm.suggestions)] == ["Mo Moderator"]
    await owner.submit(MembersForm.save, {"user_id": str(site.moderator.user_id)})
    assert await inside_of(site, owner, site.owner) == ["Mia Member", "Mo Moderator"]
    await owner.send(MembersForm.suggest("m", "2"))
    assert owner.get(MembersForm.suggestions) == []
    stranger = await make_user()
    await owner.submit(MembersForm.save, {"user_id": str(stranger.id)})
    assert owner.get(MembersForm.errors)["user_id"]
    await owner.submit(MembersForm.save, {"user_id": ""})
    assert owner.get(MembersForm.errors) == {"user_id": "choose from the list"}
    await owner.send(MembersForm.remove(str(site.member.user_id)))
    await member.until(lambda: member.get(RoomState.is_gone))
    assert await inside_of(site, owner, site.owner) == ["Mo Moderator"]


async def inside_of(site: Site, tab: Tab, scope: Scope) -> list[str]:
    """Who is in the room of this person's tab, as its list shows them."""
    return [row["name"] for row in await site.rows_of(tab.get(RoomState.members_topic), scope)]


async def test_a_room_is_deleted_and_left(site: Site, room: ChatRoom, den: ChatRoom) -> None:
    member = await site.open("/chat/den", site.member)
    await member.send(RoomState.leave)
    assert member.redirects == [f"/o/{site.slug}/chat"]
    assert await slugs(site.member) == ["tea"]
    newcomer = await site.open("/chat/tea", site.moderator)
    await newcomer.send(RoomState.leave)
    assert newcomer.redirects == [f"/o/{site.slug}/chat"]
    owner, reader = await site.open("/chat/tea", site.owner), await site.open("/chat/tea", site.member)
    await owner.send(RoomState.delete)
    await reader.until(lambda: reader.get(RoomState.is_gone))
    assert await slugs(site.owner) == ["den"]


HANDLERS: dict[str, tuple[Any, ...]] = {
    "delete": (RoomState.delete,),
    "leave": (RoomState.leave,),
    "edit": (EditRoomForm.save, {"name": "Mine"}),
    "validate": (EditRoomForm.validate, {"name": "Mine"}, ["name"]),
    "find": (MembersForm.suggest, "", "1"),
    "let in": (MembersForm.save, {"user_id": "x"}),
    "take out": (MembersForm.remove, "x"),
    "make": (NewRoomForm.save, {"name": "Mine"}),
}


@pytest.mark.parametrize("name", HANDLERS)
@pytest.mark.parametrize("path", ["/chat/den", "/chat/tea"])
async def test_no_handler_does_anything_for_strangers(
    site: Site, room: ChatRoom, den: ChatRoom, path: str, name: str
) -> None:
    """Somebody of another organisation, and a visitor."""
    before = [await chat.get_room(site.owner, each.id) for each in (room, den)]
    stranger = await make_member(await make_organization())
    handler, *arguments = HANDLERS[name]
    given = [str(site.member.user_id) if each == "x" else each for each in arguments]
    if given and isinstance(given[0], dict) and "user_id" in given[0]:
        given = [{"user_id": str(site.moderator.user_id)}]
    for scope in (stranger, None):
        tab = await site.open("/chat", scope)
        with suppress(NotFound):
            await tab.navigate(f"/o/{site.slug}{path}")
        with suppress(Forbidden, NotFound, Unauthenticated):
            await tab.send(handler, *given)
        assert [await chat.get_room(site.owner, each.id) for each in (room, den)] == before
        assert await slugs(site.owner) == ["den", "tea"]
        assert tab.get(MembersForm.suggestions) == []
        inside = (await chat.list_room_members(site.owner, den.id)).entries
        assert [each.user_id for each in inside] == [site.member.user_id]

"""Rooms: who finds which, what they say is unread, and who is in them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from sqlmodel import select

from myapp import chat
from myapp.accounts import Organization, Visibility
from myapp.chat import RoomCreated, RoomDeleted, RoomEvent, RoomMemberAdded, RoomMemberRemoved, RoomUpdated
from myapp.kit.audit import AuditLog
from myapp.kit.errors import Forbidden, Invalid, NotFound, Unauthenticated
from myapp.kit.repo import transaction
from myapp.kit.scope import Role, Scope
from tests.factories import SYSTEM
from tests.factories.accounts import make_member, make_organization
from tests.factories.chat import make_message, make_room

type AssertQueries = Callable[[int], AbstractContextManager[list[str]]]


@pytest.fixture
async def keeper(organization: Organization) -> Scope:
    return await make_member(organization, Role.ADMIN)


def me(scope: Scope):
    assert scope.user_id is not None
    return scope.user_id


async def names(scope: Scope) -> list[str]:
    return [room.name for room in await chat.list_rooms(scope)]


async def errors_of(scope: Scope, **attrs: object) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as refusal:
        await chat.create_room(scope, attrs)
    return refusal.value.errors


async def test_a_room_has_a_slug_of_its_name_that_no_other_has(keeper: Scope) -> None:
    slugs = [(await chat.create_room(keeper, {"name": name})).slug for name in ("Café  talk", "Cafe talk", "🎉")]
    assert slugs == ["cafe-talk", "cafe-talk-2", "untitled"]
    assert await errors_of(keeper, name="Other", slug="cafe-talk") == {"slug": ["has already been taken"]}
    assert (await chat.get_room_by_slug(keeper, "cafe-talk")).name == "Café talk"


async def test_a_name_is_1_to_80_characters_and_a_purpose_at_most_250(keeper: Scope) -> None:
    assert await errors_of(keeper, name="  ") == {"name": ["can't be blank"]}
    assert await errors_of(keeper, name="x" * 81) == {"name": ["should be at most 80 character(s)"]}
    assert await errors_of(keeper, name="x", purpose="x" * 251) == {"purpose": ["should be at most 250 character(s)"]}
    assert await errors_of(keeper, name="x", visibility="secret") == {"visibility": ["is invalid"]}
    assert (await chat.change_room(keeper, None, {"name": ""})).errors


async def test_private_rooms_are_found_by_their_members_and_by_admins(keeper: Scope, ada: Scope, mei: Scope) -> None:
    await make_room(keeper, name="Open")
    room = await make_room(keeper, Visibility.PRIVATE, name="Closed")
    await chat.add_member(keeper, room.id, me(ada))
    assert [await names(scope) for scope in (keeper, ada, mei)] == [["Closed", "Open"], ["Closed", "Open"], ["Open"]]
    with pytest.raises(NotFound):
        await chat.get_room(mei, room.id)
    with pytest.raises(NotFound):
        await chat.get_room_by_slug(mei, room.slug)


async def test_visitors_read_public_rooms_of_public_organisations_alone(ada: Scope) -> None:
    room = await make_room(ada, name="Open")
    hidden = await make_member(await make_organization(Visibility.PRIVATE))
    await make_room(hidden, name="Theirs")
    assert await names(Scope.anonymous(ada.org_id)) == ["Open"]
    assert await names(Scope.anonymous(hidden.org_id)) == []
    assert await names(hidden) == ["Theirs"]
    with pytest.raises(Unauthenticated):
        await chat.create_message(Scope.anonymous(ada.org_id), room.id, {"body": "hi"})
    with pytest.raises(Forbidden):
        await chat.create_message(Scope(hidden.user_id, ada.org_id), room.id, {"body": "hi"})


async def test_unread_are_those_after_the_last_one_read(ada: Scope, mei: Scope) -> None:
    room = await make_room(ada)
    for _ in range(3):
        await make_message(ada, room)
    assert [(await chat.get_room(scope, room.id)).unread_count for scope in (ada, mei)] == [0, 3]
    assert await chat.mark_read(mei, room.id, 2) == 2
    assert (await chat.get_room(mei, room.id)).unread_count == 1
    assert await chat.mark_read(mei, room.id, 1) == 2, "never backwards"
    assert await chat.mark_read(mei, room.id, 99) == 3, "never beyond the end"
    await make_message(ada, room)
    assert (await chat.get_room(mei, room.id)).unread_count == 1
    assert (await chat.get_room(Scope.anonymous(ada.org_id), room.id)).unread_count == 0


async def test_unread_mentions_are_counted_until_they_are_read(ada: Scope, mei: Scope) -> None:
    room = await make_room(ada)
    username = next(person.username for person in await people_of(mei))
    for body in ("hello", f"@{username}?", f"@{username.upper()}, are you there?"):
        await make_message(ada, room, body)
    await make_message(mei, room, f"I am not @{username} to myself")
    assert (await chat.get_room(mei, room.id)).mention_count == 0, "who writes has read"
    message = await make_message(ada, room, f"@{username}!")
    assert (await chat.get_room(mei, room.id)).mention_count == 1
    assert (await chat.get_room(ada, room.id)).mention_count == 0
    await chat.delete_message(ada, message.id)
    assert (await chat.get_room(mei, room.id)).mention_count == 0


async def people_of(scope: Scope):
    room = await make_room(scope, Visibility.PRIVATE)
    await chat.add_member(Scope.system("a test", scope.org_id), room.id, me(scope))
    return (await chat.list_room_members(scope, room.id)).entries


async def test_a_list_of_rooms_is_one_query(ada: Scope, mei: Scope, assert_queries: AssertQueries) -> None:
    for _ in range(7):
        await make_message(ada, await make_room(ada))
    with assert_queries(1):
        rooms = await chat.list_rooms(mei)
    assert [room.unread_count for room in rooms] == [1] * 7


async def test_rooms_are_made_changed_and_deleted_by_admins(keeper: Scope, ada: Scope) -> None:
    room = await chat.create_room(keeper, {"name": "Tea"})
    assert (await chat.get_room(keeper, room.id)).is_member
    for forbidden in (
        chat.create_room(ada, {"name": "Mine"}),
        chat.update_room(ada, room.id, {"name": "Mine"}),
        chat.delete_room(ada, room.id),
        chat.add_member(ada, room.id, me(ada)),
        chat.remove_member(ada, room.id, me(keeper)),
    ):
        with pytest.raises(Forbidden):
            await forbidden
    room = await chat.update_room(keeper, room.id, {"name": "Coffee"})
    assert (room.name, room.slug) == ("Coffee", "tea")
    await make_message(keeper, room)
    await chat.delete_room(keeper, room.id)
    with pytest.raises(NotFound):
        await chat.list_messages(keeper, room.id)
    async with transaction(SYSTEM) as session:
        actions = (await session.exec(select(AuditLog.action).where(AuditLog.subject_id == str(room.id)))).all()
    assert sorted(actions) == ["chat.room.created", "chat.room.deleted", "chat.room.updated"]


async def test_only_members_of_the_organisation_are_let_in(keeper: Scope) -> None:
    room = await make_room(keeper, Visibility.PRIVATE)
    stranger = await make_member(await make_organization())
    with pytest.raises(Invalid):
        await chat.add_member(keeper, room.id, me(stranger))


async def test_who_is_let_in_later_has_nothing_unread_and_who_leaves_is_out(keeper: Scope, ada: Scope) -> None:
    room = await make_room(keeper, Visibility.PRIVATE)
    await make_message(keeper, room)
    for _ in range(2):
        await chat.add_member(keeper, room.id, me(ada))
    assert (await chat.get_room(ada, room.id)).unread_count == 0
    await chat.remove_member(ada, room.id, me(ada))
    with pytest.raises(NotFound):
        await chat.get_room(ada, room.id)
    with pytest.raises(NotFound):
        await chat.remove_member(keeper, room.id, me(ada))


async def test_an_admin_who_looks_into_a_private_room_is_not_in_it(keeper: Scope) -> None:
    room = await make_room(keeper, Visibility.PRIVATE)
    assert await chat.mark_read(keeper, room.id, 0) == 0
    await make_message(keeper, room)
    assert not (await chat.get_room(keeper, room.id)).is_member


async def test_listeners_hear_of_rooms_by_id(keeper: Scope, ada: Scope) -> None:
    heard: list[object] = []
    subscription = await chat.subscribe_rooms(ada, lambda _, event: heard.append(event))
    room = await chat.create_room(keeper, {"name": "Secret plans", "visibility": "private"})
    await chat.add_member(keeper, room.id, me(ada))
    await chat.remove_member(keeper, room.id, me(ada))
    await chat.update_room(keeper, room.id, {"name": "Plans"})
    await chat.update_room(keeper, room.id, {"name": "Plans"})
    await chat.delete_room(keeper, room.id)
    subscription.cancel()
    kinds: list[type[RoomEvent]] = [RoomCreated, RoomMemberAdded, RoomMemberRemoved, RoomUpdated, RoomDeleted]
    assert [type(event) for event in heard] == kinds
    assert "lans" not in repr(heard)

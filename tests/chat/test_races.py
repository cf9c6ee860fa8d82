"""Many things at once, on real connections: one gapless order, each message once, no way in past a closing door."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from uuid import UUID

import pytest
from sqlmodel import col, select

from myapp import accounts, chat
from myapp.accounts import Organization, Visibility
from myapp.chat import RoomGrew, RoomMember
from myapp.kit import pubsub
from myapp.kit.errors import Invalid, NotFound
from myapp.kit.repo import transaction
from myapp.kit.scope import Role, Scope
from tests.factories import SYSTEM
from tests.factories.accounts import make_member, make_organization
from tests.factories.chat import make_message, make_room
from tests.factories.notifications import username_of
from tests.overlaps import while_open


@dataclass
class Place:
    """An organisation, who keeps its rooms, and somebody who is in none of them."""

    organization: Organization
    keeper: Scope
    mei: Scope

    @property
    def mei_id(self) -> UUID:
        assert self.mei.user_id is not None
        return self.mei.user_id


@pytest.fixture
async def place(real_db: str) -> Place:
    organization = await make_organization()
    return Place(organization, await make_member(organization, Role.ADMIN), await make_member(organization))


async def those_inside(room_id: UUID) -> set[UUID]:
    async with transaction(SYSTEM) as session:
        return set((await session.exec(select(RoomMember.user_id).where(col(RoomMember.room_id) == room_id))).all())


async def test_racing_messages_are_numbered_without_a_gap(real_db: str) -> None:
    organization = await make_organization()
    people = [await make_member(organization) for _ in range(5)]
    room = await make_room(people[0])

    written = await asyncio.gather(*(make_message(person, room) for person in people for _ in range(10)))

    assert sorted(message.seq for message in written) == list(range(1, 51))
    read = (await chat.list_messages(people[0], room.id, limit=100)).entries
    assert [message.seq for message in read] == list(range(1, 51))
    assert (await chat.get_room(people[0], room.id)).last_seq == 50


async def test_one_message_sent_many_times_at_once_is_one(real_db: str) -> None:
    ada = await make_member(await make_organization())
    room = await make_room(ada)
    heard: list[object] = []
    subscription = await chat.subscribe_room(ada, room.id, lambda _, event: heard.append(event))

    attrs = {"body": "once", "client_id": "a"}
    written = await asyncio.gather(*(chat.create_message(ada, room.id, attrs) for _ in range(8)))

    subscription.cancel()
    assert len({message.id for message in written}) == 1
    assert len(heard) == 1
    assert (await make_message(ada, room)).seq == 2


async def test_reading_never_goes_backwards(real_db: str) -> None:
    organization = await make_organization()
    ada, mei = await make_member(organization), await make_member(organization)
    room = await make_room(ada)
    for _ in range(8):
        await make_message(ada, room)
    await asyncio.gather(*(chat.mark_read(mei, room.id, seq) for seq in (3, 8, 1, 5, 2)))
    assert (await chat.get_room(mei, room.id)).last_read_seq == 8


async def test_who_reads_a_room_that_is_being_closed_is_not_let_in(real_db: str, place: Place) -> None:
    room = await make_room(place.keeper)
    close = chat.update_room(place.keeper, room.id, {"visibility": "private"})
    assert await while_open(real_db, close, chat.mark_read(place.mei, room.id, 0)) == 0
    with pytest.raises(NotFound):
        await chat.get_room(place.mei, room.id)


async def test_who_writes_in_a_room_that_is_being_closed_is_refused(real_db: str, place: Place) -> None:
    room = await make_room(place.keeper)
    close = chat.update_room(place.keeper, room.id, {"visibility": "private"})
    assert isinstance(await while_open(real_db, close, make_message(place.mei, room)), NotFound)
    with pytest.raises(NotFound):
        await chat.get_room(place.mei, room.id)
    assert (await make_message(place.keeper, room)).seq == 1


async def test_who_writes_in_a_room_while_being_shown_out_is_refused(real_db: str, place: Place) -> None:
    room = await make_room(place.keeper, Visibility.PRIVATE)
    await chat.add_member(place.keeper, room.id, place.mei_id)
    out = chat.remove_member(place.keeper, room.id, place.mei_id)
    assert isinstance(await while_open(real_db, out, make_message(place.mei, room)), NotFound)


async def test_what_is_said_in_a_room_that_is_being_closed_is_for_those_inside(real_db: str, place: Place) -> None:
    room = await make_room(place.keeper)
    await make_message(place.keeper, room)
    heard: list[object] = []
    subscription = pubsub.subscribe(chat.topic_talk(place.organization.id), lambda _, event: heard.append(event))
    close = chat.update_room(place.keeper, room.id, {"visibility": "private"})
    said = await while_open(real_db, close, make_message(place.keeper, room, f"@{await username_of(place.mei)}"))
    subscription.cancel()
    assert isinstance(said, chat.MessageCard)
    assert said.mentions == ()
    (grew,) = heard
    assert isinstance(grew, RoomGrew)
    assert (grew.visibility, grew.mentions) == (Visibility.PRIVATE, ())


async def test_who_is_let_in_while_coming_in_is_in_once(place: Place) -> None:
    """Each took first what the other waited for, and one of the two was refused by the database."""
    room = await make_room(place.keeper)
    people = [await make_member(place.organization) for _ in range(10)]
    for mei in people:
        assert mei.user_id is not None
        await asyncio.gather(chat.add_member(place.keeper, room.id, mei.user_id), chat.mark_read(mei, room.id, 0))
    assert await those_inside(room.id) == {mei.user_id for mei in people}


async def test_who_is_let_into_a_room_while_leaving_the_organisation_is_not_in_it(real_db: str, place: Place) -> None:
    room = await make_room(place.keeper, Visibility.PRIVATE)
    leave = accounts.delete_membership(place.mei, place.organization.id, place.mei_id)
    came = await while_open(real_db, leave, chat.add_member(place.keeper, room.id, place.mei_id))
    assert isinstance(came, Invalid)
    assert await those_inside(room.id) == set()


async def test_who_leaves_the_organisation_while_being_let_into_a_room_is_not_in_it(real_db: str, place: Place) -> None:
    room = await make_room(place.keeper, Visibility.PRIVATE)
    let_in = chat.add_member(place.keeper, room.id, place.mei_id)
    leave = accounts.delete_membership(place.mei, place.organization.id, place.mei_id)
    assert await while_open(real_db, let_in, leave) is None
    assert await those_inside(room.id) == set()

"""Many who write at once, on real connections: one gapless order, and each message once."""

from __future__ import annotations

import asyncio

from myapp import chat
from tests.factories.accounts import make_member, make_organization
from tests.factories.chat import make_message, make_room


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

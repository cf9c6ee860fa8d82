"""Many write at once, and people come in meanwhile: everybody hears every message once and in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

from myapp import chat
from myapp.chat import ChatRoom
from myapp.kit import presence
from myapp.kit.scope import Scope
from tests.factories.accounts import make_member, make_organization
from tests.factories.chat import make_message, make_room
from tests.kit.channels.conftest import Sites
from tests.phoenix.client import PhoenixClient, phoenix_client
from tests.web.channels.rooms import address, endpoint_of_the_product, said_next

SENDERS = 50


@pytest.fixture
async def real_url(sites: Sites, real_db: str) -> AsyncGenerator[str]:
    endpoint = endpoint_of_the_product()
    async with presence.running(period=0.05), endpoint.running():
        yield address(sites, endpoint)


async def seqs_heard(client: PhoenixClient, room: ChatRoom, last: int) -> list[int]:
    """The numbers of the messages a client got, from its page on to the last one."""
    page = await said_next(client, room, "messages")
    seqs = [message["seq"] for message in page["messages"]]
    while not seqs or seqs[-1] != last:
        seqs.append((await said_next(client, room))["seq"])
    return seqs


async def test_fifty_who_write_at_once_are_heard_in_one_order(real_url: str) -> None:
    organization = await make_organization()
    people = [await make_member(organization) for _ in range(10)]
    room = await make_room(people[0])
    async with (
        phoenix_client(real_url, "1.8", user=str(people[0].user_id)) as ada,
        phoenix_client(real_url, "1.8") as visitor,
    ):
        for client in (ada, visitor):
            assert (await client.join(f"room:{room.id}"))[0] == "ok"
        await asyncio.gather(*(make_message(people[number % 10], room) for number in range(SENDERS)))
        for client in (ada, visitor):
            assert await seqs_heard(client, room, SENDERS) == list(range(1, SENDERS + 1))


async def test_who_comes_in_meanwhile_misses_nothing_and_hears_nothing_twice(real_url: str) -> None:
    ada = await make_member(await make_organization())
    room = await make_room(ada)

    async with phoenix_client(real_url, "1.8") as first, phoenix_client(real_url, "1.8") as second:
        writing = asyncio.create_task(write(ada, room))
        await hear_of(5, ada, room)
        await first.join(f"room:{room.id}")
        await hear_of(20, ada, room)
        await second.join(f"room:{room.id}")
        await writing
        for client in (first, second):
            assert await seqs_heard(client, room, SENDERS) == list(range(1, SENDERS + 1))


async def write(scope: Scope, room: ChatRoom) -> None:
    for _ in range(SENDERS):
        await make_message(scope, room)


async def hear_of(seq: int, scope: Scope, room: ChatRoom) -> None:
    """Wait until so many have been written."""
    heard = asyncio.Event()

    def note(_topic: str, event: object) -> None:
        if isinstance(event, chat.MessageCreated) and event.message.seq >= seq:
            heard.set()

    subscription = await chat.subscribe_room(scope, room.id, note)
    if (await chat.get_room(scope, room.id)).last_seq < seq:
        await heard.wait()
    subscription.cancel()

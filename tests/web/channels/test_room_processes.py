"""One room in two processes that know each other through PostgreSQL alone, of which one is killed."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from myapp.chat import ChatRoom
from myapp.config import ROOT
from myapp.kit import presence, pubsub
from tests.factories.accounts import make_member, make_organization
from tests.factories.chat import make_room
from tests.kit.channels.conftest import Sites
from tests.phoenix.client import PhoenixClient
from tests.serving import free_port
from tests.web.channels.rooms import address, client_of, endpoint_of_the_product, said_next, topic_of

SOON = 20.0  # seconds that a process may take on a machine that runs four tests at once
EACH = 10  # messages of one person


@pytest.fixture
async def here(sites: Sites, real_db: str) -> AsyncGenerator[str]:
    """What a page gives to `new Socket(…)` for this process."""
    endpoint = endpoint_of_the_product()
    async with pubsub.connected(real_db), presence.running(), endpoint.running():
        yield address(sites, endpoint)


@asynccontextmanager
async def peer(database_url: str, port: int) -> AsyncGenerator[Process]:
    """Another process; it is killed at the end, as nothing else could prove that it need not say goodbye."""
    command = [sys.executable, "-m", "tests.web.channels.room_peer", database_url, str(port)]
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, cwd=ROOT)
    assert process.stdout is not None
    try:
        assert await asyncio.wait_for(process.stdout.readline(), SOON) == b"ready\n"
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def say(client: PhoenixClient, room: ChatRoom, *bodies: str) -> None:
    """Say these, one as soon as the other is answered."""
    for body in bodies:
        status, response = await client.push(topic_of(room), "new_msg", {"body": body, "client_id": body})
        assert status == "ok", response


async def hears(client: PhoenixClient, room: ChatRoom, seqs: range) -> list[str]:
    """What a client hears, once it is sure that the numbers are these."""
    heard = [await said_next(client, room) for _ in seqs]
    assert [message["seq"] for message in heard] == list(seqs)
    return [message["body"] for message in heard]


async def test_both_hear_all_in_one_order_and_miss_nothing_when_one_is_killed(here: str, real_db: str) -> None:
    organization = await make_organization()
    ada, mei = await make_member(organization, name="Ada"), await make_member(organization, name="Mei")
    room, port = await make_room(ada), free_port()
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(peer(real_db, port))
        hers = await stack.enter_async_context(client_of(here, ada))
        his = await stack.enter_async_context(client_of(f"ws://127.0.0.1:{port}/socket", mei))
        for client in (hers, his):
            assert (await client.join(topic_of(room)))[0] == "ok"
            await said_next(client, room, "messages")

        await asyncio.gather(say(hers, room, *words("ada")), say(his, room, *words("mei")))
        assert await hears(hers, room, range(1, 21)) == await hears(his, room, range(1, 21))

        first.kill()
        await first.wait()
        await his.happens("close")
        await say(hers, room, "are you there?")
        assert await hears(hers, room, range(21, 22)) == ["are you there?"]

        await stack.enter_async_context(peer(real_db, port))
        page = await said_next(his, room, "messages")
        assert [message["seq"] for message in page["messages"]] == list(range(1, 22))
        await say(his, room, "mei 9", "back again")  # the first was said before: its answer might have been lost
        for client in (hers, his):
            assert await hears(client, room, range(22, 23)) == ["back again"]


def words(name: str) -> list[str]:
    return [f"{name} {number}" for number in range(EACH)]

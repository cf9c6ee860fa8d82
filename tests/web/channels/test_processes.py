"""The product's channels in two processes, that know each other through PostgreSQL alone or through Redis.

`here` is this process, `there` another one, and `site` is both behind one address: `there` while it lives, else `here`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

import pytest

from myapp.accounts import Organization
from myapp.chat import ChatRoom
from myapp.kit import presence, pubsub
from myapp.kit.scope import Scope
from tests import peers
from tests.factories.accounts import make_organization
from tests.factories.blog import make_post
from tests.factories.chat import make_room
from tests.kit.between import Between, redis_server
from tests.kit.channels.conftest import Sites
from tests.peers import Peer
from tests.phoenix.client import PhoenixClient
from tests.serving import PATIENCE, free_port
from tests.web.channels.rooms import address, client_of, endpoint_of_the_product, said_next, topic_of

__all__ = ["redis_server"]  # a fixture

EACH = 10  # messages of one person


class There:
    """Another process with the same database, at one address however often it is started."""

    def __init__(self, between: Between) -> None:
        self.between = between
        self.port = free_port()
        self._process: Peer | None = None

    async def lives(self) -> None:
        """Start it, unless it runs."""
        if self._process is not None:
            return
        self._process = await peers.start("tests.web.channels.peer", str(self.port), *self.between.urls)
        assert await asyncio.wait_for(self._process.stdout.readline(), PATIENCE) == b"ready\n"

    async def dies(self) -> None:
        """Killed, so that it says goodbye to nobody."""
        if self._process is not None:
            self._process.kill()
            await self._process.wait()
            self._process = None

    def publishes(self, author: Scope, title: str) -> None:
        assert self._process is not None
        self._process.stdin.write(f"{author.org_id} {author.user_id} {title}\n".encode())


@pytest.fixture(scope="module", params=["postgres", "redis"])
async def started(request: pytest.FixtureRequest, database_url: str) -> AsyncGenerator[There]:
    redis = request.getfixturevalue("redis_server") if request.param == "redis" else None
    there = There(Between(database_url, redis))
    yield there
    await there.dies()


@pytest.fixture
async def there(started: There, real_db: str) -> There:
    await started.lives()
    return started


@pytest.fixture
async def here(sites: Sites, there: There) -> AsyncGenerator[str]:
    """What a page gives to `new Socket(…)` for this process."""
    endpoint = endpoint_of_the_product()
    async with pubsub.connected(*there.between.urls), presence.running(), endpoint.running():
        yield address(sites, endpoint)


@pytest.fixture
async def site(sites: Sites, there: There, here: str) -> AsyncGenerator[str]:
    async with balancer(there.port, sites.port) as port:
        yield here.replace(str(sites.port), str(port), 1)


@asynccontextmanager
async def balancer(*ports: int) -> AsyncGenerator[int]:
    """The port of one address for several servers: each connection goes to the first that takes it."""

    ends = set[asyncio.StreamWriter]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for port in ports:
            with suppress(OSError):
                back, forth = await asyncio.open_connection("127.0.0.1", port)
                ends.update((writer, forth))
                await asyncio.gather(pass_on(reader, forth), pass_on(back, writer))
                return
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for end in ends:
            end.close()
        await server.wait_closed()


async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while some := await reader.read(1 << 16):
            writer.write(some)
    writer.close()


@pytest.fixture
async def organization(real_db: str) -> Organization:
    return await make_organization()


@pytest.fixture
async def hers(here: str, ada: Scope) -> AsyncGenerator[PhoenixClient]:
    async with client_of(here, ada) as client:
        yield client


@pytest.fixture
async def his(site: str, mei: Scope) -> AsyncGenerator[PhoenixClient]:
    async with client_of(site, mei) as client:
        yield client


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


async def test_a_room_is_one_conversation_and_goes_on_in_the_other_process_when_one_is_killed(
    there: There, hers: PhoenixClient, his: PhoenixClient, ada: Scope
) -> None:
    room = await make_room(ada)
    for client in (hers, his):
        assert (await client.join(topic_of(room)))[0] == "ok"
        await said_next(client, room, "messages")
    await asyncio.gather(say(hers, room, *words("ada")), say(his, room, *words("mei")))
    assert await hears(hers, room, range(1, 21)) == await hears(his, room, range(1, 21))
    await his.tell(topic_of(room), "typing")
    assert (await said_next(hers, room, "user_typing"))["name"] == "Mei"

    await there.dies()
    await his.happens("close")
    await say(hers, room, "are you there?")
    assert await hears(hers, room, range(21, 22)) == ["are you there?"]

    page = await said_next(his, room, "messages")
    seqs = [message["seq"] for message in page["messages"]]
    if seqs[-1] < 21:  # he was back before it was said
        seqs += [message["seq"] for message in [await said_next(his, room)]]
    assert seqs == list(range(1, 22))
    await say(his, room, "mei 9", "back again")  # the first was said before: its answer might have been lost
    for client in (hers, his):
        assert await hears(client, room, range(22, 23)) == ["back again"]


def words(name: str) -> list[str]:
    return [f"{name} {number}" for number in range(EACH)]


async def test_a_list_is_the_same_in_both_processes_and_misses_nothing_when_one_is_killed(
    there: There, hers: PhoenixClient, his: PhoenixClient, ada: Scope, organization: Organization
) -> None:
    topic = f"stream:posts:{organization.slug}"
    for client in (hers, his):
        client.follow(topic)
        await client.shows(topic, [])
    await make_post(ada, title="From here")
    await his.shows(topic, ["From here"])
    there.publishes(ada, "From there")
    for client in (hers, his):
        await client.shows(topic, ["From there", "From here"])

    await there.dies()
    for number in range(3):
        await make_post(ada, title=f"Meanwhile {number}")
    for client in (hers, his):
        await client.shows(topic, ["Meanwhile 2", "Meanwhile 1", "Meanwhile 0", "From there", "From here"])


async def test_a_list_is_whole_again_when_its_process_was_killed_and_is_back(
    there: There, ada: Scope, organization: Organization
) -> None:
    topic = f"stream:posts:{organization.slug}"
    await make_post(ada, title="Before")
    async with client_of(f"ws://127.0.0.1:{there.port}/socket", ada) as client:
        client.follow(topic)
        await client.shows(topic, ["Before"])
        await there.dies()
        await make_post(ada, title="Meanwhile")
        await client.happens("close")
        await there.lives()
        await client.shows(topic, ["Meanwhile", "Before"])


async def test_lists_are_whole_again_after_processes_lost_each_other(
    there: There, hers: PhoenixClient, his: PhoenixClient, ada: Scope, organization: Organization
) -> None:
    topic = f"stream:posts:{organization.slug}"
    for client in (hers, his):
        client.follow(topic)
        await client.shows(topic, [])
    async with there.between.lost():
        await make_post(ada, title="From here")
        await hers.shows(topic, ["From here"])
        there.publishes(ada, "From there")
    for client in (hers, his):
        await client.shows(topic, ["From there", "From here"])

"""Whichever part of a process is killed by hand: it is back, what relied on it too, and open pages go on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from io import BytesIO
from pathlib import Path

import pytest

from myapp import application, blog, notifications
from myapp.accounts import Organization
from myapp.application import Child, Periodic
from myapp.config import Settings
from myapp.kit import images, mailer, presence, pubsub, rate_limit, storage
from myapp.kit.rate_limit import Limit
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope
from myapp.kit.supervisor import ChildSpec, Node, Supervisor
from tests.factories import SYSTEM
from tests.factories.accounts import make_organization
from tests.factories.blog import make_post
from tests.factories.chat import make_room
from tests.factories.files import photo
from tests.factories.mails import mails_to, make_mail
from tests.factories.notifications import username_of
from tests.kit.channels.conftest import Sites
from tests.kit.supervisor.pieces import PATIENCE, node, until
from tests.web.channels.rooms import address, client_of, endpoint_of_the_product, said_next, topic_of

TICK = 0.02  # seconds


def paths() -> list[str]:
    """All that runs in a process that does everything: a part that is added later is tried with the rest."""

    def beneath(children: list[ChildSpec], above: str = "") -> Iterator[str]:
        for child in children:
            if child.restart == "temporary":
                continue
            yield f"{above}{child.id}"
            if child.id == "live":
                yield from beneath(list(child.start.args[1]), "live/")  # type: ignore[attr-defined]

    channels = Child("channels", endpoint_of_the_product().running)
    return list(beneath(application.children("all", Settings(), "postgresql:///", [channels])))  # pyright: ignore[reportCallIssue]


class World:
    """A process that does everything, and what people have open in it."""

    def __init__(self, root: Supervisor, url: str, ada: Scope, mei: Scope) -> None:
        self.root = root
        self.url = url
        self.ada = ada
        self.mei = mei
        self.ticks = 0
        self.heard: list[object] = []

    def nodes(self) -> list[Node]:
        return [each for child in self.root.tree() for each in (child, *child.children)]

    async def kill(self, path: str) -> None:
        """Kill it, and wait until everything runs again."""
        lives = node(self.root, path).restarts
        self.root.kill(path)
        await until(lambda: node(self.root, path).restarts > lives)
        await until(lambda: all(each.state == "running" for each in self.nodes()))

    async def next_tick(self) -> None:
        """Wait for a periodic job that begins from now on."""
        done = self.ticks
        await until(lambda: self.ticks > done + 1)


@pytest.fixture
async def organization(real_db: str) -> Organization:
    return await make_organization()


@pytest.fixture
async def world(
    sites: Sites,
    real_db: str,
    organization: Organization,
    ada: Scope,
    mei: Scope,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncGenerator[World]:
    for name, value in {"DATABASE_URL": real_db, "MYAPP_ENV": "test", "MYAPP_DATA_DIR": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    worlds: list[World] = []

    async def tick() -> None:
        worlds[0].ticks += 1

    monkeypatch.setattr(application, "periodic_jobs", lambda: [Periodic("tick", tick, every=TICK)])
    endpoint = endpoint_of_the_product()
    live = [Child("channels", endpoint.running)]
    async with application.running(Settings(), live=live) as root:  # pyright: ignore[reportCallIssue]
        worlds.append(World(root, address(sites, endpoint), ada, mei))
        yield worlds[0]


@pytest.mark.parametrize("path", paths())
async def test_open_pages_go_on_when_it_is_killed(world: World, organization: Organization, path: str) -> None:
    ada, mei = world.ada, world.mei
    room, topic = await make_room(ada), f"stream:posts:{organization.slug}"
    pubsub.subscribe(blog.topic_posts(organization.id), lambda _, event: world.heard.append(event))  # an open page
    async with client_of(world.url, ada) as hers, client_of(world.url, mei) as his:
        for client in (hers, his):
            assert (await client.join(topic_of(room)))[0] == "ok"
            await said_next(client, room, "messages")
            client.follow(topic)
            await client.shows(topic, [])
        await make_post(ada, title="Before")
        for client in (hers, his):
            await client.shows(topic, ["Before"])

        await world.kill(path)

        world.heard.clear()
        await make_post(ada, title="After")
        for client in (hers, his):
            await client.shows(topic, ["After", "Before"])
        assert any(isinstance(each, blog.PostCreated) for each in world.heard)
        said = {"body": f"hello @{await username_of(ada)}", "client_id": "1"}
        status, answer = await his.push(topic_of(room), "new_msg", said)
        assert status == "ok", answer
        await until(lambda: len(presence.list(topic_of(room))) == 2)
        assert await notifications.count_unread(ada) == 1
        await what_nobody_sees_works(world)


async def what_nobody_sees_works(world: World) -> None:
    """Mails, files, pictures, limits and periodic work."""
    async with transaction(SYSTEM):
        await mailer.enqueue(make_mail("ada@example.com"))
    async with asyncio.timeout(PATIENCE):
        while (await mails_to("ada@example.com"))[0].sent_at is None:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)
    [small] = await images.scaled(BytesIO(photo()), [10])
    key = storage.new_key("avatars", "webp")

    async def content() -> AsyncGenerator[bytes]:
        yield small.content

    await storage.current().put(key, content())
    assert (await storage.current().get(key)).size == len(small.content)
    await rate_limit.spend(Limit("tries", 5, 60), "ada")
    await world.next_tick()

"""The product's channels, served, with clients that speak the wire format as whoever they say they are."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import AbstractContextManager, AsyncExitStack, contextmanager
from typing import Any

import pytest
import websockets
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from myapp.kit import presence
from myapp.kit.channels import Endpoint
from myapp.kit.scope import Scope
from myapp.kit.streams import Replica
from myapp.web import channels
from tests.kit.channels.conftest import OURS, Client, Sites, phoenix_clients, sites
from tests.web.channels.identity import whoever_it_says
from tests.web.channels.rooms import room, url

__all__ = ["phoenix_clients", "room", "sites", "url"]


class Follower:
    """A client that follows one stream, and the list it has."""

    def __init__(self, client: Client, address: str, *, descending: bool) -> None:
        self.client = client
        self.topic, _, self.query = address.partition("?")
        self.replica = Replica(descending=descending)
        self.sizes: list[int] = []

    @property
    def titles(self) -> list[str]:
        return [row["title"] for row in self.replica.window.rows]

    async def join(self) -> Any:
        """Join; the reply."""
        await self.client.send("1", "1", self.topic, "phx_join", {**self.replica.params(), "query": self.query})
        *_, reply = await self.client.hear()
        if reply["status"] == "ok":
            self.replica.joined(reply["response"])
        return reply

    async def hears(self) -> list[Any]:
        """Take in the next diff; its operations."""
        *_, event, payload = await self.client.hear()
        assert event == "diff"
        self.replica.heard(payload)
        return payload["ops"]

    async def ask(self, **key: object) -> Any:
        await self.client.send("1", "2", self.topic, "page", key)
        return (await self.client.hear())[-1]


type Follow = Callable[..., Awaitable[Follower]]


@pytest.fixture
async def follow(sites: Sites, db: AsyncConnection) -> AsyncGenerator[Follow]:
    endpoint = Endpoint(channels.channels(), connect=whoever_it_says, is_our_page=lambda origin, _: origin == OURS)
    url = f"ws://127.0.0.1:{sites.port}{sites.put(endpoint)}?vsn=2.0.0"
    async with presence.running(), endpoint.running(), AsyncExitStack() as connections:

        async def start(
            topic: str, scope: Scope | None = None, *, joins: bool = True, descending: bool = True
        ) -> Follower:
            who = f"&user={scope.user_id}" if scope else ""
            opening = websockets.connect(url + who, origin=websockets.Origin(OURS), ping_interval=None)
            client = Client(await connections.enter_async_context(opening))
            follower = Follower(client, topic, descending=descending)
            if joins:
                assert (await follower.join())["status"] == "ok"
            return follower

        yield start


@pytest.fixture
def reads_of_posts(engine: AsyncEngine) -> Callable[[], AbstractContextManager[list[str]]]:
    """`with reads_of_posts() as statements: …` collects what is selected from posts, by whichever task."""

    @contextmanager
    def collect() -> Generator[list[str]]:
        statements: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            if "FROM posts" in statement:
                statements.append(statement)

        event.listen(engine.sync_engine, "before_cursor_execute", note)
        try:
            yield statements
        finally:
            event.remove(engine.sync_engine, "before_cursor_execute", note)

    return collect

"""People in rooms over a real server: clients, and what they hear."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any
from uuid import UUID

import pytest
import websockets

from myapp.chat import ChatRoom
from myapp.kit import presence
from myapp.kit.channels import Endpoint
from myapp.kit.scope import Scope
from myapp.web import channels
from tests.factories.chat import make_room
from tests.kit.channels.conftest import OURS, Client, Sites
from tests.phoenix.client import PhoenixClient, phoenix_client
from tests.web.channels.identity import whoever_it_says


def endpoint_of_the_product() -> Endpoint:
    return Endpoint(channels.channels(), connect=whoever_it_says, is_our_page=lambda origin, _: origin == OURS)


def address(sites: Sites, endpoint: Endpoint) -> str:
    """What a page gives to `new Socket(…)`."""
    return f"ws://127.0.0.1:{sites.port}{sites.put(endpoint).removesuffix('/websocket')}"


@pytest.fixture
async def url(sites: Sites, db: object) -> AsyncGenerator[str]:
    endpoint = endpoint_of_the_product()
    async with presence.running(period=0.05), endpoint.running():
        yield address(sites, endpoint)


@pytest.fixture
async def room(ada: Scope) -> ChatRoom:
    return await make_room(ada, name="Tea", slug="tea", purpose="and cake")


def client_of(url: str, scope: Scope | None) -> AbstractAsyncContextManager[PhoenixClient]:
    return phoenix_client(url, "1.8", **({"user": str(scope.user_id)} if scope else {}))


def topic_of(room: ChatRoom | UUID | str) -> str:
    return f"room:{room.id if isinstance(room, ChatRoom) else room}"


@asynccontextmanager
async def plain_client(url: str, who: str) -> AsyncGenerator[Client]:
    origin = websockets.Origin(OURS)
    async with websockets.connect(f"{url}/websocket?vsn=2.0.0{who}", origin=origin, ping_interval=None) as wire:
        yield Client(wire)


async def enter(client: PhoenixClient, room: ChatRoom) -> dict[str, Any]:
    """Join, and the messages that come."""
    status, response = await client.join(topic_of(room))
    assert status == "ok", response
    return await said_next(client, room, "messages")


async def said_next(client: PhoenixClient, room: ChatRoom, event: str = "new_msg") -> dict[str, Any]:
    """The next message of this kind."""
    return (await client.happens("message", topic=topic_of(room), event=event))["payload"]

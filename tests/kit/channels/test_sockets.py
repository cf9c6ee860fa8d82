"""What a channel may do with its socket beyond talking: show it out, count apart, take back what was not sent yet."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from typing import Any, ClassVar, override

import pytest
import websockets

from myapp.kit import channels
from myapp.kit.channels import Channel, Endpoint, Payload, Rate, Socket
from tests.kit.channels.conftest import OURS, Client, Sites, who_is_it

ROOM = "lobby"
OK = {"status": "ok", "response": {}}


class LobbyChannel(Channel):
    rate = Rate(2, 60)
    rates: ClassVar[Mapping[str, Rate]] = {"wave": Rate(3, 60)}

    def __init__(self) -> None:
        self.reasons: list[str] = []
        self.has_ended = asyncio.Event()

    @override
    async def join(self, topic: str, params: Mapping[str, Any], socket: Socket) -> None:
        channels.broadcast(topic, "stale", {})
        if "forget" in params:
            socket.forget_held()
        socket.push("fresh", {})

    @override
    async def handle_in(self, event: str, payload: Any, socket: Socket) -> Payload:
        if event == "go":
            socket.close()
            socket.push("too late", {})
        return {}

    @override
    async def terminate(self, reason: str, socket: Socket) -> None:
        self.reasons.append(reason)
        self.has_ended.set()


@pytest.fixture
def lobby() -> LobbyChannel:
    return LobbyChannel()


@pytest.fixture
async def ada(sites: Sites, lobby: LobbyChannel) -> AsyncGenerator[Client]:
    endpoint = Endpoint({ROOM: lobby}, connect=who_is_it, is_our_page=lambda origin, _: origin == OURS)
    url = f"ws://127.0.0.1:{sites.port}{sites.put(endpoint)}?vsn=2.0.0"
    async with (
        endpoint.running(),
        websockets.connect(url, origin=websockets.Origin(OURS), ping_interval=None) as wire,
    ):
        yield Client(wire)


async def join(client: Client, **params: object) -> None:
    await client.send("1", "1", ROOM, "phx_join", params)
    await client.hears("1", "1", ROOM, "phx_reply", OK)


async def test_what_was_sent_before_the_join_was_answered_can_be_taken_back(ada: Client) -> None:
    await join(ada)
    assert [(await ada.hear())[3] for _ in range(2)] == ["stale", "fresh"]
    await ada.send("1", "2", ROOM, "phx_leave", {})
    assert [(await ada.hear())[3] for _ in range(2)] == ["phx_reply", "phx_close"]
    await join(ada, forget=True)
    assert (await ada.hear())[3] == "fresh"
    await ada.hears_nothing()


async def test_who_is_shown_out_is_told_and_hears_no_more(ada: Client, lobby: LobbyChannel) -> None:
    await join(ada, forget=True)
    await ada.hear()
    await ada.send("1", "2", ROOM, "go", {})
    await ada.hears("1", "1", ROOM, "phx_close", {})
    await lobby.has_ended.wait()
    assert lobby.reasons == ["dismissed"]
    channels.broadcast(ROOM, "said", {})
    await ada.send("1", "3", ROOM, "hello", {})
    assert (await ada.hear())[4] == {"status": "error", "response": {"reason": "unmatched topic"}}


async def test_events_with_a_rate_of_their_own_are_counted_apart(ada: Client) -> None:
    await join(ada, forget=True)
    await ada.hear()
    answers = list[str]()
    for number, event in enumerate(["wave", "say", "wave", "say", "say", "wave", "wave"]):
        await ada.send("1", f"{number}", ROOM, event, {})
        answers.append((await ada.hear())[4]["status"])
    assert answers == ["ok", "ok", "ok", "ok", "error", "ok", "error"]

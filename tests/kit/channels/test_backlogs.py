"""What waits for a channel that does not get on is bounded: its client is told to join again, and the others go on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from myapp.kit import channels, pubsub
from myapp.kit.channels import socket
from tests.kit.channels.conftest import SOON, Client, Site
from tests.kit.channels.test_channels import OK, Rang
from tests.phoenix.client import Version, phoenix_client

ROOM, SLOW = "room:1", "room:slow"
LINE = "x" * (socket.WAITING_SIZE // 4)


async def hangs_in_its_join(site: Site, client: Client) -> str:
    await client.send("1", "1", SLOW, "phx_join", {})
    await is_member(site, SLOW)
    return SLOW


async def hangs_in_a_message(site: Site, client: Client) -> str:
    await client.join(ROOM)
    await client.send("1", "2", ROOM, "wait", {"number": 1})
    await client.hears_nothing()
    return ROOM


async def is_member(site: Site, topic: str, but: object = None) -> None:
    """Somebody (else) has come to a topic, and may still be joining it."""
    async with asyncio.timeout(SOON):
        while set(site.endpoint.hub.members(topic)) <= {but}:  # noqa: ASYNC110 - the hub has no event for it
            await asyncio.sleep(0)


def many_events(topic: str) -> None:
    for _ in range(socket.WAITING + 1):
        pubsub.broadcast(f"events:{topic}", Rang())


def many_broadcasts(topic: str) -> None:
    for _ in range(socket.WAITING + 1):
        channels.broadcast(topic, "line", {})


def many_to_intercept(topic: str) -> None:
    for _ in range(socket.WAITING + 1):
        channels.broadcast(topic, "secret", {"text": ""})


def large_broadcasts(topic: str) -> None:
    for _ in range(5):
        channels.broadcast(topic, "line", {"text": LINE})


def large_ones_to_intercept(topic: str) -> None:
    for _ in range(5):
        channels.broadcast(topic, "secret", {"text": LINE})


@pytest.mark.parametrize(
    ("hangs", "floods"),
    [
        (hangs_in_its_join, many_broadcasts),
        (hangs_in_its_join, large_broadcasts),
        (hangs_in_its_join, many_to_intercept),
        (hangs_in_its_join, large_ones_to_intercept),
        (hangs_in_a_message, many_events),
        (hangs_in_a_message, many_to_intercept),
        (hangs_in_a_message, large_ones_to_intercept),
    ],
)
async def test_one_that_is_too_far_behind_is_told_to_join_again(
    site: Site, hangs: Callable[..., object], floods: Callable[[str], None]
) -> None:
    async with site.client() as ada:
        topic = await hangs(site, ada)  # pyright: ignore[reportGeneralTypeIssues]
        floods(topic)
        await ada.hears("1", "1", topic, "phx_error", {})
        assert site.endpoint.hub.members(topic) == ()
        site.room.gate.set()
        await ada.join(topic, "2")
        await ada.send("2", "3", topic, "echo", {})
        await ada.hears("2", "3", topic, "phx_reply", {"status": "ok", "response": {"echo": {}}})


async def test_nothing_is_kept_of_what_comes_after_that(site: Site) -> None:
    async with site.client() as ada:
        await hangs_in_its_join(site, ada)
        [behind] = site.endpoint.hub.members(SLOW)
        for _ in range(10):
            large_broadcasts(SLOW)
            many_to_intercept(SLOW)
        assert sum(map(len, behind._held or ())) <= socket.WAITING_SIZE
        assert len(behind._backlog or ()) <= socket.WAITING
        await ada.hears("1", "1", SLOW, "phx_error", {})
        assert not behind._held
        site.room.gate.set()


async def test_as_much_as_may_wait_is_handled_in_order_when_it_gets_on(site: Site) -> None:
    async with site.client() as ada:
        await hangs_in_a_message(site, ada)
        for number in range(socket.WAITING):
            channels.broadcast(ROOM, "secret", {"text": number})
        site.room.gate.set()
        await ada.hears("1", "2", ROOM, "phx_reply", {"status": "ok", "response": {"waited": 1}})
        for number in range(socket.WAITING):
            await ada.hears("1", None, ROOM, "secret", {"text": number, "for": "nobody"})
        many_events(ROOM)  # there is room again
        for _ in range(socket.WAITING + 1):
            await ada.hears("1", None, ROOM, "info", {"kind": "Rang"})


async def test_others_of_the_topic_and_its_other_topics_go_on(site: Site) -> None:
    async with site.client() as ada, site.client(user="mei") as mei:
        await mei.join(ROOM, name="Mei")
        await hangs_in_a_message(site, ada)
        await ada.join("room:2", "5")
        many_events(ROOM)
        for _ in range(socket.WAITING + 1):
            await mei.hears("1", None, ROOM, "info", {"kind": "Rang"})
        await ada.hears("1", "1", ROOM, "phx_error", {})
        await ada.send("5", "6", "room:2", "phx_leave", {})
        await ada.hears("5", "6", "room:2", "phx_reply", OK)
        site.room.gate.set()


@pytest.mark.parametrize("version", ["1.7", "1.8"])
async def test_phoenix_clients_join_again_by_themselves(site: Site, version: Version) -> None:
    async with phoenix_client(site.url.removesuffix("/websocket"), version) as ada:
        ada.do("join", id=0, topic=SLOW, params={"name": "Ada"})
        await is_member(site, SLOW)
        [hung] = site.endpoint.hub.members(SLOW)
        many_broadcasts(SLOW)
        await ada.happens("error", topic=SLOW)
        await is_member(site, SLOW, but=hung)
        site.room.gate.set()
        assert await ada.heard(SLOW) == ("welcome", {"name": "Ada"})
        assert await ada.push(SLOW, "echo", {}) == ("ok", {"echo": {}})

"""Phoenix's own client, as npm has it, against our channels."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from myapp.kit import channels
from myapp.kit.channels import Close
from tests.kit.channels.conftest import Serve, Site
from tests.phoenix.client import PhoenixClient, Version, phoenix_client

ROOM = "room:1"


@pytest.fixture(params=["1.7", "1.8"])
def version(request: pytest.FixtureRequest) -> Version:
    return request.param


@pytest.fixture
async def ada(site: Site, version: Version) -> AsyncGenerator[PhoenixClient]:
    async with phoenix_client(address(site), version) as client:
        yield client


def address(site: Site) -> str:
    """What a page gives to `new Socket(…)`."""
    return site.url.removesuffix("/websocket")


async def test_it_joins_talks_and_leaves(ada: PhoenixClient) -> None:
    assert await ada.join(ROOM, name="Ada") == ("ok", {"topic": ROOM})
    assert await ada.heard(ROOM) == ("welcome", {"name": "Ada"})
    assert await ada.push(ROOM, "echo", {"a": 1}) == ("ok", {"echo": {"a": 1}})
    assert await ada.push(ROOM, "echo", b"\x00\xfe\xff") == ("ok", b"\x00\xfe\xff")
    assert await ada.push(ROOM, "dance") == ("error", {"reason": "unknown event"})
    assert await ada.leave(ROOM) == ("ok", {})
    await ada.happens("closed", topic=ROOM)


async def test_it_is_told_why_it_may_not_join(ada: PhoenixClient) -> None:
    assert await ada.join("room:full") == ("error", {"reason": "the room is full", "seats": 3})
    assert await ada.join("nowhere:1") == ("error", {"reason": "unmatched topic"})


async def test_it_hears_what_others_say(ada: PhoenixClient, site: Site) -> None:
    async with phoenix_client(address(site), "1.8", user="mei") as mei:
        for name, client in (("Ada", ada), ("Mei", mei)):
            await client.join(ROOM, name=name)
            assert (await client.heard(ROOM))[0] == "welcome"
        await mei.tell(ROOM, "say", {"text": "hi"})
        for client in (ada, mei):
            assert await client.heard(ROOM) == ("said", {"by": "Mei", "text": "hi"})
        await mei.tell(ROOM, "others", {"text": "you"})
        assert await ada.heard(ROOM) == ("said", {"by": "Mei", "text": "you"})
        await mei.tell(ROOM, "secret", {"text": "psst"})
        assert await ada.heard(ROOM) == ("secret", {"text": "psst", "for": "Ada"})
        assert await mei.heard(ROOM) == ("secret", {"text": "psst", "for": "Mei"})
        await mei.tell(ROOM, "bytes")
        assert await ada.heard(ROOM) == ("bytes", b"\x00\xff")


async def test_it_joins_again_after_a_crash(ada: PhoenixClient) -> None:
    await ada.join(ROOM, name="Ada")
    assert (await ada.heard(ROOM))[0] == "welcome"
    await ada.tell(ROOM, "crash")
    await ada.happens("error", topic=ROOM)
    assert await ada.heard(ROOM) == ("welcome", {"name": "Ada"})
    assert await ada.push(ROOM, "echo", {}) == ("ok", {"echo": {}})


async def test_it_comes_back_after_the_server_has_gone(ada: PhoenixClient, site: Site) -> None:
    await ada.join(ROOM, name="Ada")
    assert (await ada.heard(ROOM))[0] == "welcome"
    await site.restart()
    assert (await ada.happens("close"))["code"] == Close.GOING_AWAY
    assert await ada.heard(ROOM) == ("welcome", {"name": "Ada"})
    channels.broadcast(ROOM, "said", {"text": "again"})
    assert await ada.heard(ROOM) == ("said", {"text": "again"})


async def test_its_token_says_who_it_is(site: Site) -> None:
    async with phoenix_client(address(site), "1.8", authToken="mei") as mei:
        await mei.join(ROOM)
        channels.disconnect("session:mei")
        assert (await mei.happens("close"))["code"] == Close.LOGGED_OUT


async def test_one_that_says_too_much_is_told_when_to_go_on(serve: Serve, version: Version) -> None:
    async with phoenix_client(address(await serve()), version) as ada:
        await ada.join("room:limited")
        answers = [await ada.push("room:limited", "hello") for _ in range(21)]
        assert [status for status, _ in answers] == ["ok"] * 20 + ["error"]
        assert answers[-1][1]["reason"] == "rate limit exceeded"

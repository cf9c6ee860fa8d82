"""The bell over a real server: who hears what they are told of, and what marking it does."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from myapp import notifications
from myapp.chat import ChatRoom
from myapp.kit import pubsub
from myapp.kit.pubsub import PubSub, Resync
from myapp.kit.scope import Scope
from tests.factories.blog import make_comment, make_post
from tests.factories.chat import make_message
from tests.factories.notifications import told, username_of
from tests.phoenix.client import PhoenixClient
from tests.web.channels.conftest import Follow
from tests.web.channels.rooms import client_of, plain_client

ROW = {"id", "kind", "actor", "place_id", "place", "org", "excerpt", "url", "at", "is_read", "sort", "version"}


@pytest.fixture(autouse=True)
def _installed(hub: PubSub) -> None:
    notifications.install()


def topic_of(scope: Scope) -> str:
    return f"user:{scope.user_id}"


async def joined(client: PhoenixClient, scope: Scope) -> dict[str, Any]:
    status, response = await client.join(topic_of(scope))
    assert status == "ok", response
    return response


async def hears(client: PhoenixClient, scope: Scope, event: str) -> dict[str, Any]:
    return (await client.happens("message", topic=topic_of(scope), event=event))["payload"]


async def test_one_gets_the_newest_and_hears_what_comes(url: str, ada: Scope, mei: Scope, room: ChatRoom) -> None:
    post = await make_post(ada, title="On tea")
    await make_comment(mei, post, "The first")
    async with client_of(url, ada) as client:
        opening = await joined(client, ada)
        assert opening["unread"] == 1
        [row] = opening["latest"]
        assert row.keys() == ROW
        assert (row["kind"], row["actor"], row["place"], row["excerpt"]) == (
            "post.comment", "Mei", "On tea", "The first",
        )  # fmt: skip
        await make_message(mei, room, f"@{await username_of(ada)}, look")
        news = await hears(client, ada, "notification")
        assert (news["unread"], news["row"]["kind"], news["row"]["place"]) == (2, "chat.mention", "Tea")


async def test_what_is_read_in_one_tab_is_read_in_the_others(url: str, ada: Scope, mei: Scope) -> None:
    posts = [await make_post(ada) for _ in range(3)]
    for post in posts:
        await make_comment(mei, post)
    cards = await told(ada)
    async with client_of(url, ada) as tab, client_of(url, ada) as other:
        for client in (tab, other):
            await joined(client, ada)
        topic = topic_of(ada)
        assert await tab.push(topic, "mark_read", {"ids": [str(cards[0].id)]}) == ("ok", {"unread": 2})
        assert await hears(other, ada, "read") == {"ids": [str(cards[0].id)], "unread": 2}
        place = str(cards[1].place_id)
        assert await tab.push(topic, "mark_place_read", {"place_id": place}) == ("ok", {"unread": 1})
        assert await hears(other, ada, "read") == {"ids": [str(cards[1].id)], "unread": 1}
        assert await tab.push(topic, "mark_all_read", {}) == ("ok", {"unread": 0})
        for client in (other, tab):
            latest = await hears(client, ada, "latest")
            assert (latest["unread"], [row["is_read"] for row in latest["latest"]]) == (0, [True] * 3)


async def test_what_is_gone_is_told_and_after_a_resync_all_of_it(
    url: str, ada: Scope, mei: Scope, room: ChatRoom
) -> None:
    from myapp import chat  # noqa: PLC0415

    message = await make_message(mei, room, f"@{await username_of(ada)}")
    async with client_of(url, ada) as client:
        [row] = (await joined(client, ada))["latest"]
        await chat.delete_message(mei, message.id)
        assert await hears(client, ada, "gone") == {"id": row["id"], "unread": 0}
        assert ada.user_id is not None
        pubsub.broadcast(notifications.topic_notifications(ada.user_id), Resync())
        assert await hears(client, ada, "latest") == {"unread": 0, "latest": []}


async def test_nobody_listens_to_anybody_else(url: str, ada: Scope, mei: Scope) -> None:
    refused = {"status": "error", "response": {"reason": "unauthorized"}}
    for who in (f"&user={mei.user_id}", ""):
        async with plain_client(url, who) as client:
            for topic in (topic_of(ada), f"user:{str(ada.user_id).upper()}", "user:", "user:x\x00", f"user:{uuid4()}"):
                await client.send("1", "1", topic, "phx_join", {})
                assert await client.hear() == ["1", "1", topic, "phx_reply", refused]


async def test_hostile_messages_mark_nothing(url: str, ada: Scope, mei: Scope) -> None:
    await make_comment(mei, await make_post(ada))
    [card] = await told(ada)
    async with client_of(url, mei) as client:
        await joined(client, mei)
        topic = topic_of(mei)
        assert await client.push(topic, "mark_read", {"ids": [str(card.id)]}) == ("ok", {"unread": 0})
        assert await client.push(topic, "mark_place_read", {"place_id": str(card.place_id)}) == ("ok", {"unread": 0})
        for event, payload in (
            ("mark_read", {"ids": ["nonsense"]}),
            ("mark_read", {"ids": [None]}),
            ("mark_read", {"ids": [str(card.id)] * 101}),
            ("mark_read", {"ids": "all"}),
            ("mark_read", []),
            ("mark_place_read", {"place_id": {"a": 1}}),
            ("mark_place_read", {}),
            ("unknown", {}),
        ):
            status, _ = await client.push(topic, event, payload)
            assert status == "error", (event, payload)
    assert await notifications.count_unread(ada) == 1


async def test_the_stream_of_all_of_them_is_ones_own(ada: Scope, mei: Scope, follow: Follow) -> None:
    posts = [await make_post(ada) for _ in range(2)]
    for number in range(25):
        await make_comment(mei, posts[number % 2], f"Comment {number}")
    reader = await follow(f"stream:notifications:{ada.user_id}", ada)
    assert [row["excerpt"] for row in reader.replica.window.rows] == [f"Comment {n}" for n in range(24, 4, -1)]
    reply = await reader.ask(after=reader.replica.ask("tail"))
    reader.replica.answered("tail", reply["response"])
    assert [row["excerpt"] for row in reader.replica.window.rows] == [f"Comment {n}" for n in range(24, -1, -1)]

    await make_comment(mei, posts[0], "New")
    await reader.hears()
    assert reader.replica.window.rows[0]["excerpt"] == "New"
    await notifications.mark_place_read(ada, posts[0].id)
    await reader.hears()
    assert {row["excerpt"] for row in reader.replica.window.rows if not row["is_read"]} == {
        f"Comment {n}" for n in range(1, 25, 2)
    }

    for who in (mei, None):
        refused = await (await follow(f"stream:notifications:{ada.user_id}", who, joins=False)).join()
        assert refused == {"status": "error", "response": {"reason": "unauthorized"}}
    for name in ("stream:notifications", f"stream:notifications:{ada.user_id}:x"):
        refused = await (await follow(name, ada, joins=False)).join()
        assert refused == {"status": "error", "response": {"reason": "unmatched topic"}}

"""A room over a real server: what its clients are told."""

from __future__ import annotations

from contextlib import AsyncExitStack

from myapp import chat
from myapp.chat import ChatRoom, MessageCreated
from myapp.kit import presence, pubsub
from myapp.kit.pubsub import PubSub, Resync
from myapp.kit.scope import Scope
from tests.factories.chat import make_message
from tests.kit.channels.conftest import Sites
from tests.phoenix.client import PhoenixClient
from tests.web.channels.rooms import (
    address,
    client_of,
    endpoint_of_the_product,
    enter,
    said_next,
    topic_of,
)

MESSAGE = {
    "id", "seq", "client_id", "body", "body_html", "user", "mentions", "inserted_at", "edited_at", "deleted_at",
    "version",
}  # fmt: skip


async def test_two_people_talk(url: str, ada: Scope, mei: Scope, room: ChatRoom) -> None:
    topic = topic_of(room)
    earlier = await make_message(ada, room, "earlier")
    async with client_of(url, ada) as hers, client_of(url, mei) as his:
        for client in (hers, his):
            page = await enter(client, room)
            assert [message["body"] for message in page["messages"]] == ["earlier"]
            assert page["messages"][0].keys() == MESSAGE
            assert page["messages"][0]["id"] == str(earlier.id)
            assert page["has_more"] is False
        status, reply = await hers.push(topic, "new_msg", {"body": "*hi* @nobody", "client_id": "a"})
        assert (status, reply.keys()) == ("ok", {"id"})
        for client in (hers, his):
            message = await said_next(client, room)
            assert message["id"] == reply["id"]
            assert message["user"] == {"id": str(ada.user_id), "name": "Ada", "avatar": ""}
            assert (message["seq"], message["client_id"], message["body"]) == (2, "a", "*hi* @nobody")
            assert message["body_html"] == "<p><em>hi</em> @nobody</p>\n"
            assert message["inserted_at"].endswith("Z")
        await his.tell(topic, "typing")
        assert await said_next(hers, room, "user_typing") == {"user_id": str(mei.user_id), "name": "Mei"}
        assert (await his.push(topic, "new_msg", {"body": "hello"}))[0] == "ok"
        assert (await said_next(his, room))["body"] == "hello"
        assert "user_typing" not in [each.get("event") for each in his._happenings], "nobody hears their own typing"


async def test_a_join_is_answered_with_the_room_and_what_one_may_do_there(url: str, ada: Scope, room: ChatRoom) -> None:
    async with client_of(url, ada) as hers, client_of(url, None) as visitor:
        _, response = await hers.join(topic_of(room))
        assert response == {
            "id": str(room.id), "name": "Tea", "slug": "tea", "purpose": "and cake", "visibility": "public",
            "last_seq": 0, "last_read_seq": 0, "user_id": str(ada.user_id), "can_write": True, "can_moderate": False,
        }  # fmt: skip
        _, response = await visitor.join(topic_of(room))
        assert response["can_write"] is False
        for event in ("new_msg", "typing"):
            assert await visitor.push(topic_of(room), event, {"body": "x"}) == ("error", {"reason": "unauthorized"})
        assert await visitor.push(topic_of(room), "read", {"seq": 0}) == ("error", {"reason": "unauthorized"})


async def test_what_is_sent_again_is_answered_the_same_and_heard_once(url: str, ada: Scope, room: ChatRoom) -> None:
    topic = topic_of(room)
    async with client_of(url, ada) as client:
        await enter(client, room)
        answers = [await client.push(topic, "new_msg", {"body": "once", "client_id": "a"}) for _ in range(3)]
        assert answers == [answers[0]] * 3
        await client.push(topic, "new_msg", {"body": "next"})
        assert [(await said_next(client, room))["body"] for _ in range(2)] == ["once", "next"]


async def test_a_message_written_elsewhere_is_heard_too(url: str, ada: Scope, mei: Scope, room: ChatRoom) -> None:
    async with client_of(url, mei) as his:
        await enter(his, room)
        message = await make_message(ada, room, "teh")
        assert (await said_next(his, room))["body"] == "teh"
        await chat.update_message(ada, message.id, {"body": "the"})
        changed = await said_next(his, room, "msg_updated")
        assert (changed["id"], changed["body"], changed["version"]) == (str(message.id), "the", 2)
        await chat.delete_message(ada, message.id)
        deleted = await said_next(his, room, "msg_deleted")
        assert (deleted["body"], deleted["body_html"], deleted["version"]) == ("", "", 3)
        assert deleted["deleted_at"]


async def test_events_that_overtake_each_other_or_are_lost_leave_no_gap(
    url: str, ada: Scope, mei: Scope, room: ChatRoom, hub: PubSub
) -> None:
    async with client_of(url, mei) as his:
        await enter(his, room)
        with pubsub.mailbox(chat.topic_room(room.id)) as box:
            pubsub.use(PubSub())  # what is told now is heard by nobody
            for number in range(1, 121):
                await make_message(ada, room, f"{number}")
            pubsub.use(hub)
            last = (await chat.list_messages(ada, room.id, limit=2)).entries
            for message in (last[1], last[0], last[1]):
                pubsub.broadcast(chat.topic_room(room.id), MessageCreated(message))
            assert await box.get() == MessageCreated(last[1])
        assert [(await said_next(his, room))["seq"] for _ in range(120)] == list(range(1, 121))
        await make_message(ada, room, "121")
        assert (await said_next(his, room))["seq"] == 121


async def test_after_a_resync_all_get_the_end_of_the_room_anew(
    url: str, ada: Scope, room: ChatRoom, hub: PubSub
) -> None:
    async with client_of(url, ada) as client:
        await enter(client, room)
        pubsub.use(PubSub())
        await make_message(ada, room, "missed")
        pubsub.use(hub)
        pubsub.broadcast(chat.topic_room(room.id), Resync())
        assert [each["body"] for each in (await said_next(client, room, "messages"))["messages"]] == ["missed"]
        await make_message(ada, room, "next")
        assert (await said_next(client, room))["seq"] == 2


async def test_older_and_newer_messages_come_fifty_at_a_time(url: str, ada: Scope, room: ChatRoom) -> None:
    topic = topic_of(room)
    for number in range(1, 122):
        await make_message(ada, room, f"{number}")
    async with client_of(url, ada) as client:
        page = await enter(client, room)
        assert ([each["seq"] for each in page["messages"]], page["has_more"]) == (list(range(72, 122)), True)
        _, page = await client.push(topic, "older", {"before": 72})
        assert ([each["seq"] for each in page["messages"]], page["has_more"]) == (list(range(22, 72)), True)
        _, page = await client.push(topic, "older", {"before": 22})
        assert ([each["seq"] for each in page["messages"]], page["has_more"]) == (list(range(1, 22)), False)
        _, page = await client.push(topic, "newer", {"after": 50})
        assert ([each["seq"] for each in page["messages"]], page["has_more"]) == (list(range(51, 101)), True)
        _, page = await client.push(topic, "newer", {"after": 100})
        assert ([each["seq"] for each in page["messages"]], page["has_more"]) == (list(range(101, 122)), False)


async def test_messages_are_changed_deleted_and_read(url: str, ada: Scope, mei: Scope, room: ChatRoom) -> None:
    topic = topic_of(room)
    theirs = await make_message(mei, room)
    async with client_of(url, ada) as client:
        await enter(client, room)
        _, reply = await client.push(topic, "new_msg", {"body": "teh"})
        own = reply["id"]
        assert await client.push(topic, "update_msg", {"id": own, "body": "the"}) == ("ok", {"id": own, "version": 2})
        assert await client.push(topic, "update_msg", {"id": own, "body": ""}) == (
            "error", {"reason": "invalid", "errors": {"body": ["can't be blank"]}},
        )  # fmt: skip
        assert await client.push(topic, "delete_msg", {"id": own}) == ("ok", {"id": own, "version": 3})
        for event in ("update_msg", "delete_msg"):
            refused = await client.push(topic, event, {"id": str(theirs.id), "body": "mine"})
            assert refused == ("error", {"reason": "unauthorized"})
        assert await client.push(topic, "read", {"seq": 1}) == ("ok", {"last_read_seq": 2})


async def test_who_comes_back_after_the_server_was_away_gets_the_end_of_the_room(
    sites: Sites, db: object, ada: Scope, room: ChatRoom
) -> None:
    endpoint = endpoint_of_the_product()
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(presence.running())
        async with endpoint.running():
            client = await stack.enter_async_context(client_of(address(sites, endpoint), ada))
            await enter(client, room)
        await make_message(ada, room, "meanwhile")
        await stack.enter_async_context(endpoint.running())
        assert [each["body"] for each in (await said_next(client, room, "messages"))["messages"]] == ["meanwhile"]
        await make_message(ada, room, "again")
        assert (await said_next(client, room))["body"] == "again"


async def test_people_see_each_other_come_and_go(url: str, ada: Scope, mei: Scope, room: ChatRoom) -> None:
    topic = topic_of(room)
    async with client_of(url, ada) as hers, client_of(url, None) as visitor:
        for client in (hers, visitor):
            await client.follow_presence(topic)
            await enter(client, room)
        async with client_of(url, mei) as his:
            await enter(his, room)
            for client in (hers, visitor):
                assert await names_until(client, topic, 2) == {str(ada.user_id): "Ada", str(mei.user_id): "Mei"}
        for client in (hers, visitor):
            assert await names_until(client, topic, 1) == {str(ada.user_id): "Ada"}


async def names_until(client: PhoenixClient, topic: str, count: int) -> dict[str, str]:
    """Who is here, once they are so many."""
    while True:
        people: list[tuple[str, list[dict[str, str]]]] = (await client.happens("presence", topic=topic))["list"]
        if len(people) == count:
            return {key: metas[0]["name"] for key, metas in people}

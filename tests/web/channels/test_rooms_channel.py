"""The rooms of an organisation over a real server: who counts what as unread."""

from __future__ import annotations

from typing import Any

import pytest

from myapp import chat
from myapp.accounts import Organization, Visibility
from myapp.chat import ChatRoom
from myapp.kit import pubsub
from myapp.kit.pubsub import Resync
from myapp.kit.scope import Role, Scope
from tests.factories.accounts import make_member, make_organization
from tests.factories.chat import make_message, make_room
from tests.phoenix.client import PhoenixClient
from tests.web.channels.rooms import client_of, plain_client

CARD = {
    "id", "slug", "name", "purpose", "visibility", "last_seq", "last_read_seq", "mention_count", "is_member",
}  # fmt: skip


@pytest.fixture
def topic(organization: Organization) -> str:
    return f"rooms:{organization.slug}"


async def joined(client: PhoenixClient, topic: str) -> list[dict[str, Any]]:
    status, response = await client.join(topic)
    assert status == "ok", response
    return response["rooms"]


async def told(client: PhoenixClient, topic: str, event: str) -> dict[str, Any]:
    return (await client.happens("message", topic=topic, event=event))["payload"]


async def test_one_gets_the_rooms_and_hears_that_they_grow(
    url: str, topic: str, ada: Scope, mei: Scope, room: ChatRoom
) -> None:
    await make_message(mei, room)
    async with client_of(url, mei) as his, client_of(url, ada) as hers:
        (card,) = await joined(his, topic)
        assert card.keys() == CARD
        assert (card["name"], card["last_seq"], card["last_read_seq"], card["is_member"]) == ("Tea", 1, 1, True)
        (card,) = await joined(hers, topic)
        assert (card["last_seq"], card["last_read_seq"], card["is_member"]) == (1, 0, False)
        await make_message(ada, room)
        said = {"id": str(room.id), "seq": 2, "user_id": str(ada.user_id), "mentions": []}
        assert [await told(client, topic, "said") for client in (his, hers)] == [said, said]


async def test_what_one_reads_the_other_tabs_hear_and_nobody_else(
    url: str, topic: str, ada: Scope, mei: Scope, room: ChatRoom
) -> None:
    await make_message(mei, room)
    async with client_of(url, ada) as tab, client_of(url, ada) as other_tab, client_of(url, mei) as his:
        for client in (tab, other_tab, his):
            await joined(client, topic)
        await chat.mark_read(ada, room.id, 1)
        for client in (tab, other_tab):
            assert await told(client, topic, "read") == {"id": str(room.id), "last_read_seq": 1}
        await chat.mark_read(ada, room.id, 1)  # nothing new: nobody is told
        await make_message(mei, room)
        assert (await told(tab, topic, "said"))["seq"] == 2
        assert (await told(his, topic, "said"))["seq"] == 2
        assert "read" not in [each.get("event") for each in (*tab._happenings, *his._happenings)]


async def test_a_private_room_is_told_of_to_those_who_may_read_it(
    url: str, topic: str, organization: Organization, ada: Scope, mei: Scope, room: ChatRoom
) -> None:
    private = await make_room(ada, Visibility.PRIVATE, name="Den")
    system = Scope.system("a test", ada.org_id)
    assert ada.user_id
    await chat.add_member(system, private.id, ada.user_id)
    async with client_of(url, ada) as hers, client_of(url, mei) as his, client_of(url, None) as visitor:
        assert [each["name"] for each in await joined(hers, topic)] == ["Den", "Tea"]
        for client in (his, visitor):
            assert [each["name"] for each in await joined(client, topic)] == ["Tea"]
        await make_message(ada, private)
        await make_message(ada, room)
        assert [(await told(hers, topic, "said"))["id"] for _ in range(2)] == [str(private.id), str(room.id)]
        for client in (his, visitor):
            assert (await told(client, topic, "said"))["id"] == str(room.id)
        await chat.remove_member(system, private.id, ada.user_id)
        assert [each["name"] for each in (await told(hers, topic, "rooms"))["rooms"]] == ["Tea"]
        other = await make_member(organization, Role.ADMIN)
        await make_message(other, private)
        await make_message(other, room)
        assert (await told(hers, topic, "said"))["id"] == str(room.id)


async def test_rooms_that_come_change_and_go_are_told(url: str, topic: str, ada: Scope, room: ChatRoom) -> None:
    async with client_of(url, ada) as client:
        await joined(client, topic)
        other = await make_room(ada, name="Cake")
        assert [each["name"] for each in (await told(client, topic, "rooms"))["rooms"]] == ["Cake", "Tea"]
        system = Scope.system("a test", ada.org_id)
        await chat.update_room(system, room.id, {"name": "Coffee"})
        assert [each["name"] for each in (await told(client, topic, "rooms"))["rooms"]] == ["Cake", "Coffee"]
        await chat.delete_room(system, other.id)
        assert [each["name"] for each in (await told(client, topic, "rooms"))["rooms"]] == ["Coffee"]


async def test_after_a_resync_all_get_their_rooms_anew(url: str, topic: str, ada: Scope, room: ChatRoom) -> None:
    async with client_of(url, ada) as client:
        await joined(client, topic)
        pubsub.broadcast(chat.topic_talk(room.org_id), Resync())
        assert [each["name"] for each in (await told(client, topic, "rooms"))["rooms"]] == ["Tea"]


async def test_the_rooms_of_organisations_one_may_not_look_into_are_refused(url: str, mei: Scope) -> None:
    closed = await make_organization(Visibility.PRIVATE)
    for who in (f"&user={mei.user_id}", ""):
        async with plain_client(url, who) as client:
            for topic in (f"rooms:{closed.slug}", "rooms:nobody", "rooms:", "rooms:x\x00"):
                await client.send("1", "1", topic, "phx_join", {})
                refused = {"status": "error", "response": {"reason": "unauthorized"}}
                assert await client.hear() == ["1", "1", topic, "phx_reply", refused]

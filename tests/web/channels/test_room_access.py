"""A room over a real server: who is kept out, and what is refused."""

from __future__ import annotations

from time import monotonic
from typing import Any
from uuid import UUID

import pytest

from myapp import accounts, chat
from myapp.accounts import Visibility
from myapp.chat import ChatRoom
from myapp.kit.clock import new_id
from myapp.kit.scope import Scope
from tests.factories.accounts import make_member, make_organization
from tests.factories.chat import make_message, make_room
from tests.web.channels.rooms import (
    client_of,
    enter,
    plain_client,
    said_next,
    topic_of,
)


@pytest.mark.parametrize(
    ("event", "payload", "reason"),
    [
        ("new_msg", ["body"], "invalid"),
        ("new_msg", {}, "invalid"),
        ("new_msg", {"body": {"a": 1}}, "invalid"),
        ("new_msg", {"body": "x", "client_id": "x" * 65}, "invalid"),
        ("update_msg", {"id": "x", "body": "y"}, "not found"),
        ("delete_msg", {"id": 7}, "not found"),
        ("delete_msg", {"id": str(new_id())}, "not found"),
        ("read", {"seq": "1"}, "invalid"),
        ("read", {"seq": True}, "invalid"),
        ("older", {"before": None}, "invalid"),
        ("older", {}, "invalid"),
        ("newer", {"after": "7"}, "invalid"),
        ("newer", {"after": 1, "before": 9}, "invalid"),
        ("dance", {}, "unknown event"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    url: str, ada: Scope, room: ChatRoom, event: str, payload: Any, reason: str
) -> None:
    async with client_of(url, ada) as client:
        await enter(client, room)
        status, response = await client.push(topic_of(room), event, payload)
        assert (status, response["reason"]) == ("error", reason)


async def test_rooms_one_may_not_enter_and_rooms_that_are_not_there_are_refused_alike(
    url: str, ada: Scope, mei: Scope, room: ChatRoom
) -> None:
    private = await make_room(ada, Visibility.PRIVATE)
    await chat.add_member(Scope.system("a test", ada.org_id), private.id, ada.user_id or private.id)
    closed = await make_room(await make_member(await make_organization(Visibility.PRIVATE)))
    for who in (f"&user={mei.user_id}", ""):
        async with plain_client(url, who) as client:  # one that does not try again and again
            for topic in (topic_of(private), topic_of(closed), topic_of(new_id()), "room:x", f"room:{{{room.id}}}"):
                await client.send("1", "1", topic, "phx_join", {})
                refused = {"status": "error", "response": {"reason": "unauthorized"}}
                await client.hears("1", "1", topic, "phx_reply", refused)
                await client.send("1", "2", topic, "new_msg", {"body": "let me in"})
                assert (await client.hear())[4]["response"] == {"reason": "unmatched topic"}
    async with client_of(url, ada) as hers:
        await enter(hers, private)
        assert (await hers.push(topic_of(private), "new_msg", {"body": "psst"}))[0] == "ok"


async def test_who_is_no_longer_let_in_is_shown_out(url: str, ada: Scope, mei: Scope) -> None:
    room = await make_room(ada, Visibility.PRIVATE)
    system = Scope.system("a test", ada.org_id)
    for scope in (ada, mei):
        await chat.add_member(system, room.id, scope.user_id or room.id)
    async with client_of(url, ada) as hers, client_of(url, mei) as his:
        for client in (hers, his):
            await enter(client, room)
        await chat.remove_member(system, room.id, mei.user_id or room.id)
        await his.happens("closed", topic=topic_of(room))
        await chat.update_room(system, room.id, {"name": "Smaller"})
        assert (await said_next(hers, room, "room_updated"))["name"] == "Smaller"
        await chat.delete_room(system, room.id)
        await hers.happens("closed", topic=topic_of(room))


async def test_who_is_shown_out_while_coming_in_is_not_in(
    url: str, ada: Scope, mei: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = await make_room(ada, Visibility.PRIVATE)
    system = Scope.system("a test", ada.org_id)
    await chat.add_member(system, room.id, mei.user_id or room.id)
    get_face = accounts.get_face

    async def shown_out_first(scope: Scope, user_id: UUID) -> accounts.Face:
        """What a join does after it has asked whether the person may come in."""
        await chat.remove_member(system, room.id, user_id)
        return await get_face(scope, user_id)

    monkeypatch.setattr(accounts, "get_face", shown_out_first)
    async with client_of(url, mei) as his:
        await his.join(topic_of(room))
        await his.happens("closed", topic=topic_of(room))


async def test_a_room_that_becomes_private_keeps_those_who_are_in_it(
    url: str, ada: Scope, mei: Scope, room: ChatRoom
) -> None:
    await make_message(ada, room)
    async with client_of(url, ada) as hers, client_of(url, mei) as his:
        for client in (hers, his):
            await enter(client, room)
        await chat.update_room(Scope.system("a test", ada.org_id), room.id, {"visibility": "private"})
        assert (await said_next(hers, room, "room_updated"))["visibility"] == "private"
        await his.happens("closed", topic=topic_of(room))


async def test_one_says_twenty_things_a_minute_and_may_still_read(url: str, ada: Scope, room: ChatRoom) -> None:
    topic = topic_of(room)
    async with client_of(url, ada) as client:
        await enter(client, room)
        for _ in range(10):
            assert (await client.push(topic, "read", {"seq": 0}))[0] == "ok"
        started, said = monotonic(), 0
        while (answer := await client.push(topic, "new_msg", {"body": f"{said}"}))[0] == "ok":
            said += 1
        assert 20 <= said <= 20 + (monotonic() - started) / 3  # one more for every three seconds that it took
        assert answer[1]["reason"] == "rate limit exceeded"
        assert 0 < answer[1]["retry_after"] <= 3
        assert (await client.push(topic, "older", {"before": 5}))[0] == "ok"


async def test_hostile_text_arrives_as_text(url: str, ada: Scope, room: ChatRoom) -> None:
    attack = '<img src=x onerror=alert(1)><script>alert(2)</script> [x](javascript:alert(3)) "]}'
    async with client_of(url, ada) as client:
        await enter(client, room)
        await client.push(topic_of(room), "new_msg", {"body": attack})
        message = await said_next(client, room)
        assert message["body"] == attack
        assert "<img" not in message["body_html"]
        assert "<script" not in message["body_html"]
        assert "href" not in message["body_html"]

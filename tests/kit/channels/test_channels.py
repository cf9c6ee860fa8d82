"""Channels over a real server, message by message: what Phoenix's own clients rely on."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import websockets

from myapp.kit import channels, pubsub
from myapp.kit.channels import Close, Limits, Rate
from tests.kit.channels.conftest import OURS, Client, Serve, Site

ROOM = "room:1"
OK = {"status": "ok", "response": {}}


@pubsub.event("test.channels.rang")
@dataclass(frozen=True)
class Rang:
    pass


def error(reason: str, **more: object) -> dict[str, object]:
    return {"status": "error", "response": {"reason": reason, **more}}


class TestJoining:
    async def test_the_reply_comes_before_all_else(self, site: Site) -> None:
        async with site.client() as ada:
            await ada.join(ROOM, name="Ada")

    @pytest.mark.parametrize(
        ("topic", "why"),
        [
            ("nowhere:1", {"reason": "unmatched topic"}),
            ("room:with space", {"reason": "unmatched topic"}),
            ("room:forbidden", {"reason": "unauthorized"}),
            ("room:missing", {"reason": "not found"}),
            ("room:full", {"reason": "the room is full", "seats": 3}),
            ("room:broken", {"reason": "join crashed"}),
        ],
    )
    async def test_who_is_kept_out_is_told_why_and_gets_nothing(
        self, site: Site, topic: str, why: dict[str, object]
    ) -> None:
        async with site.client() as ada:
            await ada.send("1", "1", topic, "phx_join", {})
            heard = await ada.hear()
            while heard[3] == "welcome":
                heard = await ada.hear()
            assert heard == ["1", "1", topic, "phx_reply", {"status": "error", "response": why}]
            if " " not in topic:
                channels.broadcast(topic, "said", {})
            await ada.send("1", "2", topic, "echo", {})
            await ada.hears("1", "2", topic, "phx_reply", error("unmatched topic"))

    async def test_what_a_message_does_is_done_from_where_its_client_is(self, site: Site) -> None:
        async with site.client() as ada:
            await ada.join(ROOM, name="Ada")
            await ada.send("1", "2", ROOM, "whence", {})
            reply = {"status": "ok", "response": {"address": "127.0.0.1"}}
            await ada.hears("1", "2", ROOM, "phx_reply", reply)

    async def test_a_second_join_closes_the_first(self, site: Site) -> None:
        async with site.client() as ada:
            await ada.join(ROOM, "1", name="first")
            await ada.send("2", "2", ROOM, "phx_join", {"name": "second"})
            await ada.hears("1", "1", ROOM, "phx_close", {})
            await ada.hears("2", "2", ROOM, "phx_reply", {"status": "ok", "response": {"topic": ROOM}})
            await ada.hears("2", None, ROOM, "welcome", {"name": "second"})
            assert site.room.ended == [("first", "left")]

    async def test_a_message_for_an_earlier_join_is_ignored(self, site: Site) -> None:
        async with site.client() as ada:
            await ada.join(ROOM, "2")
            await ada.send("1", "7", ROOM, "echo", {})
            await ada.hears_nothing()

    async def test_messages_that_come_before_the_reply_are_handled_after_it(self, site: Site) -> None:
        async with site.client() as ada:
            await ada.send("1", "1", "room:slow", "phx_join", {})
            await ada.send("1", "2", "room:slow", "echo", "early")
            await ada.hears_nothing()
            channels.broadcast("room:slow", "said", {"text": "meanwhile"})
            site.room.gate.set()
            assert (await ada.hear())[1:4] == ["1", "room:slow", "phx_reply"]
            assert {(await ada.hear())[3] for _ in range(2)} == {"said", "welcome"}
            await ada.hears("1", "2", "room:slow", "phx_reply", {"status": "ok", "response": {"echo": "early"}})

    async def test_who_leaves_before_the_reply_gets_none(self, site: Site) -> None:
        async with site.client() as ada:
            await ada.send("1", "1", "room:slow", "phx_join", {})
            await ada.send("1", "2", "room:slow", "phx_leave", {})
            await ada.hears("1", "2", "room:slow", "phx_reply", OK)
            await ada.hears("1", "1", "room:slow", "phx_close", {})
            site.room.gate.set()
            await ada.hears_nothing()

    async def test_topics_have_a_limit(self, serve: Serve) -> None:
        site = await serve(Limits(joins=2))
        async with site.client() as ada:
            await ada.join("room:1")
            await ada.join("room:2")
            await ada.send("1", "3", "room:3", "phx_join", {})
            await ada.hears("1", "3", "room:3", "phx_reply", error("too many topics"))

    async def test_joins_are_counted_over_all_of_ones_connections(self, serve: Serve) -> None:
        site = await serve(Limits(join_rate=Rate(2, 60)))
        async with site.client() as one, site.client() as two, site.client(user="mei") as mei:
            await one.join(ROOM)
            await two.join(ROOM)
            await one.send("2", "2", ROOM, "phx_join", {})
            await one.hears("1", "1", ROOM, "phx_close", {})
            response = (await one.hear())[4]["response"]
            assert response["reason"] == "rate limit exceeded"
            await mei.join(ROOM)


class TestMessages:
    async def test_they_are_answered_under_their_ref(self, site: Site) -> None:
        async with site.client() as ada:
            await ada.join(ROOM)
            await ada.send("1", "8", ROOM, "echo", {"a": [1, None]})
            await ada.hears("1", "8", ROOM, "phx_reply", {"status": "ok", "response": {"echo": {"a": [1, None]}}})

    async def test_what_nobody_handles_is_an_error(self, site: Site) -> None:
        async with site.client() as ada:
            await ada.join(ROOM)
            await ada.send("1", "2", ROOM, "dance", {})
            await ada.hears("1", "2", ROOM, "phx_reply", error("unknown event"))

    async def test_they_are_handled_in_order_and_beside_those_of_other_topics(self, site: Site) -> None:
        async with site.client() as ada:
            await ada.join("room:1")
            await ada.join("room:2")
            for number in (1, 2):
                await ada.send("1", f"{number}", "room:1", "wait", {"number": number})
            await ada.send("1", "9", "room:2", "echo", "quick")
            assert (await ada.hear())[1] == "9"
            site.room.gate.set()
            assert [(await ada.hear())[4]["response"]["waited"] for _ in range(2)] == [1, 2]

    async def test_a_crash_ends_the_channel_alone(self, site: Site, caplog: pytest.LogCaptureFixture) -> None:
        async with site.client() as ada:
            await ada.join("room:1", name="Ada")
            await ada.join("room:2", "2")
            await ada.send("1", "5", "room:1", "crash", {})
            await ada.hears("1", "1", "room:1", "phx_error", {})
            assert "ZeroDivisionError" in caplog.text
            await ada.send("1", "6", "room:1", "echo", {})
            await ada.hears("1", "6", "room:1", "phx_reply", error("unmatched topic"))
            await ada.send("2", "7", "room:2", "echo", 1)
            await ada.hears("2", "7", "room:2", "phx_reply", {"status": "ok", "response": {"echo": 1}})
            assert site.room.ended == [("Ada", "crashed")]
            await ada.join("room:1", "8")

    async def test_a_handler_whose_work_was_cancelled_is_a_crash_and_not_silence(self, site: Site) -> None:
        async with site.client() as ada:
            await ada.join("room:1")
            await ada.send("1", "5", "room:1", "lost", {})
            await ada.hears("1", "1", "room:1", "phx_error", {})
            await ada.join("room:1", "8")

    async def test_bytes_are_answered_and_broadcast_as_bytes(self, site: Site) -> None:
        async with site.client() as ada:
            await ada.join(ROOM)
            await ada.wire.send(b"\x00\x01\x01\x06\x0419room:1echo\x00\xfe")
            assert await ada.wire.recv() == b"\x01\x01\x01\x06\x0219room:1ok\x00\xfe"
            await ada.send("1", "2", ROOM, "bytes", {})
            assert await ada.wire.recv() == b"\x02\x06\x05room:1bytes\x00\xff"

    async def test_a_user_may_send_twenty_a_minute_to_a_topic(self, site: Site) -> None:
        async with site.client() as ada:
            await ada.send("1", "1", "room:limited", "phx_join", {})
            await ada.hear()
            for number in range(20):
                await ada.send("1", f"{number}", "room:limited", "hello", {})
                assert (await ada.hear())[4] == OK
            await ada.send("1", "21", "room:limited", "hello", {})
            response = (await ada.hear())[4]["response"]
            assert response["reason"] == "rate limit exceeded"
            assert 0 < response["retry_after"] <= 3


class TestBroadcasts:
    async def test_they_reach_all_who_have_joined(self, site: Site) -> None:
        async with site.client() as ada, site.client() as mei, site.client() as other:
            await ada.join(ROOM, name="Ada")
            await mei.join(ROOM, name="Mei")
            await other.join("room:2")
            await ada.send("1", "2", ROOM, "say", {"text": "hi"})
            for each in (ada, mei):
                await each.hears(None, None, ROOM, "said", {"by": "Ada", "text": "hi"})
            await ada.send("1", "3", ROOM, "others", {"text": "you"})
            await mei.hears(None, None, ROOM, "said", {"by": "Ada", "text": "you"})
            for each in (ada, other):
                await each.hears_nothing()

    async def test_those_that_are_intercepted_differ_for_each(self, site: Site) -> None:
        async with site.client() as ada, site.client() as stranger:
            await ada.join(ROOM, name="Ada")
            await stranger.join(ROOM, name="stranger")
            await ada.send("1", "2", ROOM, "secret", {"text": "psst"})
            await ada.hears("1", None, ROOM, "secret", {"text": "psst", "for": "Ada"})
            await stranger.hears_nothing()

    async def test_events_of_rooms_reach_handle_info_until_one_leaves(self, site: Site) -> None:
        async with site.client() as ada:
            await ada.join(ROOM)
            pubsub.broadcast(f"events:{ROOM}", Rang())
            await ada.hears("1", None, ROOM, "info", {"kind": "Rang"})
            await ada.send("1", "2", ROOM, "phx_leave", {})
            await ada.hears("1", "2", ROOM, "phx_reply", OK)
            await ada.hears("1", "1", ROOM, "phx_close", {})
            pubsub.broadcast(f"events:{ROOM}", Rang())
            channels.broadcast(ROOM, "said", {})
            await ada.hears_nothing()


class TestConnections:
    @pytest.mark.parametrize(
        "frame", ["", "{}", "[]", '["1","1","t","e"]', '[1,"1","t","e",{}]', "[" * 5000, b"", b"\x07"]
    )
    async def test_what_is_no_message_closes_them(self, site: Site, frame: str | bytes) -> None:
        async with site.client() as ada:
            await ada.wire.send(frame)
            assert await ada.closed() == Close.MALFORMED

    async def test_a_large_message_closes_them(self, site: Site) -> None:
        async with site.client() as ada:
            await ada.send("1", "1", ROOM, "phx_join", {"name": "a" * 70_000})
            assert await ada.closed() == Close.TOO_LARGE

    async def test_pages_of_others_and_strangers_do_not_get_one(self, site: Site) -> None:
        for refused in (
            site.client(origin="http://evil.example"),
            site.client(user="stranger"),
            site.client(vsn="1.0.0"),
        ):
            with pytest.raises(websockets.InvalidStatus, match="403"):
                async with refused:
                    pass

    async def test_the_sixth_of_a_person_is_told_why(self, site: Site) -> None:
        async with site.client() as one, site.client(), site.client(), site.client(), site.client():
            async with site.client() as sixth, site.client(user="mei") as mei:
                assert await sixth.closed() == Close.TOO_MANY
                await mei.hears_nothing()
            await one.wire.close()
            async with site.client() as again:
                await again.hears_nothing()

    async def test_who_is_silent_is_closed(self, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("myapp.kit.channels.endpoint.SWEEP", 0.01)
        site = await serve(Limits(idle=0.05))
        async with site.client() as ada:
            assert await ada.closed() == Close.IDLE

    async def test_an_id_ends_all_that_have_it(self, site: Site) -> None:
        async with site.client() as ada, site.client() as too, site.client(user="mei") as mei:
            await ada.join(ROOM, name="Ada")
            await mei.join(ROOM, name="Mei")
            await too.hears_nothing()
            channels.disconnect("session:ada")
            assert [await ada.closed(), await too.closed()] == [Close.LOGGED_OUT] * 2
            await mei.hears_nothing()
            assert site.room.ended == [("Ada", "closed")]

    async def test_nothing_is_left_of_one_that_is_cut_off(self, site: Site) -> None:
        async with site.client(user="mei") as mei:
            await mei.join(ROOM)
            async with site.client() as ada:
                await ada.join(ROOM, name="Ada")
                ada.wire.transport.abort()
                await site.room.has_ended.wait()
            assert site.room.ended == [("Ada", "closed")]
            assert [socket.assigns["name"] for socket in site.endpoint.hub.members(ROOM)] == ["nobody"]

    async def test_the_token_of_phoenix_clients_is_read(self, site: Site) -> None:
        token = "base64url.bearer.phx.c3RyYW5nZXI"
        with pytest.raises(websockets.InvalidStatus, match="403"):
            async with websockets.connect(
                site.url,
                subprotocols=[websockets.Subprotocol(each) for each in ("phoenix", token)],
            ):
                pass

    @pytest.mark.parametrize(("origin", "kept"), [(OURS, "session=1"), (None, "")])
    async def test_cookies_count_only_from_a_page_of_ours(self, site: Site, origin: str | None, kept: str) -> None:
        async with websockets.connect(
            site.url,
            origin=None if origin is None else websockets.Origin(origin),
            additional_headers={"cookie": "session=1"},
        ) as wire:
            await Client(wire).join(ROOM)
            [socket] = site.endpoint.hub.members(ROOM)
            assert socket.assigns["cookies"] == kept

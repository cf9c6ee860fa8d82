"""Channels say what they do: who is in, what is sent, and why connections end."""

from __future__ import annotations

from myapp.kit import channels
from tests.ears import hearing
from tests.kit.channels.conftest import Site


async def test_channels_tell_who_is_in_what_they_send_and_why_they_end(site: Site) -> None:
    events = ("channel.join.stop", "channel.messages", "channel.delivery", "channel.sockets", "channel.close")
    with hearing(*events) as ear:
        async with site.client() as ada, site.client() as mei:
            await ada.join("room:1", name="Ada")
            await mei.join("room:1", name="Mei")
            await mei.send("2", "2", "room:forbidden", "phx_join", {})
            await mei.hear()
            for ref in ("3", "4"):
                await ada.send("1", ref, "room:1", "echo", {})
                await ada.hear()
            channels.broadcast("room:1", "said", {})
            await ada.hear()
            site.endpoint.figures()
            site.endpoint.figures()
            await ada.wire.send("no message")
            await ada.closed()
    outcomes = [(told.metadata["channel"], told.metadata["outcome"]) for told in ear.of("channel.join.stop")]
    assert outcomes == [("RoomChannel", "ok"), ("RoomChannel", "ok"), ("RoomChannel", "refused")]
    assert [told.measurements for told in ear.of("channel.messages", channel="RoomChannel")] == [{"count": 2}]
    said = [told.measurements for told in ear.of("channel.delivery") if told.metadata == {"event": "said"}]
    assert said == [{"recipients": 2}]
    assert ear.of("channel.sockets")[0].measurements == {"connections": 2, "people": 1, "joined": 2}
    assert [told.metadata["reason"] for told in ear.of("channel.close")] == ["malformed"]

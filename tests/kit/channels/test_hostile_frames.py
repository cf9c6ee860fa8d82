"""Whatever a client sends: each frame gets an answer, nothing, or a close, and the next client is served as ever."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myapp.kit.channels import Endpoint
from myapp.kit.channels._wire import Malformed, parse
from tests.kit.channels.conftest import OURS, LimitedChannel, RoomChannel, who_is_it

NAMES = st.sampled_from(
    ["room:1", "room:2", "room:limited", "room:full", "room:missing", "phoenix", "nowhere", "room: "]
)
EVENTS = st.sampled_from(
    ["phx_join", "phx_leave", "phx_close", "phx_reply", "heartbeat", "echo", "say", "secret", "dance"]
)
REFS = st.one_of(st.none(), st.sampled_from(["1", "2"]), st.text(max_size=5))
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text()),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)),
    max_leaves=8,
)
MESSAGES = st.tuples(
    st.one_of(REFS, JSON), st.one_of(REFS, JSON), st.one_of(NAMES, JSON), st.one_of(EVENTS, JSON), JSON
).map(json.dumps)
FRAMES = st.one_of(MESSAGES, JSON.map(json.dumps), st.text(), st.binary(), st.binary().map(lambda tail: b"\0" + tail))


class FakeServer:
    """What an ASGI server does for one WebSocket, without a network."""

    def __init__(self, frames: list[str | bytes]) -> None:
        self._frames = iter(frames)
        self._has_connected = self._has_closed = False
        self.sent: list[dict[str, Any]] = []

    async def receive(self) -> dict[str, Any]:
        if not self._has_connected:
            self._has_connected = True
            return {"type": "websocket.connect"}
        frame = next(self._frames, None)
        if frame is None or self._has_closed:
            return {"type": "websocket.disconnect", "code": 1005}
        return {"type": "websocket.receive", "text" if isinstance(frame, str) else "bytes": frame}

    async def send(self, message: Any) -> None:
        self._has_closed = self._has_closed or message["type"] == "websocket.close"
        self.sent.append(dict(message))


@given(frames=st.lists(FRAMES, max_size=12))
async def test_every_frame_is_answered_or_closes_the_connection(frames: list[str | bytes]) -> None:
    endpoint = Endpoint(
        {"room:*": RoomChannel(), "room:limited": LimitedChannel()}, connect=who_is_it, is_our_page=lambda *_: True
    )
    client = FakeServer(frames)
    scope = {"headers": [(b"origin", OURS.encode())], "query_string": b"vsn=2.0.0", "client": ("127.0.0.1", 1)}
    async with endpoint.running():
        await endpoint({"type": "websocket", **scope}, client.receive, client.send)
        assert endpoint.hub.members("room:1") == ()
    for message in client.sent[1:]:
        if message["type"] == "websocket.send" and "text" in message:
            join_ref, ref, topic, event, payload = json.loads(message["text"])
            assert event in {"phx_reply", "phx_close", "phx_error", "welcome", "said", "secret", "info"}
            assert "Traceback" not in json.dumps([join_ref, ref, topic, payload])


@given(frame=FRAMES)
def test_what_is_parsed_has_names_and_what_is_not_is_malformed(frame: str | bytes) -> None:
    try:
        message = parse(frame)
    except Malformed:
        return
    assert 0 < len(message.topic.encode(errors="replace")) <= 255
    assert 0 < len(message.event.encode(errors="replace")) <= 255


async def test_what_a_client_sends_is_not_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "myapp")
    endpoint = Endpoint({"room:*": RoomChannel()}, connect=who_is_it, is_our_page=lambda *_: True)
    client = FakeServer(['["1","1","room:1","phx_join",{}]', '["1","2","room:1","crash",{"password":"hunter2"}]'])
    scope = {"headers": [], "query_string": b"token=hunter2", "client": ("127.0.0.1", 1)}
    async with endpoint.running():
        await endpoint({"type": "websocket", **scope}, client.receive, client.send)
    assert "RoomChannel failed" in caplog.text
    assert "hunter2" not in caplog.text

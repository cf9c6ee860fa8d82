"""Whatever a person sends to rooms and lists: no error is logged, and nothing comes that is not for that person."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any, override
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from myapp.accounts import Principal, Visibility
from myapp.kit import presence
from myapp.kit.channels import Endpoint, Handshake, Identity
from myapp.web.channels import channels
from tests.factories.accounts import make_member, make_organization
from tests.factories.blog import make_post
from tests.factories.chat import make_message, make_room
from tests.kit.channels.test_hostile_frames import FakeServer

SECRET = "not-for-ada"
HOSTILE = ["", "\0", "x" * 5000, "'; --", "<script>", "\u202e", "{}", "-1", str(2**70), "room:x", "1e999"]
KEYS = ["body", "client_id", "id", "seq", "before", "after", "mentions", "epoch"]
EVENTS = ["new_msg", "update_msg", "delete_msg", "read", "older", "newer", "typing", "page", "phx_join", "phx_leave"]


@dataclass
class World:
    """`own` are topics that Ada may join, `topics` these and others, `ids` those of what there is on both."""

    endpoint: Endpoint
    own: list[str]
    topics: list[str]
    ids: list[str]


@pytest.fixture
async def world(real_db: str) -> AsyncGenerator[World]:
    ours, theirs = await make_organization(), await make_organization(Visibility.PRIVATE)
    ada, mei, stranger = await make_member(ours), await make_member(ours), await make_member(theirs)
    room, closed = await make_room(ada), await make_room(ada, Visibility.PRIVATE, name=SECRET)
    elsewhere = await make_room(stranger, name=SECRET)
    messages = [await make_message(ada, room), await make_message(mei, room)]
    messages.append(await make_message(stranger, elsewhere, SECRET))
    posts = [await make_post(stranger, title=SECRET, body=SECRET)]
    posts.append(await make_post(mei, title=SECRET, status="draft"))

    async def connect(_: Handshake) -> Identity:
        # To the limits each time somebody else, who has the whole of a minute's messages.
        return Identity(uuid4().hex, assigns={"who": Principal(ada.user_id)})

    endpoint = Endpoint(channels(), connect=connect, is_our_page=lambda *_: True)
    own = [f"room:{room.id}", f"rooms:{ours.slug}", "stream:posts", f"stream:posts:{ours.slug}:members"]
    foreign = [f"room:{closed.id}", f"room:{elsewhere.id}", f"rooms:{theirs.slug}", f"stream:posts:{theirs.slug}"]
    ids = [str(each.id) for each in (*messages, *posts, room, closed, elsewhere)]
    async with presence.running(), endpoint.running():
        yield World(endpoint, own, [*own, *foreign, f"stream:posts:{theirs.slug}:members"], ids)


class Patient(FakeServer):
    """A client that leaves once everything it asked for is done."""

    def __init__(self, frames: list[str]) -> None:
        super().__init__([*frames])
        self._others = asyncio.all_tasks()

    @override
    async def receive(self) -> dict[str, Any]:
        message = await super().receive()
        if message["type"] == "websocket.disconnect":
            while left := asyncio.all_tasks() - self._others - {asyncio.current_task()}:
                await asyncio.wait(left, timeout=10)
        return message

    @property
    def told(self) -> list[str]:
        return [message["text"] for message in self.sent if "text" in message]


def equally(*strategies: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """One of them, whatever the number of ways in which each is made."""
    return st.sampled_from(strategies).flatmap(lambda strategy: strategy)


def frames_of(world: World) -> st.SearchStrategy[list[str]]:
    plain = st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=20),
        st.sampled_from(HOSTILE), st.sampled_from(world.ids),
    )  # fmt: skip
    value = st.one_of(plain, st.lists(plain, max_size=3), st.dictionaries(st.text(max_size=3), plain, max_size=3))
    numbers, texts = st.integers(-1, 5), st.sampled_from([*HOSTILE, "hi"])
    sensible = st.fixed_dictionaries(
        {"body": texts, "id": st.sampled_from(world.ids), "seq": numbers, "before": numbers, "after": numbers}
    )
    payload = equally(sensible, sensible, value, st.dictionaries(st.sampled_from(KEYS), value, max_size=4))
    made_up = st.builds(
        "{}{}".format, st.sampled_from(["room:", "rooms:", "stream:posts:", "stream:search:"]), st.text(max_size=9)
    )
    topic = equally(st.just(world.own[0]), st.sampled_from(world.own), st.sampled_from(world.topics), made_up)
    event = st.one_of(st.sampled_from(EVENTS), st.sampled_from(EVENTS), st.text(min_size=1, max_size=9))
    message = st.tuples(st.sampled_from(["1", None, "2"]), st.just("r"), topic, event, payload)
    # What is no message at all would end the connection, and try nothing: tests/kit/channels does that.
    return st.lists(message.map(json.dumps), min_size=4, max_size=16)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_nothing_that_is_sent_fails_or_brings_what_is_not_for_its_sender(
    world: World, caplog: pytest.LogCaptureFixture, data: st.DataObject
) -> None:
    joins = [json.dumps(["1", "1", topic, "phx_join", {}]) for topic in world.own]
    client = Patient([*joins, *data.draw(frames_of(world))])
    scope = {"headers": [], "query_string": b"vsn=2.0.0", "client": ("127.0.0.1", 1)}
    caplog.clear()
    await world.endpoint({"type": "websocket", **scope}, client.receive, client.send)
    told = "\n".join(client.told)
    for word in (SECRET, "Traceback", "join crashed", "phx_error"):
        assert word not in told
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []

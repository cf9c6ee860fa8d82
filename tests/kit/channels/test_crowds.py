"""Many who are present on one topic: nobody is told twice, and nobody who reads is closed because others come."""

from __future__ import annotations

import asyncio
import gc
import json
from collections import Counter
from collections.abc import AsyncGenerator, Iterable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from myapp.kit import channels, presence
from myapp.kit.channels import Endpoint, Limits, Socket, _outbox
from myapp.kit.presence import _tracker
from tests.kit.channels.conftest import OURS, SOON, RoomChannel, Site, Sites, who_is_it
from tests.kit.channels.test_presence import LOBBY, LobbyChannel, diff, enter
from tests.kit.channels.test_server import connections_of, frame, raw_client, until
from tests.kit.channels.test_slow_clients import over_another_server

MANY = 4000
META = {"name": "x" * 300}
JOIN = frame(b'["1","1","lobby:1","phx_join",{"watches":true}]')


@pytest.fixture(params=[lambda app: app, over_another_server])
async def site(sites: Sites, request: pytest.FixtureRequest) -> AsyncGenerator[Site]:
    endpoint = Endpoint(
        {"lobby:*": LobbyChannel()}, connect=who_is_it, is_our_page=lambda origin, _: origin == OURS,
        limits=Limits(sockets=100, join_rate=None),
    )  # fmt: skip
    async with presence.running(period=0.02), endpoint.running():
        yield Site(endpoint, RoomChannel(), f"ws://127.0.0.1:{sites.port}{sites.put(request.param(endpoint))}")


async def message(reader: asyncio.StreamReader) -> tuple[str, Any]:
    """The event and the payload of the server's next message."""
    async with asyncio.timeout(SOON):
        head, size = await reader.readexactly(2)
        assert head == 0x81
        if size >= 126:
            size = int.from_bytes(await reader.readexactly(2 if size == 126 else 8))
        parts = json.loads(await reader.readexactly(size))
    return parts[3], parts[4]


def transport_of(writer: asyncio.StreamWriter) -> asyncio.Transport:
    assert isinstance(writer.transport, asyncio.Transport)
    return writer.transport


def come(numbers: Iterable[int]) -> None:
    for number in numbers:
        presence.track(LOBBY, f"{number}", META)


async def test_one_who_reads_late_is_told_who_is_there_by_then(site: Site) -> None:
    async with raw_client(site) as (reader, writer), site.client() as ada:
        writer.write(JOIN)
        assert [(await message(reader))[0] for _ in range(2)] == ["phx_reply", "presence_state"]
        transport_of(writer).pause_reading()
        assert await enter(ada, watches=True) == {}
        for start in range(0, 5 * MANY, 500):
            come(range(start, start + 500))
            assert len((await diff(ada))[0]) == 500
        outbox = max(site.endpoint.hub.members(LOBBY), key=lambda each: each.is_behind)._connection.outbox
        assert outbox.is_behind()
        transport_of(writer).resume_reading()
        people, events = dict[str, Any](), Counter[str]()
        while len(people) < 5 * MANY:
            event, payload = await message(reader)
            events[event] += 1
            people = payload if event == "presence_state" else people | payload["joins"]
        assert people.keys() == {f"{number}" for number in range(5 * MANY)}
        assert events["presence_state"] >= 1


async def test_a_state_larger_than_what_may_wait_closes_nobody(site: Site) -> None:
    come(range(MANY))
    async with raw_client(site) as (reader, writer):
        transport_of(writer).pause_reading()
        writer.write(JOIN)
        await until(lambda: len(site.endpoint.hub.members(LOBBY)) == 1)
        [socket] = site.endpoint.hub.members(LOBBY)
        socket.push("line", {"text": "x" * (1 << 19)})
        transport_of(writer).resume_reading()
        heard = [await message(reader) for _ in range(3)]
        assert [event for event, _ in heard] == ["phx_reply", "line", "presence_state"]
        assert len(json.dumps(heard[2][1])) > _outbox.LIMIT
        transport_of(writer).pause_reading()
        for _ in range(20):
            channels.push_to([socket], "presence_state", heard[2][1])
        channels.broadcast(LOBBY, "said", {})
        transport_of(writer).resume_reading()
        assert [(await message(reader))[0] for _ in range(21)] == ["presence_state"] * 20 + ["said"]


async def test_a_state_is_encoded_once_for_all_who_joined_under_one_ref(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames, send = list[bytes](), Socket.send_shared
    monkeypatch.setattr(Socket, "send_shared", lambda socket, frame: frames.append(frame) or send(socket, frame))
    monkeypatch.setattr(_tracker, "PERIOD", 1)
    async with site.client() as ada, site.client() as mei, site.client() as kim:
        for client, ref in ((ada, "1"), (mei, "1"), (kim, "2")):
            await client.send(ref, ref, LOBBY, "phx_join", {"watches": True})
        for client in (ada, mei, kim):
            assert [(await client.hear())[3] for _ in range(2)] == ["phx_reply", "presence_state"]
    assert len({id(frame) for frame in frames}) <= 3
    assert [json.loads(frame[2:])[0] for frame in frames].count("2") == 1


async def test_newcomers_are_told_so_many_in_a_period_as_the_network_carries(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_tracker, "AT_ONCE", 1)
    batches, push_to = list[int](), channels.push_to
    monkeypatch.setattr(channels, "push_to", lambda some, *more: batches.append(len(some)) or push_to(some, *more))
    async with site.client() as ada, site.client() as mei, site.client() as kim:
        for client in (ada, mei, kim):
            await client.send("1", "1", LOBBY, "phx_join", {"watches": True})
        for client in (ada, mei, kim):
            assert [(await client.hear())[3] for _ in range(2)] == ["phx_reply", "presence_state"]
    assert batches == [1, 1, 1]


KINDS = ("Socket", "Connection", "Person", "RawOutbox", "QueuedOutbox", "WebSocketProtocol", "Tracked", "Pace", "Entry")


def living() -> Counter[str]:
    """How many objects there are of what belongs to a connection."""
    gc.collect()
    names = (type(each).__name__ for each in gc.get_objects())
    return Counter(name for name in names if name in KINDS)


async def test_nothing_is_left_of_a_thousand_who_came_and_went(site: Site) -> None:
    before = living()
    join = frame(b'["1","1","lobby:1","phx_join",{"name":"mei"}]')
    for number in range(20):
        async with AsyncExitStack() as stack:
            clients = [await stack.enter_async_context(raw_client(site)) for _ in range(50)]
            for _, writer in clients:
                writer.write(join)
            for index, (reader, writer) in enumerate(clients):
                assert (await message(reader))[0] == "phx_reply"
                if index % 3 == 1:
                    writer.write(frame(b'["1","2","lobby:1","phx_leave",{}]'))
                elif index % 3 == 2 or number % 2:
                    writer.transport.abort()
    await until(lambda: not presence.list(LOBBY) and not connections_of(site))
    site.endpoint._sweep(set())
    for _ in range(4000):  # turns in which the server hears of the last ones' end
        await asyncio.sleep(0)
    await until(lambda: not _tracker._current()._paces)
    assert living() - before == Counter()

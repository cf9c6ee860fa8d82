"""The one order of what happens: the same numbers in every process, and what is done where there is none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing

import pytest
from redis import Redis
from redis.exceptions import ResponseError

from myapp.kit.pubsub import Following, Position, PubSub, Resync, _order
from myapp.kit.pubsub._history import EVENTS, LENGTH, OF_ONE, History
from myapp.kit.pubsub._redis import RedisTransport
from myapp.kit.pubsub._remote import Link
from myapp.kit.pubsub._transport import Line
from tests.kit.between import Between, Loop, Server, between, redis_server
from tests.kit.pubsub_peer import TOPIC, Spoken, text_of

__all__ = ["between", "redis_server"]  # fixtures

PATIENCE = 10


class Follower:
    """Who follows the topic in one process."""

    def __init__(self, hub: PubSub) -> None:
        self._heard: asyncio.Queue[tuple[int | None, str]] = asyncio.Queue()
        self.following: Following = hub.order.follow([TOPIC], self._hear)

    def _hear(self, seq: int | None, event: object) -> None:
        self._heard.put_nowait((seq, text_of(event)))

    async def hears(self) -> tuple[int | None, str]:
        return await asyncio.wait_for(self._heard.get(), PATIENCE)

    @property
    def has_heard_nothing(self) -> bool:
        return self._heard.empty()

    async def hears_all(self, count: int) -> list[tuple[int | None, str]]:
        return [await self.hears() for _ in range(count)]


@pytest.fixture
async def hubs(between: Between) -> AsyncGenerator[list[PubSub]]:
    """Those of two processes."""
    async with AsyncExitStack() as stack:
        hubs = [PubSub(), PubSub()]
        for hub in hubs:
            await stack.enter_async_context(Link(hub, between.transport()).running())
        yield hubs


async def test_every_process_hears_the_same_numbers_in_the_same_order_also_of_its_own(hubs: list[PubSub]) -> None:
    followers = [Follower(hub) for hub in hubs]
    start = hubs[1].order.position  # the last one to say hello
    for number in range(300):
        hubs[number % 2].publish(TOPIC, Spoken(str(number)))
        if number % 7 == 0:
            await asyncio.sleep(0)
    one, other = [await each.hears_all(300) for each in followers]
    assert one == other
    assert [seq for seq, _ in one] == list(range(start.seq + 1, start.seq + 301))
    for own in (0, 1):
        of_one = [int(text) for _, text in one if int(text) % 2 == own]
        assert of_one == sorted(of_one)


async def test_where_the_numbers_were_lost_another_epoch_begins_and_all_are_told(
    hubs: list[PubSub], between: Between
) -> None:
    followers = [Follower(hub) for hub in hubs]
    hubs[0].publish(TOPIC, Spoken("before"))
    for each in followers:
        await each.hears()
    epoch = hubs[0].order.position.epoch
    await between.loses_its_numbers()
    hubs[0].publish(TOPIC, Spoken("after"))
    for each in followers:
        (_, resync), (seq, after) = await each.hears_all(2)
        assert (resync, after) == ("resync", "after")
        assert each.following.position.epoch != epoch
        assert each.following.position.seq == seq
        assert each.following.missed(seq or 0) == []
        assert each.following.missed((seq or 0) - 1) is None


async def test_a_reason_to_resync_that_several_see_is_one_for_all(hubs: list[PubSub]) -> None:
    followers = [Follower(hub) for hub in hubs]
    before = hubs[1].order.position
    for hub in (*hubs, *hubs):
        hub.resync_all("a third process was killed")
    hubs[0].publish(TOPIC, Spoken("after"))
    for each in followers:
        assert [text for _, text in await each.hears_all(2)] == ["resync", "after"]
        assert each.following.missed(before.seq) is None


async def test_a_connection_that_is_lost_while_nothing_happens_costs_nothing(
    hubs: list[PubSub], between: Between, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = asyncio.Semaphore(0)
    start = PubSub.start

    def noted(hub: PubSub, position: Position) -> None:
        start(hub, position)
        again.release()

    monkeypatch.setattr(PubSub, "start", noted)
    followers = [Follower(hub) for hub in hubs]
    await between.cut()
    for _ in hubs:
        await asyncio.wait_for(again.acquire(), PATIENCE)
    assert all(each.has_heard_nothing for each in followers)


async def test_what_does_not_come_back_is_heard_without_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_order, "LATE", 0.01)
    hub, loop = PubSub(), Loop()
    async with Link(hub, loop).running():
        follower = Follower(hub)
        loop.returns = False
        hub.publish(TOPIC, Spoken("nobody knows it"))
        assert await follower.hears() == (None, "nobody knows it")
        assert not follower.following.is_whole
        hub.publish(TOPIC, Spoken("nor this"))
        assert await follower.hears() == (None, "nor this")

        await loop.has_sent("nor this")
        loop.returns = True
        hub.publish(TOPIC, Spoken("well again"))
        assert await follower.hears_all(3) == [(None, "well again"), (None, "resync"), (4, "well again")]
        assert follower.following.is_whole


async def test_what_cannot_be_sent_is_heard_without_a_number_and_then_all_is_read_anew() -> None:
    hub, loop = PubSub(), Loop()
    async with Link(hub, loop).running():
        follower = Follower(hub)
        loop.sends = False
        hub.publish(TOPIC, Spoken("lost"))
        assert await follower.hears_all(2) == [(None, "lost"), (None, "resync")]
        assert follower.following.is_whole
        hub.publish(TOPIC, Spoken("found"))
        assert await follower.hears() == (3, "found")
        assert follower.following.missed(2) == [(3, Spoken("found"))]


async def test_of_what_came_before_a_process_it_vouches_for_nothing() -> None:
    hub, loop = PubSub(), Loop()
    await loop.send(["node.1 topic pubsub.resync {}"])
    before = loop.position
    async with Link(hub, loop).running():
        following = Follower(hub).following
        assert following.position == Position(before.epoch, before.seq + 1)
        assert following.missed(before.seq) is None
        assert following.missed(before.seq + 1) == []


async def test_a_process_that_leaves_the_others_counts_for_itself() -> None:
    hub, loop = PubSub(), Loop()
    async with Link(hub, loop).running():
        follower = Follower(hub)
    assert follower.following.position.epoch != "e"
    hub.publish(TOPIC, Spoken("alone"))
    assert await follower.hears_all(2) == [(None, "resync"), (1, "alone")]


async def test_followers_of_a_hub_that_crashed_go_on_with_the_next_one() -> None:
    former, hub = PubSub(), PubSub()
    follower = Follower(former)
    hub.take_over(former)
    hub.publish(TOPIC, Spoken("hello"))
    assert await follower.hears_all(2) == [(None, "resync"), (1, "hello")]
    assert follower.following.position == hub.order.position
    former.publish(TOPIC, Spoken("nobody is there any more"))
    assert follower.has_heard_nothing


async def test_one_that_has_cancelled_hears_nothing_more(hub: PubSub) -> None:
    follower, other = Follower(hub), Follower(hub)
    follower.following.cancel()
    follower.following.cancel()
    hub.publish(TOPIC, Spoken("hello"))
    assert await other.hears() == (1, "hello")
    assert follower.has_heard_nothing


async def test_a_redis_that_may_not_write_gives_no_number_twice(redis_server: Server) -> None:
    transport = RedisTransport(redis_server.url)
    async with aclosing(transport.lines()) as lines:
        start = await anext(lines)
        assert isinstance(start, Position)
        with Redis.from_url(redis_server.url) as client:
            client.config_set("maxmemory", 1)
            with pytest.raises(ResponseError):
                await transport.send(["refused"])
            client.config_set("maxmemory", 0)
        await transport.send(["taken"])
        assert await anext(lines) == Line(Position(start.epoch, start.seq + 1), "taken")
    await transport.close()


class TestHistory:
    def test_it_knows_what_came_after_a_number_on_some_topics(self) -> None:
        history = History(4)
        for seq, topic in enumerate("abcab", 5):
            history.add(topic, seq, Resync())
        assert [seq for seq, _ in history.since("ab", 4) or ()] == [5, 6, 8, 9]
        assert [seq for seq, _ in history.since("ba", 6) or ()] == [8, 9]
        assert history.since("z", 4) == []
        assert history.since("a", 3) is history.since("z", 3) is None

    def test_it_keeps_so_many_of_a_topic_and_no_long_ones(self) -> None:
        history = History()
        for seq in range(1, OF_ONE + 2):
            history.add("a", seq, Resync())
        assert history.since("a", 0) is None
        assert len(history.since("a", 1) or ()) == OF_ONE
        history.add("a", 500, "x" * (LENGTH + 1))
        assert history.since("a", 499) is None
        assert history.since("a", 500) == []
        assert history.since("b", 0) == []

    def test_of_many_it_forgets_the_topics_that_were_quiet_longest(self) -> None:
        history = History()
        for seq in range(1, EVENTS + 1):
            history.add(str(seq // 2), seq, Resync())
        assert len(history.since(["1"], 1) or ()) == 2
        history.add("new", EVENTS + 1, Resync())
        assert history.since(["0"], 0) is None
        assert len(history.since(["1"], 1) or ()) == 2
        history.add("newer", EVENTS + 2, Resync())
        history.add("newest", EVENTS + 3, Resync())
        assert history.since(["1"], 2) is None
        assert history.since(["1"], 3) == []
        assert history.since(["new"], EVENTS) == [(EVENTS + 1, Resync())]

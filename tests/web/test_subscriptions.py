"""Tabs that follow topics: at most five runs a second, nothing lost, nothing left behind."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from myapp.kit.pubsub import PubSub, Resync, broadcast, event
from myapp.web.live import subscriptions
from myapp.web.live.subscriptions import CAPACITY, INTERVAL, Followers

TOPIC = "posts:test"


@event("tests.followed")
@dataclass(frozen=True)
class Followed:
    """Something happened."""

    number: int


@dataclass
class Deliveries:
    """Takes what would run in a tab."""

    calls: list[tuple[str, object, list[object]]] = field(default_factory=list)
    connected: bool = True
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def __call__(self, token: str, handler: object, events: list[object]) -> bool:
        self.calls.append((token, handler, events))
        self.changed.set()
        return self.connected

    async def until(self, count: int) -> None:
        async with asyncio.timeout(5):
            while len(self.calls) < count:
                self.changed.clear()
                await self.changed.wait()

    @property
    def events(self) -> list[object]:
        return [each for _, _, events in self.calls for each in events]


@pytest.fixture
def deliveries() -> Deliveries:
    return Deliveries()


@pytest.fixture
def followers(deliveries: Deliveries) -> Followers:
    return Followers(deliveries)


async def test_an_event_reaches_the_tab_at_once(followers: Followers, deliveries: Deliveries):
    followers.follow("tab", TOPIC, "on_posts")
    broadcast(TOPIC, Followed(1))
    await deliveries.until(1)
    assert deliveries.calls == [("tab", "on_posts", [Followed(1)])]


async def test_what_comes_faster_is_handed_over_together_and_in_order(followers: Followers, deliveries: Deliveries):
    followers.follow("tab", TOPIC, "on_posts")
    loop = asyncio.get_running_loop()
    for number in range(10):
        broadcast(TOPIC, Followed(number))
    await deliveries.until(1)
    first = loop.time()
    for number in range(10, 20):
        broadcast(TOPIC, Followed(number))
    await deliveries.until(2)
    assert loop.time() - first >= INTERVAL * 0.9
    assert [len(events) for _, _, events in deliveries.calls] == [10, 10]
    assert deliveries.events == [Followed(number) for number in range(20)]


async def test_a_handler_that_costs_much_runs_seldom_beside_one_that_does_not(
    followers: Followers, deliveries: Deliveries
):
    followers.follow("tab", TOPIC, "on_posts")
    followers.follow("tab", TOPIC, "searched", every=1000.0)
    broadcast(TOPIC, Followed(1))
    await deliveries.until(2)
    broadcast(TOPIC, Followed(2))
    await deliveries.until(3)
    assert [(handler, events) for _, handler, events in deliveries.calls] == [
        ("on_posts", [Followed(1)]),
        ("searched", [Followed(1)]),
        ("on_posts", [Followed(2)]),
    ]
    followers.unfollow("tab")


async def test_a_flood_becomes_one_word_to_read_everything_again(followers: Followers, deliveries: Deliveries):
    followers.follow("tab", TOPIC, "on_posts")
    for number in range(CAPACITY + 50):
        broadcast(TOPIC, Followed(number))
    await deliveries.until(1)
    assert deliveries.events == [Resync()]


async def test_events_that_pubsub_lost_are_read_again(followers: Followers, deliveries: Deliveries, hub: PubSub):
    followers.follow("tab", TOPIC, "on_posts")
    broadcast(TOPIC, Followed(1))
    hub.resync()
    broadcast(TOPIC, Followed(2))
    await deliveries.until(1)
    assert deliveries.events == [Resync()]


async def test_a_tab_that_left_is_not_disturbed(followers: Followers, deliveries: Deliveries, hub: PubSub):
    followers.follow("stays", TOPIC, "on_posts")
    followers.follow("leaves", TOPIC, "on_posts")
    broadcast(TOPIC, Followed(1))
    followers.unfollow("leaves")
    await deliveries.until(1)
    assert [token for token, _, _ in deliveries.calls] == ["stays"]
    followers.unfollow("stays")
    assert len(followers) == 0
    assert hub.topics() == set()


async def test_a_tab_found_gone_is_forgotten(followers: Followers, deliveries: Deliveries, hub: PubSub):
    deliveries.connected = False
    followers.follow("gone", TOPIC, "on_posts")
    broadcast(TOPIC, Followed(1))
    await deliveries.until(1)
    assert hub.topics() == set()


async def test_two_handlers_of_a_tab_hear_the_same_topic_each_once(followers: Followers, deliveries: Deliveries):
    for handler in ("on_person", "on_author", "on_person"):
        followers.follow("tab", TOPIC, handler)
    broadcast(TOPIC, Followed(1))
    broadcast("posts:another", Followed(2))
    await deliveries.until(2)
    assert deliveries.calls == [("tab", "on_person", [Followed(1)]), ("tab", "on_author", [Followed(1)])]


def test_without_a_hub_following_says_so():
    subscriptions.use(None)
    with pytest.raises(RuntimeError, match="not set up"):
        subscriptions._current()

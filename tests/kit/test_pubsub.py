"""Who hears what, when, and in which order, within one process."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myapp.kit import pubsub
from myapp.kit.clock import new_id
from myapp.kit.pubsub import Position, PubSub, Resync, broadcast, broadcast_from, event, mailbox, subscribe
from myapp.kit.pubsub._events import Message, decode, encode
from myapp.kit.repo import transaction
from tests.factories import SYSTEM


@event("test.said")
@dataclass(frozen=True)
class Said:
    text: str
    id: UUID | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DoorEvent:
    room_id: UUID


@event("test.door_opened")
class DoorOpened(DoorEvent):
    """Takes its fields from another one."""


def following(hub: PubSub) -> Position:
    """The position of the next line that comes to a hub."""
    epoch, seq = hub.order.position
    return Position(epoch, seq + 1)


class Listener:
    """Keeps what it hears."""

    def __init__(self, topic: str) -> None:
        self.heard: list[str] = []
        self.subscription = subscribe(topic, self.hear)

    def hear(self, _topic: str, said: object) -> None:
        self.heard.append(said.text if isinstance(said, Said) else type(said).__name__)


def test_subscribers_of_the_topic_hear_it_and_others_do_not() -> None:
    one, two, other = Listener("room:1"), Listener("room:1"), Listener("room:2")
    broadcast("room:1", Said("hello"))
    assert (one.heard, two.heard, other.heard) == (["hello"], ["hello"], [])


def test_a_cancelled_subscription_hears_nothing_more() -> None:
    listener = Listener("room")
    listener.subscription.cancel()
    listener.subscription.cancel()
    broadcast("room", Said("hello"))
    assert listener.heard == []


def test_one_that_is_cancelled_while_the_event_is_handed_out_does_not_hear_it() -> None:
    later: list[Listener] = []
    subscribe("room", lambda _topic, _event: later[0].subscription.cancel())
    later.append(Listener("room"))
    broadcast("room", Said("hello"))
    assert later[0].heard == []


def test_the_sender_does_not_hear_itself() -> None:
    one, two = Listener("room"), Listener("room")
    broadcast_from(one.subscription, "room", Said("hello"))
    assert (one.heard, two.heard) == ([], ["hello"])


def test_a_failing_subscriber_is_logged_and_hinders_nobody(caplog: pytest.LogCaptureFixture) -> None:
    def fail(_topic: str, _event: object) -> None:
        raise ZeroDivisionError

    subscribe("room", fail)
    listener = Listener("room")
    broadcast("room", Said("hello"))
    assert listener.heard == ["hello"]
    assert "a subscriber of room failed" in caplog.text


def test_answers_come_after_what_they_answer_for_everyone() -> None:
    def answer(_topic: str, said: object) -> None:
        if said == Said("question"):
            broadcast("room", Said("answer"))

    subscribe("room", answer)
    listener = Listener("room")
    broadcast("room", Said("question"))
    assert listener.heard == ["question", "answer"]


def test_what_waits_cannot_subscribe() -> None:
    async def slow(_topic: str, _event: object) -> None: ...

    with pytest.raises(TypeError, match="must not wait"):
        subscribe("room", slow)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("topic", ["", " ", "*", "two words", "line\n", "\tx"])
def test_a_topic_is_one_word(topic: str) -> None:
    with pytest.raises(ValueError, match="not a topic"):
        broadcast(topic, Said("hello"))


def test_an_event_without_a_name_is_refused_before_anything_happens() -> None:
    with pytest.raises(TypeError, match="has no name"):
        broadcast("room", "hello")


def test_an_event_is_a_frozen_dataclass_with_a_name_of_its_own() -> None:
    @dataclass
    class Mutable:
        text: str

    @dataclass(frozen=True)
    class Other:
        text: str

    with pytest.raises(TypeError, match="frozen"):
        event("test.mutable")(Mutable)
    with pytest.raises(ValueError, match="two events"):
        event("test.said")(Other)


def test_nothing_works_before_it_is_started() -> None:
    pubsub.use(None)
    with pytest.raises(RuntimeError, match="not started"):
        broadcast("room", Said("hello"))


@pytest.mark.usefixtures("db")
class TestInTransactions:
    async def test_it_waits_for_the_outermost_commit(self) -> None:
        listener = Listener("room")
        async with transaction(SYSTEM):
            async with transaction(SYSTEM):
                broadcast("room", Said("inner"))
            broadcast("room", Said("outer"))
            assert listener.heard == []
        assert listener.heard == ["inner", "outer"]

    async def test_a_rollback_drops_it(self) -> None:
        listener = Listener("room")
        with pytest.raises(ZeroDivisionError):
            async with transaction(SYSTEM):
                broadcast("room", Said("never"))
                raise ZeroDivisionError
        assert listener.heard == []

    async def test_a_rolled_back_savepoint_drops_only_its_own(self) -> None:
        listener = Listener("room")
        async with transaction(SYSTEM):
            broadcast("room", Said("kept"))
            with pytest.raises(ZeroDivisionError):
                async with transaction(SYSTEM):
                    broadcast("room", Said("dropped"))
                    raise ZeroDivisionError
        assert listener.heard == ["kept"]

    async def test_another_task_is_not_in_the_transaction(self) -> None:
        async def tell() -> None:
            broadcast("room", Said("at once"))

        listener = Listener("room")
        async with transaction(SYSTEM):
            await asyncio.create_task(tell())
            assert listener.heard == ["at once"]


class TestMailbox:
    async def test_it_keeps_events_in_order_until_they_are_read(self) -> None:
        with mailbox("one", "two") as box:
            broadcast("one", Said("first"))
            broadcast("two", Said("second"))
            assert [await box.get(), await anext(box)] == [Said("first"), Said("second")]

    async def test_a_reader_that_is_too_slow_is_told_to_read_again(self) -> None:
        with mailbox("room", limit=2) as box:
            for text in "abc":
                broadcast("room", Said(text))
            broadcast("room", Said("d"))
            assert [await box.get(), await box.get()] == [Resync(), Said("d")]

    def test_closing_it_ends_its_subscriptions(self, hub: PubSub) -> None:
        with mailbox("one", "two"):
            pass
        assert hub.topics() == set()


class TestOnTheWire:
    @given(text=st.text(), at=st.datetimes(timezones=st.just(UTC)))
    def test_an_event_comes_back_as_it_was(self, text: str, at: datetime) -> None:
        said = Said(text, new_id(), at)
        message = Message.parse(Message("node.1", "room", *encode(said)).line())
        assert message is not None
        assert decode(message.name, message.body) == said

    @given(line=st.text())
    def test_nothing_that_arrives_makes_it_fail(self, line: str) -> None:
        hub = PubSub()
        hub.subscribe("room", lambda _topic, _event: None)
        hub.receive(Position("e", 1), line)
        hub.receive(Position("e", 2), f"node.1 room test.said {line}")

    def test_an_event_may_take_its_fields_from_another_class(self) -> None:
        opened = DoorOpened(new_id())
        again = decode(*encode(opened))
        assert type(again) is DoorOpened
        assert again == opened

    def test_another_process_is_heard_once_and_oneself_not_again(self, hub: PubSub) -> None:
        sent: list[str] = []
        there = PubSub(sent.append)
        listener = Listener("room")
        there.publish("room", Said("from there"))
        for each in (hub, there):
            each.receive(following(each), sent[0])
        assert listener.heard == ["from there"]

    @pytest.mark.parametrize(
        "line",
        [
            "",
            "nonsense",
            "node.1 room test.unknown {}",
            'node.1 room test.said {"text": 1}',
            "node.1 room test.said {",
            "node.1 room test.said {}",
        ],
    )
    def test_what_this_process_does_not_understand_is_logged_and_skipped(
        self, hub: PubSub, line: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        listener = Listener("room")
        hub.receive(following(hub), line)
        assert listener.heard == []
        assert "was skipped" in caplog.text

    def test_a_field_that_only_a_newer_process_knows_is_ignored(self, hub: PubSub) -> None:
        listener = Listener("room")
        hub.receive(following(hub), 'node.1 room test.said {"text": "new", "mood": "fine"}')
        assert listener.heard == ["new"]

    def test_resync_reaches_every_subscriber(self, hub: PubSub) -> None:
        one, two = Listener("room:1"), Listener("room:2")
        hub.receive(following(hub), PubSub().resync_line())
        assert one.heard == two.heard == ["Resync"]

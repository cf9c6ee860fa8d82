"""What crosses from one process to another, through PostgreSQL and through Redis, and what a lost connection does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from redis.asyncio.client import PubSub as RedisPubSub
from sqlmodel import select

from myapp.kit.pubsub import Mailbox, PubSub, _redis, _remote, broadcast, connected, mailbox
from myapp.kit.pubsub._postgres import payloads
from myapp.kit.pubsub._remote import Link
from myapp.kit.repo import transaction
from tests import peers
from tests.factories import SYSTEM
from tests.kit.between import Between, Loop, Server, between, redis_server
from tests.kit.pubsub_peer import TOPIC, Spoken, text_of

__all__ = ["between", "redis_server"]  # fixtures


class Peer:
    """Another process, that runs `tests/kit/pubsub_peer.py`."""

    def __init__(self, process: peers.Peer) -> None:
        self._process = process

    async def hears(self) -> str:
        return (await asyncio.wait_for(self._process.stdout.readline(), 10)).decode().strip()

    def says(self, text: str) -> None:
        self._process.stdin.write(f"{text}\n".encode())


@asynccontextmanager
async def peer(between: Between) -> AsyncGenerator[Peer]:
    process = await peers.start("tests.kit.pubsub_peer", *between.urls)
    yield Peer(process)
    process.stdin.close()
    assert await asyncio.wait_for(process.wait(), 10) == 0


@asynccontextmanager
async def other_hub(between: Between) -> AsyncGenerator[PubSub]:
    """The hub another process would have, in this one, where it is quicker to start."""
    hub = PubSub()
    async with Link(hub, between.transport()).running():
        yield hub


async def heard(box: Mailbox) -> str:
    return text_of(await asyncio.wait_for(box.get(), 10))


async def test_two_processes_hear_each_other_once_and_in_order(between: Between) -> None:
    async with peer(between) as there, connected(*between.urls):
        with mailbox(TOPIC) as box:
            assert await there.hears() == "ready"
            for text in ("one", "two", "two"):
                broadcast(TOPIC, Spoken(text))
            assert [await there.hears() for _ in range(3)] == ["one", "two", "two"]
            there.says("three")
            assert [await heard(box) for _ in range(4)] == ["one", "two", "two", "three"]
            assert await there.hears() == "three"


async def test_a_long_event_crosses_as_well(between: Between) -> None:
    async with other_hub(between) as there, connected(*between.urls):
        with mailbox(TOPIC) as box:
            there.publish(TOPIC, Spoken("x" * 20_000))
            there.publish(TOPIC, Spoken("é" * 7_000))
            there.publish(TOPIC, Spoken("short"))
            assert [await heard(box) for _ in range(3)] == ["x" * 20_000, "é" * 7_000, "short"]


async def test_it_crosses_after_the_commit_and_never_after_a_rollback(between: Between) -> None:
    async with other_hub(between) as there, connected(*between.urls):
        box = Mailbox(10)
        there.subscribe(TOPIC, box.put)
        with pytest.raises(ZeroDivisionError):
            async with transaction(SYSTEM):
                broadcast(TOPIC, Spoken("never"))
                raise ZeroDivisionError
        async with transaction(SYSTEM):
            broadcast(TOPIC, Spoken("committed"))
        assert await heard(box) == "committed"


async def test_after_a_lost_connection_it_says_resync_and_hears_again(between: Between) -> None:
    async with other_hub(between) as there, connected(*between.urls):
        with mailbox(TOPIC) as box:
            await between.loses_its_numbers()
            await between.cut()
            assert await heard(box) == "resync"
            there.publish(TOPIC, Spoken("lost or not"))
            there.publish(TOPIC, Spoken("again"))
            while (text := await heard(box)) != "again":
                assert text in {"resync", "lost or not"}


@pytest.mark.parametrize(
    "line", ["f00d room test.spoken {}", "e later node.1 room test.spoken {}", "e ² n r t {}", "one", "", "e 1 @no-key"]
)
async def test_a_line_of_another_version_is_skipped_and_the_connection_stays(
    between: Between, line: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(_remote, "UNREAD", 0.05)
    async with other_hub(between) as there, connected(*between.urls):
        with mailbox(TOPIC) as box:
            for _ in range(3):
                await between.sends_raw(line)
            assert await heard(box) == "resync"  # what it said may have been news
            there.publish(TOPIC, Spoken("goes on"))
            while (text := await heard(box)) != "goes on":
                assert text == "resync"
    assert "skip" in caplog.text
    assert "lost its connection" not in caplog.text


async def test_what_waits_is_sent_before_a_process_ends(between: Between) -> None:
    async with connected(*between.urls):
        with mailbox(TOPIC) as box:
            async with other_hub(between) as there:
                there.publish(TOPIC, Spoken("goodbye"))
            assert await heard(box) == "goodbye"


async def test_what_could_not_be_sent_makes_the_others_resync(
    between: Between, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_remote, "OUTBOX", 2)
    async with other_hub(between) as there, connected(*between.urls):
        with mailbox(TOPIC) as box:
            for text in ("one", "two", "no room"):
                there.publish(TOPIC, Spoken(text))
            assert [await heard(box) for _ in range(3)] == ["one", "two", "resync"]


async def test_without_a_server_the_start_fails_with_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_remote, "HELLO", 0.1)
    with pytest.raises(RuntimeError, match="reached no other process"):
        async with connected("postgresql://nowhere", f"unix://{tmp_path}/none.sock"):
            pass


async def test_long_events_do_not_pile_up(real_db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("myapp.kit.pubsub._postgres.KEEP_SECONDS", 0)
    async with other_hub(Between(real_db)) as there, connected(real_db):
        with mailbox(TOPIC) as box:
            there.publish(TOPIC, Spoken("x" * 9_000))
            await heard(box)
            there.publish(TOPIC, Spoken("after"))
            await heard(box)
    async with transaction(SYSTEM) as session:
        assert (await session.exec(select(payloads.c.id))).all() == []


async def test_redis_is_asked_whether_it_lives_and_an_answer_is_enough(
    redis_server: Server, real_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = asyncio.Semaphore(0)
    ping = RedisPubSub.ping

    async def noted(subscriber: RedisPubSub) -> None:
        await ping(subscriber)
        asked.release()

    monkeypatch.setattr(RedisPubSub, "ping", noted)
    monkeypatch.setattr(_redis, "IDLE_SECONDS", 0.05)
    between = Between(real_db, redis_server)
    async with other_hub(between) as there, connected(*between.urls):
        with mailbox(TOPIC) as box:
            for _ in range(6):
                await asked.acquire()
            there.publish(TOPIC, Spoken("still here"))
            assert await heard(box) == "still here"


async def test_a_redis_that_does_not_answer_is_given_up(
    redis_server: Server, real_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unheard(_subscriber: RedisPubSub) -> None: ...

    again = asyncio.Event()
    async with connected(*Between(real_db, redis_server).urls) as hub:
        monkeypatch.setattr(RedisPubSub, "ping", unheard)
        monkeypatch.setattr(_redis, "IDLE_SECONDS", 0.01)
        monkeypatch.setattr(hub, "start", lambda _position: again.set())
        broadcast(TOPIC, Spoken("wakes the receiver, which then waits the shorter time"))
        await asyncio.wait_for(again.wait(), 10)


async def test_after_a_lost_batch_the_others_resync_before_they_hear_more() -> None:
    hub, loop = PubSub(), Loop()
    async with Link(hub, loop).running():
        loop.sends = False
        hub.publish(TOPIC, Spoken("lost"))
        assert (await loop.has_sent("* pubsub.resync"))[-1] == hub.resync_line()
        hub.publish(TOPIC, Spoken("heard"))
        assert len(await loop.has_sent("heard")) == 1

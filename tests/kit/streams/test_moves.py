"""Who moves from one process to another is told what they missed, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myapp.kit.pubsub._history import OF_ONE
from tests.kit.streams.test_interleavings import NAMES, settled
from tests.kit.streams.world import Client, Place, Process, World


class House:
    """Two processes, of which the second may have no follower yet, and a client of the first."""

    def __init__(self) -> None:
        self.world = World(descending=True)
        for number, name in enumerate(NAMES[:6]):
            self.world.put(name, number)
        self.world.open()
        self.place = Place()
        self.here, self.there = Process(self.world, self.place), Process(self.world, self.place)
        self.here.hear()  # that the other one is there
        self.client = Client(descending=True, limit=0)
        self.numbers: list[tuple[int, str]] = []

    async def connect(self, process: Process) -> list[Any]:
        """The operations of the reply, once it is there and read."""
        self.client.connect(process)
        await settled()
        self.client.read_all()
        return self.client.reply["ops"]

    async def tell(self, process: Process, name: str, *heard_by: Process) -> None:
        """A row is changed, and told to the processes."""
        self.world.put(name, 10 + len(self.numbers))  # at the head
        process.publish(name)
        process.send()
        self.numbers.append((self.place.position.seq, name))
        for each in heard_by or (self.here, self.there):
            each.hear()
        await settled()
        self.client.read_all()

    def ids(self) -> list[str]:
        return [row["id"] for row in self.client.replica.window.rows]

    @property
    def at(self) -> int:
        assert self.client.replica.position is not None
        return self.client.replica.position.seq

    def close(self) -> None:
        self.here.stop()
        self.there.stop()


def played(story: Callable[[House], Awaitable[None]]) -> None:
    async def play() -> None:
        house = House()
        try:
            await story(house)
        finally:
            house.close()
            await settled()

    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        runner.run(play())


changes = st.lists(st.tuples(st.booleans(), st.sampled_from(NAMES)), max_size=12)


@given(before=changes, meanwhile=changes, ahead=st.integers(0, 12), is_followed=st.booleans())
def test_a_move_costs_the_rows_that_were_touched_meanwhile(
    before: list[tuple[bool, str]], meanwhile: list[tuple[bool, str]], ahead: int, is_followed: bool
) -> None:
    async def story(house: House) -> None:
        if not is_followed:
            house.there.feed.close()
        await house.connect(house.here)
        for is_here, name in before:
            await house.tell(house.here if is_here else house.there, name)
        for number, (is_here, name) in enumerate(meanwhile):
            if number == ahead:  # from here on the other one knows more
                house.client.disconnect()
            await house.tell(house.here if is_here else house.there, name)
        since = house.at
        if not is_followed:
            house.there.open()
        ops = await house.connect(house.there)
        assert sorted(op[1]["id"] for op in ops) == sorted({name for seq, name in house.numbers if seq > since})
        assert all(op[0] == "insert" for op in ops)
        assert house.client.replica.window.rows == tuple(house.world.ordered()[: len(house.ids())])

    played(story)


def test_who_comes_to_a_process_that_knows_less_is_told_nothing_twice() -> None:
    async def story(house: House) -> None:
        await house.connect(house.here)
        await house.tell(house.here, "f", house.here)
        await house.tell(house.here, "e", house.here)
        assert await house.connect(house.there) == []
        rows = house.client.replica.window.rows
        house.there.hear()
        house.there.hear()
        await settled()
        house.client.read_all()
        assert house.client.replica.window.rows == rows
        await house.tell(house.here, "d")
        assert house.ids()[:3] == ["d", "e", "f"]

    played(story)


def test_who_missed_more_than_is_remembered_gets_the_list_anew() -> None:
    async def story(house: House) -> None:
        house.there.feed.close()
        await house.connect(house.here)
        house.client.disconnect()
        for _ in range(OF_ONE + 1):
            await house.tell(house.here, "f")
        house.there.open()
        assert [op[0] for op in await house.connect(house.there)] == ["reset"]

    played(story)


@pytest.mark.parametrize("is_told", [False, True])
def test_who_was_told_nothing_since_a_process_began_gets_the_list_anew_there(is_told: bool) -> None:
    async def story(house: House) -> None:
        await house.connect(house.here)
        house.there.stop()
        house.there.start()
        house.here.hear()
        if is_told:
            house.here.feed.tell_position()
            house.client.read_all()
        assert [op[0] for op in await house.connect(house.there)] == ([] if is_told else ["reset"])

    played(story)


@pytest.mark.parametrize("hurt", ["flush", "doubt", "death"])
def test_where_a_process_does_not_vouch_for_what_was_missed_the_list_comes_anew(hurt: str) -> None:
    async def story(house: House) -> None:
        await house.connect(house.here)
        house.client.disconnect()
        if hurt == "flush":
            house.place.dies()
            house.here.connect()
            house.there.connect()
        elif hurt == "doubt":
            house.there.doubt()
        else:
            house.there.hub.resync_all("a third process was killed")
            house.there.send()
            house.there.hear()
        await settled()
        assert [op[0] for op in await house.connect(house.there)] == ["reset"]

    played(story)


def test_another_epoch_brings_the_list_anew_to_whoever_is_connected() -> None:
    async def story(house: House) -> None:
        await house.connect(house.here)
        house.place.dies()
        await house.tell(house.there, "a")
        assert house.client.replica.position == house.place.position
        assert house.ids()[0] == "a"

    played(story)

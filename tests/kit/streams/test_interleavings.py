"""Whatever is lost, doubled, overtaken or restarted: in the end every client has the server's list."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from hypothesis import example, given, settings
from hypothesis import strategies as st

from myapp.kit.streams import key_of
from tests.kit.streams.world import Client, Place, Process, World

type Step = tuple[str, int, int]

STEPS = (
    *("put",) * 2,
    "drop",
    *("put and tell",) * 4,
    *("drop and tell",) * 4,
    *("publish",) * 2,
    "publish again",
    *("send",) * 4,
    *("hear",) * 6,
    *("release",) * 8,
    *("read",) * 8,
    *("ask tail",) * 4,
    *("ask head",) * 2,
    *("look",) * 2,
    *("move",) * 2,
    "tick",
    "miss",
    "connect",
    "fail to send",
    "doubt",
    "restart",
    "flush",
)
NAMES = "abcdefgh"

PUT: Step = ("put and tell", 0, 0)
NOT_FURTHER: list[Step] = [  # what has no number is told to somebody who came for a newer page meanwhile
    *(PUT, ("put", 0, 0), ("release", 0, 0), ("release", 0, 0), ("flush", 0, 0), ("connect", 1, 0)),
    *(*(PUT,) * 9, ("release", 0, 0), PUT, ("move", 0, 1)),
]


class Story:
    """Two processes, three clients, one list."""

    def __init__(self, *, descending: bool, limit: int) -> None:
        self.world = World(descending=descending)
        for number, name in enumerate(NAMES[:6]):
            self.world.put(name, number)
        self.place = Place()
        self.processes = [Process(self.world, self.place) for _ in range(2)]
        self.unpublished: list[tuple[Process, str]] = []
        self.has_lost = False
        self.clients = [Client(descending=descending, limit=limit) for _ in range(3)]
        for number, client in enumerate(self.clients):
            client.connect(self.processes[number % 2])

    async def play(self, steps: list[Step]) -> None:
        """From a start at which everybody has the first page."""
        self.world.open()
        await self._quiet()
        self.world.is_open = False
        for step in steps:
            self._do(*step)
            await settled()
        await self._end()

    def _do(self, name: str, one: int, other: int) -> None:
        client, process = self.clients[one % 3], self.processes[one % 2]
        name_of = NAMES[other % 8]
        acts: dict[str, Callable[[], None]] = {
            "put": lambda: self._commit(process, name_of, one + other),
            "drop": lambda: self._commit(process, name_of, None),
            "put and tell": lambda: self._commit(process, name_of, one + other, is_told=True),
            "drop and tell": lambda: self._commit(process, name_of, None, is_told=True),
            "publish": lambda: self._publish(other),
            "publish again": lambda: process.publish(name_of),
            "send": process.send,
            "hear": process.hear,
            "release": lambda: self.world.release(other),
            "read": client.read,
            "ask tail": lambda: client.ask("tail"),
            "ask head": lambda: client.ask("head"),
            "look": lambda: client.look(other),
            "move": lambda: client.connect(self.processes[other % 2]),
            "tick": process.feed.tell_position,
            "miss": process.miss,
            "connect": process.connect,
            "fail to send": process.fail_to_send,
            "doubt": process.doubt,
            "restart": lambda: self._restart(process),
            "flush": self.place.dies,
        }
        acts[name]()

    def _commit(self, process: Process, name: str, sort: int | None, *, is_told: bool = False) -> None:
        """Put the row there or, without a place for it, drop it."""
        if sort is None:
            self.world.drop(name)
        else:
            self.world.put(name, sort)
        self.unpublished.append((process, name))
        if is_told:
            self._publish(-1)
            process.send()
            for each in self.processes:
                each.hear()

    def _publish(self, number: int) -> None:
        """One of those that were committed: any, as who commits first may tell last."""
        if self.unpublished:
            process, name = self.unpublished.pop(number % len(self.unpublished))
            process.publish(name)

    def _restart(self, process: Process) -> None:
        """It dies, and with it what it had not sent; all are told at the end."""
        self.has_lost = self.has_lost or bool(process.leaving) or any(by is process for by, _ in self.unpublished)
        self.unpublished = [each for each in self.unpublished if each[0] is not process]
        process.stop()
        process.start()

    async def _end(self) -> None:
        """Everything arrives, what was lost is told of, and who is not connected connects."""
        self.world.open()
        while self.unpublished:
            self._publish(0)
        if self.has_lost:
            for process in self.processes:
                process.hub.resync_all("a process died")
        for process in self.processes:
            while process.leaving:
                process.send()
        for process in self.processes:
            while process.arriving:
                process.hear()
            process.connect()
        await self._quiet()
        for _ in range(2):  # who comes back to a place in the list that is gone is lost once more
            self._reconnect()
            await self._quiet()

    def _reconnect(self) -> None:
        for number, client in enumerate(self.clients):
            if client.process is None or client.replica.is_lost:
                client.connect(self.processes[number % 2])

    async def _quiet(self) -> None:
        for _ in range(20):
            await settled()
            for client in self.clients:
                client.read_all()

    def check(self) -> None:
        ordered = self.world.ordered()
        for client in self.clients:
            window = client.replica.window
            assert not client.replica.is_lost
            assert list(window.rows) == [row for row in ordered if window.holds(key_of(row))]
            assert window.rows or not ordered or window.start or window.end

    def close(self) -> None:
        for process in self.processes:
            process.stop()


async def settled() -> None:
    for _ in range(6):
        await asyncio.sleep(0)


async def tell(steps: list[Step], *, descending: bool, limit: int) -> None:
    story = Story(descending=descending, limit=limit)
    try:
        await story.play(steps)
        story.check()
    finally:
        story.close()
        await settled()


@settings(max_examples=200)
@given(
    steps=st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 11), st.integers(0, 11)), max_size=60),
    descending=st.booleans(),
    limit=st.sampled_from([0, 4]),
)
@example(steps=NOT_FURTHER, descending=False, limit=0)
def test_every_client_ends_with_the_list_of_the_server(steps: list[Step], descending: bool, limit: int) -> None:
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        runner.run(tell(steps, descending=descending, limit=limit))

"""Whatever is lost, doubled, overtaken or restarted: in the end every client has the server's list."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from myapp.kit.streams import key_of
from tests.kit.streams.world import Client, Process, ThingChanged, World

type Step = tuple[str, int, int]

STEPS = (
    *("put",) * 2,
    "drop",
    *("put and hear",) * 4,
    *("drop and hear",) * 4,
    *("hear",) * 3,
    *("release",) * 8,
    *("read",) * 8,
    *("ask tail",) * 4,
    *("ask head",) * 2,
    *("look",) * 2,
    "hear twice",
    "lose",
    "connect",
    "restart",
)
NAMES = "abcdefgh"


class Story:
    """Two processes, three clients, one list."""

    def __init__(self, *, descending: bool, limit: int) -> None:
        self.world = World(descending=descending)
        for number, name in enumerate(NAMES[:6]):
            self.world.put(name, number)
        self.processes = [Process(self.world), Process(self.world)]
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
        acts: dict[str, Callable[[], None]] = {
            "put": lambda: self._commit(one, other, NAMES[other % 8], put=True),
            "drop": lambda: self._commit(one, other, NAMES[other % 8], put=False),
            "put and hear": lambda: self._commit(one, other, NAMES[other % 8], put=True, is_heard=True),
            "drop and hear": lambda: self._commit(one, other, NAMES[other % 8], put=False, is_heard=True),
            "hear": process.hear,
            "hear twice": lambda: process.hear(times=2),
            "lose": lambda: process.hear(times=0),
            "release": lambda: self.world.release(other),
            "read": client.read,
            "ask tail": lambda: client.ask("tail"),
            "ask head": lambda: client.ask("head"),
            "look": lambda: client.look(other),
            "connect": lambda: client.connect(self.processes[other % 2]),
            "restart": lambda: self._restart(process),
        }
        acts[name]()

    def _commit(self, one: int, other: int, name: str, *, put: bool, is_heard: bool = False) -> None:
        if put:
            self.world.put(name, one + other)
        else:
            self.world.drop(name)
        for process in self.processes:
            process.arriving.append(ThingChanged(name))
            if is_heard:
                process.hear_last()

    def _restart(self, process: Process) -> None:
        process.stop()
        process.start()
        process.has_lost = False

    async def _end(self) -> None:
        """Everything arrives, what was lost is told of, and who is not connected connects."""
        self.world.open()
        for process in self.processes:
            while process.arriving:
                process.hear()
            if process.has_lost:
                process.hub.resync()
        await self._quiet()
        for number, client in enumerate(self.clients):
            if client.process is None or client.replica.is_lost:
                client.connect(self.processes[number % 2])
        await self._quiet()

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
def test_every_client_ends_with_the_list_of_the_server(steps: list[Step], descending: bool, limit: int) -> None:
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        runner.run(tell(steps, descending=descending, limit=limit))

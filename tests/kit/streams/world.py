"""A list in a database, server processes with a feed each, and clients, all of whose steps a test chooses one by one.

Reading takes two steps, so that anything can happen before the database is looked at and after it. What a process
publishes is numbered when the test says so, and reaches each process when it says so, or never; of what was lost they
are told at the end.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from myapp.kit import pubsub
from myapp.kit.pubsub import Position, PubSub
from myapp.kit.streams import Diff, End, Feed, Key, Page, Replica, Row, key_of

TOPIC = "things"
SIZE = 3


@pubsub.event("tests.thing.changed")
@dataclass(frozen=True)
class ThingChanged:
    id: str


class World:
    """The database, and the gates that reading from it passes."""

    def __init__(self, *, descending: bool) -> None:
        self.descending = descending
        self.rows: dict[str, Row] = {}
        self.gates: list[asyncio.Future[None]] = []
        self.is_open = False
        self._versions = 0

    def put(self, row_id: str, sort: int) -> None:
        self._versions += 1
        self.rows[row_id] = {"id": row_id, "sort": [sort], "version": self._versions}

    def drop(self, row_id: str) -> None:
        self.rows.pop(row_id, None)

    def ordered(self) -> list[Row]:
        return sorted(self.rows.values(), key=key_of, reverse=self.descending)

    async def gate(self) -> None:
        if not self.is_open:
            gate = asyncio.get_running_loop().create_future()
            self.gates.append(gate)
            await gate

    def release(self, number: int) -> None:
        self.gates = [gate for gate in self.gates if not gate.done()]  # who waited may have been stopped
        if self.gates:
            self.gates.pop(number % len(self.gates)).set_result(None)

    def open(self) -> None:
        self.is_open = True
        while self.gates:
            self.release(0)


class Things:
    """The list of a world as a stream's source."""

    topics = (TOPIC,)

    def __init__(self, world: World) -> None:
        self._world = world

    def touched(self, event: object) -> Collection[str]:
        return [event.id] if isinstance(event, ThingChanged) else []

    async def load(self, ids: Collection[str]) -> Sequence[Row]:
        await self._world.gate()
        found = [self._world.rows[each] for each in ids if each in self._world.rows]
        await self._world.gate()
        return found

    async def page(self, *, after: Key | None = None, before: Key | None = None) -> Page:
        await self._world.gate()
        rows = [row for row in self._world.ordered() if self._is_past(key_of(row), after, before)]
        chosen = rows[-SIZE:] if before else rows[:SIZE]
        await self._world.gate()
        return Page(chosen, len(rows) > SIZE)

    def _is_past(self, key: Key, after: Key | None, before: Key | None) -> bool:
        if after is not None:
            return key < after if self._world.descending else key > after
        if before is not None:
            return key > before if self._world.descending else key < before
        return True


class Place:
    """What gives every broadcast its number, and brings it to all processes in that order."""

    def __init__(self) -> None:
        self.position = Position("epoch 0", 0)
        self.processes: list[Process] = []

    def take(self, line: str) -> None:
        epoch, seq = self.position
        self.position = Position(epoch, seq + 1)
        for process in self.processes:
            process.arriving.append((self.position, line))

    def dies(self) -> None:
        """Another one takes over, that knows nothing."""
        self.position = Position(f"{self.position.epoch}+", 0)


class Process:
    """A server process: a hub, a feed, who is connected, and what is on its way to the place and back."""

    def __init__(self, world: World, place: Place) -> None:
        self._world = world
        self._place = place
        place.processes.append(self)
        self.start()

    def start(self) -> None:
        self.hub = PubSub()
        self.leaving: deque[str] = deque()
        self.hub.send = self.leaving.append
        self.arriving: deque[tuple[Position, str]] = deque()
        self.clients: list[Client] = []
        self.connect()
        self.hello()
        self.open()

    def hello(self) -> None:
        """As the link does: what came before is for others to know."""
        self._place.take(self.hub.hello_line())
        self.hear()

    def open(self) -> None:
        """Follow the topic."""
        pubsub.use(self.hub)
        self.feed = Feed(Things(self._world), self._tell)

    def _tell(self, diff: Diff) -> None:
        for client in self.clients:
            client.send(diff.payload())

    def stop(self) -> None:
        for client in tuple(self.clients):
            client.disconnect()
        self.feed.close()

    def publish(self, name: str) -> None:
        self.hub.publish(TOPIC, ThingChanged(name))

    def send(self) -> None:
        if self.leaving:
            self._place.take(self.leaving.popleft())

    def fail_to_send(self) -> None:
        """As the link does: what it could not send is forgotten, and all are told to read again."""
        if self.leaving:
            self.leaving.popleft()
            self.hub.order.cut()
            self.leaving.appendleft(self.hub.resync_line())

    def hear(self) -> None:
        if self.arriving:
            self.hub.receive(*self.arriving.popleft())

    def miss(self) -> None:
        if self.arriving:
            self.arriving.popleft()

    def connect(self) -> None:
        """Its connection was lost, and is there again."""
        self.arriving.clear()
        self.hub.start(self._place.position)

    def doubt(self) -> None:
        """What it sent takes its time."""
        self.hub.order.cut()


class Client:
    """A replica and its connection; what is sent waits until the test delivers it."""

    def __init__(self, *, descending: bool, limit: int) -> None:
        self.replica = Replica(descending=descending, limit=limit)
        self.process: Process | None = None
        self.reply: dict[str, Any] = {}
        self._inbox: deque[tuple[str, Any]] = deque()
        self._held: list[Any] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def connect(self, process: Process) -> None:
        self.disconnect()
        self.process, self._held = process, []
        process.clients.append(self)
        self._do(self._join(process))

    async def _join(self, process: Process) -> None:
        self.reply = reply = await process.feed.opening(self.replica.params())
        held, self._held = self._held or [], None
        self._inbox.append(("joined", _wire(reply)))
        self._inbox.extend(("heard", each) for each in held)

    def send(self, payload: Any) -> None:
        if self._held is None:
            self._inbox.append(("heard", _wire(payload)))
        else:
            self._held.append(_wire(payload))

    def ask(self, towards: End) -> None:
        if self.process is not None and self._held is None and (key := self.replica.ask(towards)) is not None:
            self._do(self._page(self.process, towards, key))

    async def _page(self, process: Process, towards: End, key: Key) -> None:
        page = await process.feed.page(**{"after" if towards == "tail" else "before": key})
        self._inbox.append((towards, _wire(page)))

    async def _return(self, process: Process, key: Key, returns: int) -> None:
        page = await process.feed.page(after=key)
        self._inbox.append(("returned", (_wire(page), returns)))

    def look(self, number: int) -> None:
        """Go to one of the rows, or to the head; a reset is to leave the reader there."""
        rows = self.replica.window.rows
        self.replica.reads_after = key_of(rows[number % len(rows)]) if number and rows else None

    def read(self) -> None:
        """Take the next thing that has arrived."""
        if not self._inbox:
            return
        kind, payload = self._inbox.popleft()
        match kind:
            case "joined":
                self.replica.joined(payload)
            case "heard":
                self.replica.heard(payload)
            case "head" | "tail":
                self.replica.answered(kind, payload)
            case "returned":
                self.replica.returned(*payload)
        if self.process is not None and (key := self.replica.ask_to_return()) is not None:
            self._do(self._return(self.process, key, self.replica.returns))

    def read_all(self) -> None:
        while self._inbox:
            self.read()

    def disconnect(self) -> None:
        """What is on its way is lost."""
        for task in self._tasks:
            task.cancel()
        self._tasks.clear()
        self._inbox.clear()
        if self.process is not None:
            self.process.clients.remove(self)
            self.process = None

    def _do(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _wire(payload: Any) -> Any:
    return orjson.loads(orjson.dumps(payload))

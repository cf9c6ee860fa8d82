"""For a task that waits for events, as an Elixir process does on its mailbox."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import ExitStack, contextmanager

from myapp.kit.pubsub._events import Resync
from myapp.kit.pubsub._verbs import subscribe

LIMIT = 1000
"""Events that wait for a slow reader, before they are forgotten in favour of one `Resync`."""


class Mailbox:
    """Events in the order they came. `async for event in box` never ends by itself."""

    def __init__(self, limit: int) -> None:
        self._queue: asyncio.Queue[object] = asyncio.Queue(limit)

    def put(self, _topic: str, event: object) -> None:
        if self._queue.full():
            while not self._queue.empty():
                self._queue.get_nowait()
            event = Resync()
        self._queue.put_nowait(event)

    def __aiter__(self) -> Mailbox:
        return self

    async def __anext__(self) -> object:
        return await self._queue.get()

    async def get(self) -> object:
        """The next event; waits for one."""
        return await self._queue.get()


@contextmanager
def mailbox(*topics: str, limit: int = LIMIT) -> Generator[Mailbox]:
    """Collect the events of these topics for one reader, who may be slow but never holds up the others.

    with mailbox(f"posts:{org_id}") as box:
        async for event in box:
            ...
    """
    box = Mailbox(limit)
    with ExitStack() as stack:
        for topic in topics:
            stack.callback(subscribe(topic, box.put).cancel)
        yield box

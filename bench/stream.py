"""What one row costs on the wire: bytes of the frame that puts it into a list of 1,000, whoever has it open.

A feed follows a list of so many messages in memory; what it tells is framed as the channel does. The peer is what
Phoenix LiveView's stream sent for one row of a list of messages when it was measured; it is not run here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import uuid4

from bench.report import Report
from myapp.kit import pubsub
from myapp.kit.channels import _wire
from myapp.kit.clock import new_id, now
from myapp.kit.pubsub import PubSub
from myapp.kit.streams import Diff, Feed, Key, Page, Row, sort_value

ROWS = 1000
LIVE_VIEW = 268  # bytes
TOPIC = f"stream:messages:{uuid4()}"


@pubsub.event("bench.message.created")
@dataclass(frozen=True)
class MessageCreated:
    id: str


class Messages:
    """A list in memory."""

    topics = ("messages",)

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}
        for number in range(ROWS):
            self.add(number)

    def add(self, number: int) -> str:
        key = str(new_id())
        body = f"message number {number} with a decent text"
        self.rows[key] = {"id": key, "sort": [sort_value(now())], "version": 1, "user": "ada", "body": body}
        return key

    def touched(self, event: object) -> Collection[str]:
        return [event.id] if isinstance(event, MessageCreated) else []

    async def load(self, ids: Collection[str]) -> Sequence[Row]:
        return [self.rows[each] for each in ids]

    async def page(self, *, after: Key | None = None, before: Key | None = None) -> Page:  # noqa: ARG002 - it has one page
        return Page(list(self.rows.values()), has_more=False)


def run(report: Report) -> None:
    """Report `stream.row_bytes`."""
    size = asyncio.run(_row())
    report.figure("stream.row_bytes", size, "bytes", against="Phoenix LiveView's stream", peer=LIVE_VIEW)


async def _row() -> int:
    pubsub.use(PubSub())
    told: asyncio.Queue[Diff] = asyncio.Queue()
    messages = Messages()
    feed = Feed(messages, told.put_nowait)
    try:
        pubsub.broadcast("messages", MessageCreated(messages.add(ROWS)))
        diff = await told.get()
    finally:
        feed.close()
        pubsub.use(None)
    return len(_wire.broadcast(TOPIC, "diff", _wire.dumps(diff.payload()).decode()))

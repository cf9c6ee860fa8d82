"""Another process of the site, with a tree of its own; it says how it is called, and ends with its input."""

from __future__ import annotations

import asyncio
import sys
import time

from myapp.kit import pubsub, telemetry
from myapp.kit.telemetry import _history
from myapp.metrics import metrics
from myapp.ops.exchange import exchanging, own_name
from tests.ops.trees import grown


async def main(*urls: str) -> None:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    async with telemetry.running(metrics()), grown(), pubsub.connected(*urls), exchanging():
        telemetry.execute("rate_limit.refused", {}, {"limit": "cups of tea"})
        current = _history._history
        assert current is not None
        current.tick(time.time())
        print(own_name(), flush=True)  # noqa: T201 - the test reads it
        await reader.read()

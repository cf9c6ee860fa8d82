"""Sends figures to a StatsD server as they come: `TelemetryMetricsStatsd`.

    async with statsd.running("statsd://127.0.0.1:8125", metrics()): ...        # tags become part of the name
    async with statsd.running("dogstatsd://127.0.0.1:8125", metrics()): ...     # tags as Datadog writes them

UDP: nobody waits, and what does not arrive is lost. Lines travel together, up to a packet of 1,432 bytes or half a
second. Durations are sent in milliseconds, as the protocol has them
(https://github.com/statsd/statsd/blob/master/docs/metric_types.md).
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import asynccontextmanager, suppress
from threading import Lock
from urllib.parse import urlsplit

from myapp.kit.telemetry._core import Measurements, Metadata, attached
from myapp.kit.telemetry._metrics import Kind, Metric

PORT = 8125
PACKET = 1432  # bytes: what passes through every network in one piece
FLUSH = 0.5  # seconds
_UNSAFE = re.compile(r"[^\w./*\[\]{}()-]")
_TYPES = {Kind.COUNTER: "c", Kind.SUM: "c", Kind.LAST_VALUE: "g", Kind.SUMMARY: "ms", Kind.DISTRIBUTION: "ms"}


class _Sender:
    """Lines that wait, and the socket they leave by. Events may come from any thread."""

    def __init__(self, metrics: Collection[Metric], out: socket.socket, *, has_tags: bool) -> None:
        self._out = out
        self._has_tags = has_tags
        self._lock = Lock()
        self._waiting: list[bytes] = []
        self._size = 0
        self._by_event: dict[str, list[Metric]] = {}
        for metric in metrics:
            self._by_event.setdefault(metric.event, []).append(metric)

    @property
    def events(self) -> Collection[str]:
        return self._by_event

    def handle(self, event: str, measurements: Measurements, metadata: Metadata) -> None:
        for metric in self._by_event[event]:
            if metric.keep is None or metric.keep(metadata):
                value = metric.value_of(measurements, metadata)
                if value is not None:
                    self._add(self._line(metric, value, metadata))

    def _line(self, metric: Metric, value: float, metadata: Metadata) -> bytes:
        kind = _TYPES[metric.kind]
        if kind == "ms" and metric.unit == "second":
            value *= 1000
        tags = _tags(metric, metadata)
        name = f"myapp.{metric.name}"
        if not self._has_tags:
            name = ".".join([name, *(tag.replace(".", "_") for tag in tags.values())])
        line = f"{name}:{value:.12g}|{kind}"
        if self._has_tags and tags:
            line += "|#" + ",".join(f"{tag}:{said}" for tag, said in tags.items())
        return line.encode()

    def _add(self, line: bytes) -> None:
        with self._lock:
            if self._size + len(line) + 1 > PACKET:
                self._send()
            self._waiting.append(line)
            self._size += len(line) + 1

    def flush(self) -> None:
        with self._lock:
            self._send()

    def _send(self) -> None:
        if self._waiting:
            with suppress(OSError):  # nobody is there, or the kernel has no room: the next packet has newer figures
                self._out.send(b"\n".join(self._waiting))
            self._waiting, self._size = [], 0


def _tags(metric: Metric, metadata: Metadata) -> Mapping[str, str]:
    given = metadata if metric.tag_values is None else metric.tag_values(metadata)
    return {tag: _UNSAFE.sub("_", str(given.get(tag, ""))) or "none" for tag in metric.tags}


@asynccontextmanager
async def running(url: str, metrics: Collection[Metric]) -> AsyncGenerator[None]:
    """Send until the end of the block. Raises OSError for a host that is not to be found."""
    parts = urlsplit(url)
    loop = asyncio.get_running_loop()
    [(family, *_, address), *_] = await loop.getaddrinfo(parts.hostname, parts.port or PORT, type=socket.SOCK_DGRAM)
    with socket.socket(family, socket.SOCK_DGRAM) as out:
        out.setblocking(False)
        out.connect(address)
        sender = _Sender(metrics, out, has_tags=parts.scheme == "dogstatsd")
        with attached("statsd", sender.events, sender.handle):
            flushing = asyncio.create_task(_keep_flushing(sender), name="statsd")
            try:
                yield
            finally:
                flushing.cancel()
                await asyncio.gather(flushing, return_exceptions=True)
                sender.flush()


async def _keep_flushing(sender: _Sender) -> None:
    while True:
        await asyncio.sleep(FLUSH)
        sender.flush()

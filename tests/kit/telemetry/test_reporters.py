"""StatsD gets packets over a real socket, and a developer lines."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Generator

import pytest

from myapp.kit import telemetry
from myapp.kit.telemetry import Metric, console, counter, distribution, last_value, statsd, sum_, summary

METRICS = [
    counter("tea.made.count", tags=("kind",)),
    sum_("tea.made.cups", keep=lambda given: given["kind"] != "none"),
    last_value("pot.level"),
    summary("boil.stop.duration", unit="second", tags=("route", "status")),
    distribution("walk.stop.duration", unit="second", buckets=(1.0,)),
]


@pytest.fixture
def server() -> Generator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(10)
        yield server


def url_of(server: socket.socket, scheme: str = "statsd") -> str:
    return f"{scheme}://127.0.0.1:{server.getsockname()[1]}"


def make_tea() -> None:
    telemetry.execute("tea.made", {"cups": 2}, {"kind": "green"})
    telemetry.execute("tea.made", {"cups": 2}, {"kind": "none"})
    telemetry.execute("pot", {"level": 7})
    telemetry.execute("boil.stop", {"duration": 0.25}, {"route": "/o/[slug]:a|b", "status": 200})
    telemetry.execute("walk.stop", {"duration": 1.5})


async def test_statsd_gets_each_kind_as_it_knows_it(server: socket.socket) -> None:
    async with statsd.running(url_of(server), METRICS):
        make_tea()
    assert server.recv(2000).decode().split("\n") == [
        "myapp.tea.made.count.green:1|c",
        "myapp.tea.made.cups:2|c",
        "myapp.tea.made.count.none:1|c",
        "myapp.pot.level:7|g",
        "myapp.boil.stop.duration./o/[slug]_a_b.200:250|ms",
        "myapp.walk.stop.duration:1500|ms",
    ]
    assert not telemetry.is_attached("tea.made")


async def test_datadog_gets_tags_as_it_writes_them(server: socket.socket) -> None:
    async with statsd.running(url_of(server, "dogstatsd"), METRICS):
        telemetry.execute("boil.stop", {"duration": 0.25}, {"route": "/a,b", "status": ""})
        telemetry.execute("pot", {"level": 7})
    assert server.recv(2000).decode().split("\n") == [
        "myapp.boil.stop.duration:250|ms|#route:/a_b,status:none",
        "myapp.pot.level:7|g",
    ]


async def test_no_packet_is_larger_than_networks_carry_and_no_line_is_cut(server: socket.socket) -> None:
    async with statsd.running(url_of(server), METRICS):
        for _ in range(100):
            telemetry.execute("tea.made", {"cups": 2}, {"kind": "green"})
    packets: list[bytes] = []
    while sum(packet.count(b"\n") + 1 for packet in packets) < 200:
        packets.append(server.recv(65536))
    assert max(map(len, packets)) <= statsd.PACKET
    lines = [line for packet in packets for line in packet.split(b"\n")]
    assert set(lines) == {b"myapp.tea.made.count.green:1|c", b"myapp.tea.made.cups:2|c"}


async def test_what_waits_is_sent_by_itself(server: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statsd, "FLUSH", 0.01)
    async with statsd.running(url_of(server), METRICS):
        telemetry.execute("pot", {"level": 7})
        assert await asyncio.to_thread(server.recv, 2000) == b"myapp.pot.level:7|g"


async def test_a_server_that_is_not_there_hinders_nobody() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        url = url_of(taken)
    async with statsd.running(url, METRICS):
        for _ in range(500):
            make_tea()


async def test_a_developer_reads_events_as_lines_without_what_is_polled(caplog: pytest.LogCaptureFixture) -> None:
    metrics: list[Metric] = [*METRICS, last_value("process.memory.resident")]
    with caplog.at_level(logging.DEBUG, logger="myapp.kit.telemetry"):
        async with console.running(metrics):
            telemetry.execute("boil.stop", {"duration": 0.25}, {"route": "/a", "status": 200, "who": "ada"})
            telemetry.execute("process.memory", {"resident": 1})
    assert caplog.messages == ["boil.stop duration=0.25 route=/a status=200"]

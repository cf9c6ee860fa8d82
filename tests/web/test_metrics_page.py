"""Prometheus reads every kind of figure under the names it likes, and only operators' programs do."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Generator

import httpx
import pytest
from fastapi import FastAPI

from myapp import metrics
from myapp.kit import telemetry
from myapp.kit.telemetry import Store, counter, distribution, last_value, sum_, summary
from myapp.kit.telemetry.prometheus import exposition
from myapp.web.api.errors import answer_errors
from myapp.web.api.metrics import metrics_router

TOKEN = "0123456789abcdef"
PROMTOOL = shutil.which("promtool")


@pytest.fixture
def store() -> Generator[Store]:
    kinds = [
        counter("tea.made.count", tags=("kind",), description="Tea"),
        sum_("tea.made.cups"),
        last_value("pot.level", unit="byte"),
        summary("boil.stop.duration", unit="second"),
        distribution("walk.stop.duration", unit="second", buckets=(0.1, 0.5)),
    ]
    store = Store(kinds)
    with telemetry.attached("test", store.events, store.handle):
        yield store


def lines(store: Store) -> list[str]:
    text = exposition(store)[0].decode()
    return [line for line in text.splitlines() if line.startswith("myapp_") and "_created" not in line]


def test_every_kind_is_what_prometheus_calls_so(store: Store) -> None:
    telemetry.execute("tea.made", {"cups": 2}, {"kind": 'green "x"\n\\'})
    telemetry.execute("pot", {"level": 7})
    for seconds in (0.05, 0.1, 0.3, 9):
        telemetry.execute("boil.stop", {"duration": seconds})
        telemetry.execute("walk.stop", {"duration": seconds})
    assert lines(store) == [
        r'myapp_tea_made_total{kind="green \"x\"\n\\"} 1.0',
        "myapp_tea_made_cups_total 2.0",
        "myapp_pot_level_bytes 7.0",
        "myapp_boil_duration_seconds_count 4.0",
        "myapp_boil_duration_seconds_sum 9.45",
        'myapp_walk_duration_seconds_bucket{le="0.1"} 2.0',
        'myapp_walk_duration_seconds_bucket{le="0.5"} 3.0',
        'myapp_walk_duration_seconds_bucket{le="+Inf"} 4.0',
        "myapp_walk_duration_seconds_count 4.0",
        "myapp_walk_duration_seconds_sum 9.45",
    ]


def test_figures_count_from_the_start_across_slices(store: Store) -> None:
    for _ in range(3):
        telemetry.execute("tea.made", {"cups": 2}, {"kind": "green"})
        list(store.cut())
    telemetry.execute("tea.made", {"cups": 2}, {"kind": "green"})
    assert lines(store) == ['myapp_tea_made_total{kind="green"} 4.0', "myapp_tea_made_cups_total 8.0"]


def test_whoever_accepts_open_metrics_gets_it(store: Store) -> None:
    text, kind = exposition(store, "application/openmetrics-text; version=1.0.0")
    assert kind.startswith("application/openmetrics-text")
    assert text.endswith(b"# EOF\n")


@pytest.mark.skipif(PROMTOOL is None, reason="Debian's package prometheus, which has promtool, is not installed")
def test_promtool_finds_no_fault_with_what_the_product_measures() -> None:
    assert PROMTOOL is not None
    store = Store(metrics.metrics())
    for track in store.tracks.values():
        tags = dict.fromkeys(track.metric.tags, "x")
        key = tuple(tags.values())
        track.slice[key] = cell = track.new_cell()
        cell.add(0.2)
    text, _ = exposition(store)
    checked = subprocess.run([PROMTOOL, "check", "metrics"], input=text, capture_output=True, check=False)
    ours = [line for line in checked.stderr.decode().splitlines() if line.startswith("myapp_")]
    assert ours == []
    assert checked.stdout == b""
    assert text.count(b"# TYPE myapp_") >= len(store.tracks)


async def ask(token: str | None, client: str = "127.0.0.1", **headers: str) -> httpx.Response:
    api = FastAPI()
    api.include_router(metrics_router(token))
    answer_errors(api)
    transport = httpx.ASGITransport(api, client=(client, 50000))
    async with telemetry.running([counter("tea.made.count")]):
        telemetry.execute("tea.made")
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as web:
            named = [(name.replace("_", "-").encode(), said.encode("latin-1")) for name, said in headers.items()]
            return await web.get("/metrics", headers=named)


@pytest.mark.parametrize("client", ["127.0.0.1", "::1", "127.8.8.8"])
async def test_a_program_of_this_machine_may_read(client: str) -> None:
    answer = await ask(None, client)
    assert answer.status_code == 200
    assert "myapp_tea_made_total 1.0" in answer.text
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize(
    ("client", "headers"),
    [
        ("192.0.2.7", {}),
        ("testclient", {}),
        ("127.0.0.1", {"x_forwarded_for": "127.0.0.1"}),
        ("127.0.0.1", {"forwarded": "for=127.0.0.1"}),
        ("127.0.0.1", {"x_real_ip": "127.0.0.1"}),
        ("192.0.2.7", {"authorization": "Bearer None"}),
    ],
)
async def test_for_others_there_is_no_such_page(client: str, headers: dict[str, str]) -> None:
    answer = await ask(None, client, **headers)
    assert answer.status_code == 404
    assert "tea" not in answer.text


async def test_who_has_the_token_may_read_from_anywhere() -> None:
    assert (await ask(TOKEN, "192.0.2.7", authorization=f"Bearer {TOKEN}")).status_code == 200


@pytest.mark.parametrize("shown", ["", TOKEN, f"Bearer {TOKEN}0", "Bearer ", "Bearer é", f"Basic {TOKEN}"])
async def test_with_a_token_nobody_else_may_not_even_from_here(shown: str) -> None:
    headers = {"authorization": shown} if shown else {}
    assert (await ask(TOKEN, **headers)).status_code == 404

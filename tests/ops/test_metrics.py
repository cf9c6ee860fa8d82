"""Charts of the last hour: what the slices of all series come to, and what each series came to."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator

import pytest

from myapp import ops
from myapp.kit import telemetry
from myapp.kit.clock import new_id
from myapp.kit.errors import NotFound
from myapp.kit.scope import Scope
from myapp.kit.telemetry import _history, counter, last_value, summary
from myapp.ops import Chart
from myapp.ops.metrics import STEP, latest

OPERATOR = Scope(new_id(), is_operator=True)
METRICS = [
    counter("shop.sale.count", tags=("kind",), description="Sales"),
    summary("shop.sale.duration", unit="second", tags=("kind",), description="How long a sale takes"),
    summary("till.pay.duration", unit="second", tags=("till", "outcome"), outcome="outcome", description="Payments"),
    summary(
        "till.open.duration",
        tags=("route", "status"),
        outcome="status",
        classes=("2xx", "4xx", "5xx"),
        class_of=lambda status: f"{status[0]}xx",
        description="Requests",
    ),
    last_value("stock.level.size", unit="byte", description="What is there"),
    last_value("stock.shop.size", adds=False, description="What every process sees alike"),
]


@pytest.fixture(autouse=True)
async def _measured() -> AsyncGenerator[None]:
    async with telemetry.running(METRICS, every=3600):
        yield


def end_slice() -> None:
    """A slice has ended just now."""
    current = _history._history
    assert current is not None
    current.tick(time.time() // STEP * STEP)


async def chart(name: str) -> Chart:
    [found] = [each for each in (await ops.get_charts(OPERATOR, name.partition(".")[0])).charts if each.name == name]
    return found


def sell(kind: str, seconds: float) -> None:
    telemetry.execute("shop.sale", {"duration": seconds}, {"kind": kind})


async def test_groups_are_the_first_words_in_their_order() -> None:
    assert await ops.list_metric_groups(OPERATOR) == ["shop", "till", "stock"]
    with pytest.raises(NotFound):
        await ops.get_charts(OPERATOR, "klingons")


async def test_an_hour_without_anything_is_drawn_too() -> None:
    sales, level = await chart("shop.sale.count"), await chart("stock.level.size")
    assert len(sales.points) == len(level.points) == 3600 // STEP
    assert {point.value for point in sales.points} == {0}
    assert {point.value for point in level.points} == {None}
    assert sales.rows == ()


async def test_counts_of_all_series_are_so_many_a_minute() -> None:
    for kind in ("tea", "tea", "cake"):
        sell(kind, 0.1)
    end_slice()
    sales = await chart("shop.sale.count")
    assert (sales.kind, sales.unit) == ("count", "/min")
    assert [point.value for point in sales.points if point.value] == [6]
    assert {row.id: row.value for row in sales.rows} == {"tea": 2, "cake": 1}


async def test_durations_have_the_percentiles_of_all_series_together() -> None:
    for _ in range(98):
        sell("tea", 0.1)
    for _ in range(2):
        sell("cake", 0.9)
    end_slice()
    durations = await chart("shop.sale.duration")
    [point] = [each for each in durations.points if each.value]
    assert (durations.kind, durations.unit, point.value, point.most) == ("spread", "ms", 116, 900)
    assert [point.p50, point.p95, point.p99] == pytest.approx([100, 100, 900], rel=0.05)
    tea = next(row for row in durations.rows if row.id == "tea")
    assert (tea.count, tea.failures, tea.most) == (98, None, 0.1)
    assert tea.p50 == pytest.approx(0.1, rel=0.05)


async def test_slices_of_one_half_minute_are_one_moment() -> None:
    current = _history._history
    assert current is not None
    end = time.time() // STEP * STEP
    for at, seconds in ((end - 20, 0.1), (end - 10, 0.1), (end, 0.9)):
        sell("tea", seconds)
        current.tick(at)
    durations = await chart("shop.sale.duration")
    [point] = [each for each in durations.points if each.value]
    assert point.at == end
    assert [point.p50, point.p99] == pytest.approx([100, 900], rel=0.05)


async def test_what_came_of_it_is_no_series_but_a_count_of_failures() -> None:
    for till, outcome in (("left", "ok"), ("left", "failed"), ("left", "refused"), ("right", "ok")):
        telemetry.execute("till.pay", {"duration": 0.1}, {"till": till, "outcome": outcome})
    end_slice()
    payments = await chart("till.pay.duration")
    assert payments.has_failures
    assert [(row.id, row.count, row.failures) for row in payments.rows] == [("left", 3, 1), ("right", 1, 0)]


async def test_answers_are_counted_by_the_class_of_their_status() -> None:
    for route, status, times in (("/a", 200, 3), ("/a", 204, 1), ("/a", 404, 2), ("/b", 503, 1), ("/b", 101, 1)):
        for _ in range(times):
            telemetry.execute("till.open", {"duration": 0.1}, {"route": route, "status": status})
    end_slice()
    timings, counts = [each for each in (await ops.get_charts(OPERATOR, "till")).charts if "open" in each.name]
    assert [(row.id, row.count, row.classes) for row in timings.rows] == [
        ("/a", 6, {"2xx": 4, "4xx": 2}), ("/b", 2, {"5xx": 1}),
    ]  # fmt: skip
    assert (counts.kind, counts.unit, counts.rows, len(counts.points)) == ("classes", "/min", (), 3600 // STEP)
    [point] = [each for each in counts.points if each.value]
    assert (point.value, point.classes) == (14, {"2xx": 8, "4xx": 4, "5xx": 2})
    assert counts.name != timings.name


async def test_what_was_last_is_known_by_itself() -> None:
    assert latest("stock.level.size") is None
    telemetry.execute("stock.level", {"size": 2_500_000})
    end_slice()
    assert latest("stock.level.size") == 2_500_000
    level = await chart("stock.level.size")
    assert (level.unit, [point.value for point in level.points if point.value]) == ("MB", [2.5])

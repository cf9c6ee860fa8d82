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
    last_value("stock.level.size", unit="byte", description="What is there"),
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
    [found] = [each for each in await ops.list_charts(OPERATOR, name.partition(".")[0]) if each.name == name]
    return found


def sell(kind: str, seconds: float) -> None:
    telemetry.execute("shop.sale", {"duration": seconds}, {"kind": kind})


async def test_groups_are_the_first_words_in_their_order() -> None:
    assert await ops.list_metric_groups(OPERATOR) == ["shop", "stock"]
    with pytest.raises(NotFound):
        await ops.list_charts(OPERATOR, "klingons")


async def test_an_hour_without_anything_is_drawn_too() -> None:
    sales, level = await chart("shop.sale.count"), await chart("stock.level.size")
    assert len(sales.points) == len(level.points) == 3600 // STEP
    assert {point.value for point in sales.points} == {0}
    assert {point.value for point in level.points} == {None}
    assert sales.rows == ()


async def test_counts_of_all_series_are_so_many_a_second() -> None:
    for kind in ("tea", "tea", "cake"):
        sell(kind, 0.1)
    end_slice()
    sales = await chart("shop.sale.count")
    assert sales.unit == "/s"
    assert [point.value for point in sales.points if point.value] == [0.1]
    assert {row.id: row.value for row in sales.rows} == {"tea": 2, "cake": 1}


async def test_durations_have_their_mean_over_all_and_the_most() -> None:
    for seconds in (0.1, 0.2, 0.9):
        sell("tea" if seconds < 0.5 else "cake", seconds)
    end_slice()
    durations = await chart("shop.sale.duration")
    [point] = [each for each in durations.points if each.value]
    assert (durations.unit, point.value, point.most) == ("ms", 400, 900)
    tea = next(row for row in durations.rows if row.id == "tea")
    assert (tea.count, tea.most) == (2, 0.2)
    assert 0.09 < tea.p50 < 0.22


async def test_what_was_last_is_known_by_itself() -> None:
    assert latest("stock.level.size") is None
    telemetry.execute("stock.level", {"size": 2_500_000})
    end_slice()
    assert latest("stock.level.size") == 2_500_000
    level = await chart("stock.level.size")
    assert (level.unit, [point.value for point in level.points if point.value]) == ("MB", [2.5])

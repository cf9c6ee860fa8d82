"""The last hour is kept in slices, in bounded space, and who looks is told of each."""

from __future__ import annotations

import asyncio
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myapp.kit import pubsub, telemetry
from myapp.kit.telemetry import Store, counter, last_value, sum_, summary, ticks
from myapp.kit.telemetry._history import History
from myapp.kit.telemetry._sketch import bucket_of, merge, percentiles
from myapp.kit.telemetry.ticks import Ticked

START = 1_800_000_000.0


class Kept:
    """A history and its store, fed by hand."""

    def __init__(self, *metrics: telemetry.Metric) -> None:
        self.store = Store(metrics)
        self.history = History(self.store)
        self.at = START

    def slice(self, event: str = "", *values: float, **tags: str) -> None:
        """Ten seconds in which the event brings these values."""
        for value in values:
            self.store.handle(event, {"value": value}, tags)
        self.at += 10
        self.history.tick(self.at)

    def values(self, name: str) -> list[tuple[float, float]]:
        [series] = self.history.series(name)
        return [(point.at - START, point.value) for point in series.points]


def test_a_slice_holds_what_happened_in_it_and_none_is_kept_where_nothing_did() -> None:
    kept = Kept(counter("tea.count"), sum_("tea.value"))
    kept.slice("tea", 3, 4)
    kept.slice()
    kept.slice("tea", 5)
    assert kept.values("tea.count") == [(10, 2), (30, 1)]
    assert kept.values("tea.value") == [(10, 7), (30, 5)]


def test_a_last_value_holds_for_two_slices_in_which_it_was_not_asked() -> None:
    kept = Kept(last_value("pot.value"))
    kept.slice("pot", 7)
    for _ in range(4):
        kept.slice()
    assert kept.values("pot.value") == [(10, 7), (20, 7), (30, 7)]


def test_a_summary_s_slice_has_its_count_extremes_and_percentiles() -> None:
    kept = Kept(summary("boil.value"))
    kept.slice("boil", *range(1, 101))
    [series] = kept.history.series("boil.value")
    [point] = series.points
    assert (point.count, point.low, point.high, point.value) == (100, 1, 100, 50.5)
    assert [point.p50, point.p95, point.p99] == pytest.approx([50, 95, 99], rel=0.05)


def test_what_is_older_than_an_hour_is_forgotten() -> None:
    kept = Kept(summary("tea.value"))
    for _ in range(400):
        kept.slice("tea", 1.0)
    [series] = kept.history.series("tea.value")
    [row] = kept.history.table("tea.value")
    assert len(series.points) == 360
    assert series.points[0].at == kept.at - 3600 + 10
    assert row.count == 360


def test_an_hour_as_a_whole_has_the_percentiles_of_all_its_values() -> None:
    kept = Kept(summary("boil.value", tags=("pot",)))
    chance, values = Random(1), list[float]()  # noqa: S311 - figures that are the same each time
    for _ in range(120):
        values += (drawn := [chance.lognormvariate(0, 2) for _ in range(20)])
        kept.slice("boil", *drawn, pot="blue")
    [row] = kept.history.table("boil.value")
    ordered = sorted(values)
    assert row.tags == {"pot": "blue"}
    assert (row.count, row.low, row.high) == (2400, ordered[0], ordered[-1])
    assert [row.p50, row.p95, row.p99] == pytest.approx([ordered[1199], ordered[2279], ordered[2375]], rel=0.05)
    assert row.value == pytest.approx(sum(values) / 2400)


def test_an_hour_of_a_counter_is_its_sum_and_of_a_last_value_its_last() -> None:
    kept = Kept(counter("tea.count"), last_value("pot.value"))
    kept.slice("tea", 1, 1)
    kept.slice("tea", 1)
    kept.slice("pot", 9)
    assert [row.value for row in kept.history.table("tea.count")] == [3]
    assert [row.value for row in kept.history.table("pot.value")] == [9]


def test_a_series_of_which_nothing_is_heard_for_an_hour_gives_its_place_to_another() -> None:
    kept = Kept(counter("seen.count", tags=("path",), limit=1))
    kept.slice("seen", 1, path="/old")
    kept.slice("seen", 1, path="/too-many")
    for _ in range(361):
        kept.slice()
    kept.slice("seen", 1, path="/new")
    assert [series.tags for series in kept.history.series("seen.count")] == [{"path": "/new"}]


@given(st.lists(st.floats(1e-6, 1e6), min_size=1), st.lists(st.floats(1e-6, 1e6)))
def test_percentiles_are_right_to_five_per_cent_also_of_what_was_put_together(
    first: list[float], second: list[float]
) -> None:
    whole: dict[int, int] = {}
    for values in (first, second):
        sketch: dict[int, int] = {}
        for value in values:
            merge(sketch, {bucket_of(value): 1})
        merge(whole, sketch)
    ordered = sorted(first + second)
    expected = [ordered[max(0, -(-percent * len(ordered) // 100) - 1)] for percent in (50, 95, 99)]
    assert percentiles(whole, 50, 95, 99) == pytest.approx(expected, rel=0.05)


def test_what_is_nothing_or_less_is_nothing() -> None:
    assert percentiles({bucket_of(0.0): 1, bucket_of(-3.0): 1}, 50) == [0.0]
    assert percentiles({}, 50, 99) == [0.0, 0.0]


async def test_while_it_runs_slices_end_by_themselves_and_who_looks_is_told() -> None:
    told = asyncio.Queue[object]()
    pubsub.subscribe(ticks.TOPIC, lambda _, event: told.put_nowait(event))
    async with telemetry.running([counter("tea.count")], ticks.tell, every=0.02):
        telemetry.execute("tea")
        async with asyncio.timeout(10):
            first = await told.get()
            while not telemetry.history("tea.count"):
                await told.get()
        [series] = telemetry.history("tea.count")
        assert telemetry.metrics()[0].name == "tea.count"
        assert [point.value for point in series.points] == [1]
        assert [row.value for row in telemetry.table("tea.count")] == [1]
    assert isinstance(first, Ticked)
    assert not telemetry.is_attached("tea")


async def test_slices_go_on_while_nobody_can_be_told() -> None:
    pubsub.use(None)
    async with telemetry.running([counter("tea.count")], every=0.01):
        ticks.tell(START)


def test_what_is_not_started_says_so() -> None:
    with pytest.raises(RuntimeError, match="not started"):
        telemetry.history("tea.count")


def test_of_each_class_of_outcome_it_is_kept_how_many_there_were() -> None:
    kept = Kept(
        summary(
            "answer.value",
            tags=("route", "status"),
            outcome="status",
            classes=("2xx", "4xx"),
            class_of=lambda status: f"{status[:1]}xx",
        )
    )
    kept.slice("answer", 1, 1, route="/a", status="200")
    kept.slice("answer", 1, route="/b", status="204")
    kept.slice("answer", 1, route="/b", status="404")
    kept.slice("answer", 1, route="/b", status="404")
    kept.slice("answer", 1, route="/b", status="101")
    assert kept.history.counts("answer.value") == [(START + 30, {"2xx": 3, "4xx": 1}), (START + 60, {"4xx": 1})]
    for _ in range(358):
        kept.slice()
    assert kept.history.counts("answer.value") == [(START + 60, {"4xx": 1})]

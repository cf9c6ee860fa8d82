"""A definition says what becomes of an event's figures; a store adds them up, and never grows without bound."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, cast

import pytest

from myapp.kit import telemetry
from myapp.kit.telemetry import Metric, Store, counter, distribution, last_value, sum_, summary
from myapp.kit.telemetry._cells import Last, Spread, Total
from myapp.kit.telemetry._store import BATCH


@contextmanager
def measuring(*metrics: Metric, total: int = 1000) -> Generator[Store]:
    store = Store(metrics, total)
    with telemetry.attached("test", store.events, store.handle):
        yield store


def totals(store: Store, name: str) -> dict[tuple[Any, ...], float]:
    return {key: cast("Total", cell).total for key, cell in store.tracks[name].whole().items()}


def test_a_name_says_event_and_measurement() -> None:
    metric = summary("repo.query.duration")
    assert (metric.event, metric.measurement) == ("repo.query", "duration")


def test_both_may_be_said_apart_from_the_name() -> None:
    metric = sum_("sold.things", event="shop.order.placed", measurement="count")
    assert (metric.event, metric.measurement) == ("shop.order.placed", "count")


@pytest.mark.parametrize("name", ["duration", ".duration", "repo.", ""])
def test_a_name_without_both_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no event and measurement"):
        counter(name)


def test_two_metrics_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match=r"two metrics are called 'a\.b'"):
        Store([counter("a.b"), sum_("a.b")])


@pytest.mark.parametrize("buckets", [(), (2.0, 1.0), (1.0, 1.0)])
def test_bounds_that_do_not_rise_are_refused(buckets: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="bounds"):
        distribution("a.b", buckets=buckets)


def test_keep_and_drop_together_are_refused() -> None:
    with pytest.raises(ValueError, match="either keep or drop"):
        counter("a.b", keep=bool, drop=bool)


def test_units_that_cannot_be_converted_are_refused() -> None:
    with pytest.raises(ValueError, match="byte of second"):
        summary("a.b", unit=("second", "byte"))


def test_a_counter_counts_events_whatever_they_measure() -> None:
    with measuring(counter("tea.made.count")) as store:
        telemetry.execute("tea.made", {"count": 5})
        telemetry.execute("tea.made")
    assert totals(store, "tea.made.count") == {(): 2}


def test_a_sum_adds_up_and_passes_over_events_without_its_measurement() -> None:
    with measuring(sum_("tea.made.cups")) as store:
        telemetry.execute("tea.made", {"cups": 5})
        telemetry.execute("tea.made", {"pots": 1})
        telemetry.execute("tea.made", {"cups": 2})
    assert totals(store, "tea.made.cups") == {(): 7}


def test_a_last_value_is_the_last() -> None:
    with measuring(last_value("pot.level", unit=("millisecond", "second"), event="pot", measurement="level")) as store:
        telemetry.execute("pot", {"level": 3000})
        telemetry.execute("pot", {"level": 1000})
    assert cast("Last", store.tracks["pot.level"].whole()[()]).value == 1


def test_a_distribution_counts_what_is_up_to_each_bound() -> None:
    with measuring(distribution("boil.time", buckets=(1.0, 2.0))) as store:
        for seconds in (0.5, 1.0, 1.5, 2.0, 3.0):
            telemetry.execute("boil", {"time": seconds})
    cell = cast("Spread", store.tracks["boil.time"].whole()[()])
    assert cell.up_to == [2, 2, 1]
    assert (cell.count, cell.total, cell.low, cell.high) == (5, 8.0, 0.5, 3.0)


def test_tags_tell_series_apart_and_what_is_missing_is_empty() -> None:
    with measuring(counter("tea.made.count", tags=("kind", "size"))) as store:
        telemetry.execute("tea.made", {}, {"kind": "green", "size": "big", "who": "ada"})
        telemetry.execute("tea.made", {}, {"kind": "green"})
    assert totals(store, "tea.made.count") == {("green", "big"): 1, ("green", ""): 1}


def test_tag_values_are_made_of_the_metadata() -> None:
    metric = counter("answer.count", tags=("family",), tag_values=lambda given: {"family": given["status"] // 100})
    with measuring(metric) as store:
        telemetry.execute("answer", {}, {"status": 204})
        telemetry.execute("answer", {}, {"status": 200})
    assert totals(store, "answer.count") == {(2,): 2}


def test_only_what_is_kept_and_not_dropped_counts() -> None:
    kept = counter("kept.count", event="answer", keep=lambda given: given["ok"])
    dropped = counter("dropped.count", event="answer", drop=lambda given: given["ok"])
    with measuring(kept, dropped) as store:
        for ok in (True, True, False):
            telemetry.execute("answer", {}, {"ok": ok})
    assert (totals(store, "kept.count"), totals(store, "dropped.count")) == ({(): 2}, {(): 1})


def test_a_measurement_may_be_a_function_that_has_nothing_to_say() -> None:
    cups = sum_("cups.sum", event="tea", measurement=lambda measured, _: 2 * measured["pots"] or None)
    with measuring(cups) as store:
        telemetry.execute("tea", {"pots": 3})
        telemetry.execute("tea", {"pots": 0})
    assert totals(store, "cups.sum") == {(): 6}


def test_a_metric_that_fails_is_left_out_and_the_others_go_on(caplog: pytest.LogCaptureFixture) -> None:
    bad = counter("bad.count", event="tea", tag_values=lambda given: given["missing"], tags=("a",))
    with measuring(bad, counter("good.count", event="tea")) as store:
        telemetry.execute("tea")
        telemetry.execute("tea")
    assert totals(store, "good.count") == {(): 2}
    assert caplog.text.count("the metric bad.count failed") == 1


def test_beyond_its_limit_a_metric_counts_under_other_and_sums_stay_right() -> None:
    with measuring(counter("seen.count", tags=("path",), limit=2)) as store:
        for path in ("/a", "/b", "/c", "/d", "/a"):
            telemetry.execute("seen", {}, {"path": path})
    assert totals(store, "seen.count") == {("/a",): 2, ("/b",): 1, ("other",): 2}


def test_all_metrics_together_have_a_limit() -> None:
    metrics = [counter(f"seen{number}.count", event="seen", tags=("path",)) for number in range(3)]
    with measuring(*metrics, total=4) as store:
        for path in range(20):
            telemetry.execute("seen", {}, {"path": path})
    assert sum(len(totals(store, metric.name)) for metric in metrics) <= 4 + 3
    assert [sum(totals(store, metric.name).values()) for metric in metrics] == [20, 20, 20]


def test_what_nobody_looks_at_is_counted_all_the_same_and_not_kept() -> None:
    class Tea(dict[str, Any]):
        """What an event tells of, so that it can be seen to go."""

    with measuring(counter("tea.made.count")) as store:
        kept: list[weakref.ref[Tea]] = []
        for _ in range(3 * BATCH):
            tea = Tea(kind="green")
            kept.append(weakref.ref(tea))
            telemetry.execute("tea.made", {}, tea)
            del tea
        assert sum(each() is not None for each in kept) < BATCH
        assert totals(store, "tea.made.count") == {(): 3 * BATCH}
        assert not any(each() for each in kept)


def test_nothing_is_lost_between_threads() -> None:
    with measuring(counter("beat.count")) as store:
        threads = [threading.Thread(target=lambda: [telemetry.execute("beat") for _ in range(2000)]) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert totals(store, "beat.count") == {(): 8000}


def test_classes_are_those_of_the_outcome_of_what_has_a_spread() -> None:
    for metric in (counter, summary):
        with pytest.raises(ValueError, match="classes"):
            metric("a.b", classes=("2xx",))
    with pytest.raises(ValueError, match="classes"):
        counter("a.b", tags=("status",), outcome="status", classes=("2xx",))

"""Figures of several processes: asked for when somebody looks, and put together as if one had measured all."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myapp import ops
from myapp.kit import pubsub, telemetry
from myapp.kit.clock import new_id, now
from myapp.kit.logs import Line, Ring, _setup
from myapp.kit.scope import Scope
from myapp.kit.telemetry import Metric, Spread, _history, counter, last_value, summary
from myapp.ops import exchange
from myapp.ops.exchange import Answered, Asked, exchanging, own_name
from myapp.ops.figures import Figures, Group, Tags, Value, pack, together, unpack
from myapp.ops.metrics import STEP
from myapp.ops.own_log import pack_lines, unpack_lines

OPERATOR = Scope(new_id(), is_operator=True)
SALES = counter("shop.sale.count", tags=("kind",), description="Sales")
TIMES = summary("shop.sale.duration", unit="second", tags=("kind",), description="How long a sale takes")
TABS = last_value("shop.tabs.open", description="Open tabs")
SIZE = last_value("shop.size.bytes", adds=False, description="What every process sees alike")
METRICS: list[Metric] = [SALES, TIMES, TABS, SIZE]
AT = int(time.time() // STEP * STEP)


@pytest.fixture(autouse=True)
async def _measured() -> AsyncGenerator[None]:
    async with telemetry.running(METRICS, every=3600), exchanging():
        yield


def spread(*values: float) -> Spread:
    found = Spread()
    for value in values:
        found.add(value)
    return found


def others(sales: float = 4, times: Spread | None = None) -> Group:
    return {
        SALES.name: Figures({AT: sales}, {("tea",): sales}),
        TIMES.name: Figures({AT: times or spread(0.9)}, {("tea",): times or spread(0.9)}),
        TABS.name: Figures({AT: 3.0}, {(): 3.0}),
        SIZE.name: Figures({AT: 3.0}, {(): 3.0}),
    }


@pytest.fixture
def answering() -> Callable[[str, str], pubsub.Subscription]:
    """Another process that answers each question about the shop."""

    def answer_as(name: str, packed: str) -> pubsub.Subscription:
        def hear(_topic: str, event: object) -> None:
            if isinstance(event, Asked):
                pubsub.broadcast(exchange.TOPIC, Answered(name, event.question, packed))

        return pubsub.subscribe(exchange.TOPIC, hear)

    return answer_as


async def test_charts_are_of_all_processes_together_or_of_one(
    answering: Callable[[str, str], pubsub.Subscription],
) -> None:
    answering("elsewhere:7", pack(others()))
    telemetry.execute("shop.sale", {"duration": 0.1}, {"kind": "tea"})
    telemetry.execute("shop.tabs", {"open": 2})
    telemetry.execute("shop.size", {"bytes": 2})
    current = _history._history
    assert current is not None
    current.tick(AT)

    async def figures(process: str = "") -> list[float | None]:
        found = await ops.get_charts(OPERATOR, "shop", process)
        assert found.processes == (own_name(), "elsewhere:7")
        return [next(point.value for point in chart.points if point.at == AT) for chart in found.charts]

    assert await figures() == [10, pytest.approx(500), 5, 3]
    assert await figures(own_name()) == [2, pytest.approx(100), 2, 2]
    assert await figures("elsewhere:7") == [8, pytest.approx(900), 3, 3]
    whole = await ops.get_charts(OPERATOR, "shop")
    assert [chart.kind for chart in whole.charts] == ["count", "spread", "last", "most"]
    assert [row.count for row in whole.charts[1].rows] == [2]


async def test_one_that_does_not_answer_is_said_to_be_gone() -> None:
    found = await ops.get_charts(OPERATOR, "shop", "elsewhere:7")
    assert (found.is_gone, found.charts, found.processes) == (True, (), (own_name(),))


async def test_charts_say_whose_figures_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "PATIENCE", 0.01)
    pubsub.broadcast(exchange.TOPIC, Answered("elsewhere:7", "who:", "here"))
    assert (await ops.get_charts(OPERATOR, "shop")).silent == ("elsewhere:7",)


async def test_what_another_version_says_is_passed_over(
    answering: Callable[[str, str], pubsub.Subscription], caplog: pytest.LogCaptureFixture
) -> None:
    answering("elsewhere:7", "no figures")
    found = await ops.get_charts(OPERATOR, "shop")
    assert [chart.name for chart in found.charts] == [metric.name for metric in METRICS]
    assert "was not understood" in caplog.text


async def test_all_who_look_at_once_ask_once(answering: Callable[[str, str], pubsub.Subscription]) -> None:
    asked: list[object] = []
    pubsub.subscribe(exchange.TOPIC, lambda _, event: asked.append(event) if isinstance(event, Asked) else None)
    answering("elsewhere:7", pack(others()))
    found = await asyncio.gather(*(exchange.gather("shop") for _ in range(5)))
    assert len(asked) == 1
    assert [list(each) for each, _ in found] == [[own_name(), "elsewhere:7"]] * 5


async def test_a_process_answers_others_but_not_itself_and_not_all_the_time() -> None:
    answers: list[Answered] = []
    pubsub.subscribe(exchange.TOPIC, lambda _, event: answers.append(event) if isinstance(event, Answered) else None)
    for asker in (own_name(), "elsewhere:7", "elsewhere:8", "elsewhere:7"):
        pubsub.broadcast(exchange.TOPIC, Asked(asker, "figures:shop"))
    pubsub.broadcast(exchange.TOPIC, Asked("elsewhere:7", "figures:klingons"))
    [answer] = answers
    assert unpack(answer.packed).keys() == {metric.name for metric in METRICS}


async def test_who_is_known_is_waited_for_no_longer_than_it_takes(
    answering: Callable[[str, str], pubsub.Subscription], monkeypatch: pytest.MonkeyPatch
) -> None:
    answering("elsewhere:7", pack(others()))
    await exchange.gather("shop")
    monkeypatch.setattr(exchange, "PATIENCE", 3600)
    async with asyncio.timeout(30):
        found, silent = await exchange.gather("shop")
        assert ("elsewhere:7" in found, silent) == (True, ())


values = st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=30)


@given(st.lists(values, min_size=1, max_size=4), st.integers(0, 1000))
def test_together_they_are_what_one_process_would_have_measured(parts: list[list[float]], seed: int) -> None:
    travelled = [unpack(pack({TIMES.name: Figures({AT: spread(*part)}, {("tea",): spread(*part)})})) for part in parts]
    Random(seed).shuffle(travelled)  # noqa: S311 - an order, the same each time
    whole = together(TIMES, [each[TIMES.name] for each in travelled])
    alone = spread(*(value for part in parts for value in part))
    for found in (whole.moments[AT], whole.rows[("tea",)]):
        assert isinstance(found, Spread)
        assert (found.count, found.low, found.high, found.sketch) == (alone.count, alone.low, alone.high, alone.sketch)
        assert found.total == pytest.approx(alone.total)


def test_counts_by_class_add_up_over_processes() -> None:
    group: Group = {TIMES.name: Figures({}, {}, {"2xx": {AT: 3.0}, "4xx": {AT - STEP: 1.0}})}
    travelled = [unpack(pack(group))[TIMES.name] for _ in range(2)]
    assert together(TIMES, travelled).classes == {"2xx": {AT: 6.0}, "4xx": {AT - STEP: 2.0}}


def test_a_busy_hour_travels_in_little_space() -> None:
    chance = Random(1)  # noqa: S311 - figures that are the same each time
    busy: dict[int, Value] = {
        AT - STEP * n: spread(*(chance.lognormvariate(-5, 1) for _ in range(300))) for n in range(120)
    }
    rows: dict[Tags, Value] = {
        (f"/route/{n}",): spread(*(chance.lognormvariate(-5, 1) for _ in range(300))) for n in range(100)
    }
    assert len(pack({TIMES.name: Figures(busy, rows)})) < 100_000


async def test_what_others_logged_is_among_the_lines_of_a_request(
    answering: Callable[[str, str], pubsub.Subscription],
) -> None:
    line = Line(now(), "error", "myapp.tea", "no cake", {"request_id": "job-12-1", "cups": 2}, "x" * 10_000)
    answering("elsewhere:7", pack_lines([line]))
    [(process, found)] = (await ops.list_log_lines(OPERATOR, request_id="job-12-1")).lines
    assert process == "elsewhere:7"
    assert (found.at, found.message, found.about) == (line.at, line.message, line.about)
    assert len(found.traceback) == 4000


async def test_of_all_lines_the_newest_are_shown_whosever_they_are(
    answering: Callable[[str, str], pubsub.Subscription], monkeypatch: pytest.MonkeyPatch
) -> None:
    ring, start = Ring(), now()
    monkeypatch.setattr(_setup, "ring", ring)
    lines = [Line(start + timedelta(seconds=n), "info", "myapp.tea", str(n), {}, "") for n in range(300)]
    for line in lines[::2]:
        ring.add(line)
    answering("elsewhere:7", pack_lines(lines[:0:-2]))
    found = (await ops.list_log_lines(OPERATOR)).lines
    assert [each.line.message for each in found] == [str(n) for n in range(299, 99, -1)]
    assert {each.process for each in found[:2]} == {own_name(), "elsewhere:7"}


async def test_a_process_tells_of_its_log_what_belongs_to_the_request(monkeypatch: pytest.MonkeyPatch) -> None:
    ring = Ring()
    monkeypatch.setattr(_setup, "ring", ring)
    for request in ("job-12-1", "another"):
        ring.add(Line(now(), "info", "myapp.tea", f"of {request}", {"request_id": request}, ""))
    answers: list[Answered] = []
    pubsub.subscribe(exchange.TOPIC, lambda _, event: answers.append(event) if isinstance(event, Answered) else None)
    for request in ("job-12-1", "nobody's"):
        pubsub.broadcast(exchange.TOPIC, Asked("elsewhere:7", f"log:{request}"))
    told = [[line.message for line in unpack_lines(answer.packed)] for answer in answers]
    assert told == [["of job-12-1"], []]


async def test_what_was_answered_a_moment_ago_is_good_enough() -> None:
    """Another process may have asked, and nobody answers the same so soon again."""
    pubsub.broadcast(exchange.TOPIC, Answered("elsewhere:7", "words:tea", "told"))
    asked: list[object] = []
    pubsub.subscribe(exchange.TOPIC, lambda _, event: asked.append(event))
    assert await exchange.ask("words:tea") == ({"elsewhere:7": "told"}, ())
    assert asked == []


async def test_who_loses_touch_with_the_others_greets_them_again() -> None:
    heard: list[object] = []
    pubsub.subscribe(exchange.TOPIC, lambda _, event: heard.append(event))
    pubsub.broadcast(exchange.TOPIC, Answered("elsewhere:7", "who:", "here"))
    pubsub.broadcast(exchange.TOPIC, pubsub.Resync())
    assert Asked(own_name(), "who:") in heard

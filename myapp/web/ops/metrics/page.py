"""The last hour in charts, a group of metrics at a time, and its series with their percentiles."""

from __future__ import annotations

from functools import partial

import reflex as rx

from myapp.kit import routes
from myapp.web.components import Item, empty_state, filter_chip, link_button, skeleton_lines
from myapp.web.i18n import t
from myapp.web.ops.browser import Board, Column, board_page, live_table
from myapp.web.ops.chosen import code_chip, process_chips
from myapp.web.ops.layout import ops_layout, silent_notice
from myapp.web.ops.metrics.chart import CLASSES, PERCENTILES, Line, chart_figure
from myapp.web.ops.metrics.state import MetricsState


def metrics_page() -> rx.Component:
    """The charts of the group that the address names, of all processes together or of the one it names."""
    group, process = MetricsState.group, MetricsState.process
    topic = rx.cond(process, f"metrics:{group}:{process}", f"metrics:{group}")
    board = Board(rx.cond(group, topic, ""))  # pyright: ignore[reportArgumentType]
    groups = rx.el.nav(
        rx.foreach(MetricsState.groups, _group), aria_label=t("Groups of metrics"), class_name="flex flex-wrap gap-2"
    )
    return ops_layout(
        t("The last hour"),
        rx.cond(MetricsState.group, rx.el.div(groups, class_name="-mb-6"), skeleton_lines(2)),
        board_page(
            board,
            lambda: rx.el.div(_processes(board), _silent(board), _charts(board), class_name="flex flex-col gap-6"),
        ),
        lead=t("What the processes have measured, in steps of half a minute."),
    )


def _group(name: rx.Var[str]) -> rx.Component:
    return code_chip(
        name, routes.ops_metrics(group=name, process=MetricsState.process), is_on=MetricsState.group == name
    )


def _processes(board: Board) -> rx.Component:
    """Whose figures are shown, where there is a choice."""
    names = board.value("processes", list[str])

    route = partial(routes.ops_metrics, group=MetricsState.group)
    together = filter_chip(t("All processes"), route(), is_on=MetricsState.process == "")
    chips = process_chips(names, route, lambda name: MetricsState.process == name, together)
    return rx.cond((names.length() > 1) | (MetricsState.process != ""), chips)


def _silent(board: Board) -> rx.Component:
    """Whose figures are missing, where they are of all."""
    names = board.value("silent", list[str]).join(", ")
    text = t("These processes did not answer in time, so that their figures are missing:")
    return silent_notice(text, rx.cond(MetricsState.process, "", names))


def _charts(board: Board) -> rx.Component:
    gone = empty_state(
        t("This process does not answer"),
        t("It may have ended, or be busy. What it measured went with it."),
        link_button(t("Show all processes"), routes.ops_metrics(group=MetricsState.group), size="sm"),
        icon_name="chart-line",
    )
    charts = rx.el.div(rx.foreach(board.rows("charts"), _metric), class_name="grid gap-x-8 gap-y-8 xl:grid-cols-2")
    return rx.cond(board.value("is_gone", bool), gone, charts)


def _metric(chart: Item) -> rx.Component:
    is_spread = chart["kind"] == "spread"
    figure = rx.match(
        chart["kind"],
        ("spread", chart_figure(chart, *PERCENTILES)),
        ("classes", chart_figure(chart, *CLASSES)),
        ("count", chart_figure(chart, Line("value", t("a minute")))),
        ("most", chart_figure(chart, Line("value", t("in the process that has most")))),
        chart_figure(chart, Line("value", t("at the time"))),
    )
    rows = chart["rows"].to(list)
    has_classes = chart["classes"].to(list).length() > 0
    failures, classes = (
        Column("failures", t("Errors"), "number"),
        [Column(line.key, line.name, "number") for line in CLASSES],
    )
    timings = rx.cond(
        has_classes,
        _timings(chart, *classes),
        rx.cond(chart["has_failures"], _timings(chart, failures), _timings(chart)),
    )
    table = rx.cond(is_spread, timings, _counts(chart))
    return rx.el.div(
        figure,
        rx.cond(rows.length() > 0, rx.el.div(table, class_name="mt-3")),
        key=chart["name"],
        class_name=rx.cond(
            ((rows.length() > 0) & is_spread) | (chart["kind"] == "classes"), "min-w-0 xl:col-span-2", "min-w-0"
        ),
    )


def _timings(chart: Item, *came_of_it: Column) -> rx.Component:
    return live_table(
        chart["rows"],
        Column("id", t("Series"), "code"),
        Column("count", t("Count"), "number"),
        *came_of_it,
        Column("p50", t("Half within"), "duration"),
        Column("p95", t("95 % within"), "duration"),
        Column("p99", t("99 % within"), "duration"),
        Column("most", t("At most"), "duration"),
        caption=t("Series of %(name)s", name=chart["name"]),
        order="-count",
        find=t("Find a series"),
        empty=t("Nothing happened in the last hour."),
    )


def _counts(chart: Item) -> rx.Component:
    return live_table(
        chart["rows"],
        Column("id", t("Series"), "code"),
        Column("value", t("Count"), "number"),
        caption=t("Series of %(name)s", name=chart["name"]),
        order="-value",
        empty=t("Nothing happened in the last hour."),
    )

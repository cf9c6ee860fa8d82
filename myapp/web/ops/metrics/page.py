"""The last hour in charts, a group of metrics at a time, and its series with their percentiles."""

from __future__ import annotations

import reflex as rx

from myapp.kit import routes
from myapp.web.components import Item, filter_chip, skeleton_lines
from myapp.web.i18n import t
from myapp.web.ops.browser import Board, Column, board_page, live_table
from myapp.web.ops.layout import ops_layout
from myapp.web.ops.metrics.chart import chart_figure
from myapp.web.ops.metrics.state import MetricsState


def metrics_page() -> rx.Component:
    """The charts of the group that the address names."""
    board = Board(rx.cond(MetricsState.group, f"metrics:{MetricsState.group}", ""))  # pyright: ignore[reportArgumentType]
    groups = rx.el.nav(
        rx.foreach(MetricsState.groups, _group), aria_label=t("Groups of metrics"), class_name="flex flex-wrap gap-2"
    )
    return ops_layout(
        t("The last hour"),
        rx.cond(MetricsState.group, rx.el.div(groups, class_name="-mb-6"), skeleton_lines(2)),
        board_page(
            board,
            lambda: rx.el.div(
                rx.foreach(board.rows("charts"), _metric), class_name="grid gap-x-8 gap-y-8 xl:grid-cols-2"
            ),
        ),
        lead=t("What this process has measured, in steps of half a minute. Others have figures of their own."),
    )


def _group(name: rx.Var[str]) -> rx.Component:
    return filter_chip(
        rx.el.span(name, class_name="font-mono text-xs"),  # pyright: ignore[reportArgumentType]
        routes.ops_metrics(group=name),
        is_on=MetricsState.group == name,
    )


def _metric(chart: Item) -> rx.Component:
    table = live_table(
        chart["rows"],
        Column("id", t("Series"), "code"),
        Column("count", t("Count"), "number"),
        Column("p50", t("Half within"), "duration"),
        Column("p95", t("95 % within"), "duration"),
        Column("p99", t("99 % within"), "duration"),
        Column("most", t("At most"), "duration"),
        caption=t("Series of %(name)s", name=chart["name"]),
        order="-count",
        find=t("Find a series"),
        empty=t("Nothing happened in the last hour."),
    )
    counts = live_table(
        chart["rows"],
        Column("id", t("Series"), "code"),
        Column("value", t("Count"), "number"),
        caption=t("Series of %(name)s", name=chart["name"]),
        order="-value",
        empty=t("Nothing happened in the last hour."),
    )
    rows = chart["rows"].to(list)
    return rx.el.div(
        chart_figure(chart),
        rx.cond(
            rows.length() > 0,
            rx.el.div(
                rx.cond((chart["kind"] == "spread") & (chart["measures"] == "second"), table, counts), class_name="mt-3"
            ),
        ),
        key=chart["name"],
        class_name=rx.cond((rows.length() > 0) & (chart["kind"] == "spread"), "min-w-0 xl:col-span-2", "min-w-0"),
    )

"""One chart: lines with axes and units, what they are in words, and the same as a table behind a toggle.

Each line is dashed in its own way and of another lightness, so that neither colour nor sight is needed to tell them
apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import reflex as rx

from myapp.web.components import Item
from myapp.web.i18n import t
from myapp.web.ops.browser import Column, from_chart, live_table

HEIGHT = 160
_INK = "var(--color-muted)"
_TICK = {"fontSize": 11, "fill": _INK}


@dataclass(frozen=True, slots=True)
class Line:
    """One line: `key` names its value in a point, `name` says what it is; it is dashed in a way of its own."""

    key: str
    name: rx.Var[str]
    color: str = "var(--color-primary)"
    dashes: str = ""


PERCENTILES = (
    Line("p50", t("half within")),
    Line("p95", t("95 % within"), "var(--color-warning)", "4 3"),
    Line("p99", t("99 % within"), "var(--color-error)", "1 3"),
)
"""The lines of what has a spread."""
CLASSES = (
    Line("2xx", rx.Var.create("2xx"), "var(--color-success)"),
    Line("3xx", rx.Var.create("3xx"), "var(--color-primary)", "8 3"),
    Line("4xx", rx.Var.create("4xx"), "var(--color-warning)", "4 3"),
    Line("5xx", rx.Var.create("5xx"), "var(--color-error)", "1 3"),
)
"""The lines of answers by their status: `STATUSES`."""


def chart_figure(chart: Item, *lines: Line) -> rx.Component:
    """The chart of a metric over all its series; four lines at most, none dashed like another."""
    if len({line.dashes for line in lines}) < len(lines):
        raise ValueError("two lines of a chart are dashed in the same way")
    drawing = rx.el.div(  # clipped: where a window becomes narrower, the drawing follows a moment later
        _drawing(chart, lines),
        role="img",
        aria_label=from_chart("nameOf", chart, str),
        class_name="mt-2 overflow-x-clip",
    )
    legend = rx.el.ul(
        *[_legend(line) for line in lines],
        class_name="flex flex-wrap gap-x-4 text-xs text-muted",
    )
    heading = rx.el.div(
        rx.el.h2(from_chart("describe", chart, str), class_name="min-w-0 flex-1 text-sm font-semibold"),
        rx.el.p(from_chart("latestOf", chart, str, lines[0].key), class_name="tabular text-sm font-medium"),
        class_name="flex items-baseline gap-3",
    )
    name = rx.el.p(chart["name"], class_name="font-mono text-xs text-muted wrap-anywhere")
    return rx.el.figure(
        heading, name, drawing, legend, _as_table(chart, lines), class_name="min-w-0 border-t border-line pt-3"
    )


def _drawing(chart: Item, lines: tuple[Line, ...]) -> rx.Component:
    recharts = rx.recharts
    ink: dict[str, Any] = {"stroke": _INK, "tick_line": False, "axis_line": False, "custom_attrs": {"tick": _TICK}}
    look: dict[str, Any] = {"is_animation_active": False, "type_": "linear", "stroke_width": 1.5}
    box = {
        "background": "var(--color-base-100)", "borderColor": "var(--color-edge)", "borderRadius": "0.375rem",
        "fontSize": "0.75rem", "padding": "0.25rem 0.5rem",
    }  # fmt: skip
    return recharts.line_chart(
        recharts.cartesian_grid(stroke="var(--color-line)", vertical=False),
        recharts.x_axis(data_key="time", min_tick_gap=48, height=20, **ink),
        recharts.y_axis(
            width=64,
            unit=from_chart("unitOf", chart, str),
            tick_count=4,
            domain=[0, "auto"],
            allow_decimals=from_chart("hasFractions", chart, bool),
            **ink,
        ),
        recharts.graphing_tooltip(
            content_style=box,
            item_style={"color": "var(--color-base-content)", "padding": 0},
            label_style={"color": _INK},
            cursor={"stroke": "var(--color-edge)", "strokeWidth": 1},
            is_animation_active=False,
        ),
        *[
            recharts.line(
                data_key=line.key,
                name=line.name,
                stroke=line.color,
                stroke_dasharray=line.dashes,
                dot=_dot(line.color),
                **look,
            )
            for line in lines
        ],
        data=from_chart("pointsOf", chart, list[dict[str, Any]]),
        width="100%",
        height=HEIGHT,
        margin={"top": 6, "right": 8, "bottom": 0, "left": 0},
        custom_attrs={"accessibilityLayer": False},
    )


def _dot(color: str) -> dict[str, Any]:
    """A moment with nothing before and after it has no line, and is to be seen all the same."""
    return {"r": 1.5, "strokeWidth": 0, "fill": color}


def _legend(line: Line) -> rx.Component:
    mark = rx.el.svg(
        rx.el.line(x1="0", y1="4", x2="20", y2="4", stroke=line.color, stroke_width="2", stroke_dasharray=line.dashes),
        width="20",
        height="8",
        aria_hidden="true",
    )
    return rx.el.li(mark, line.name, class_name="flex items-center gap-1.5")


def _as_table(chart: Item, lines: tuple[Line, ...]) -> rx.Component:
    table = live_table(
        from_chart("momentsOf", chart, list[dict[str, Any]], *[line.key for line in lines]),
        Column("at", t("Time"), "clock"),
        *[Column(line.key, line.name, "number") for line in lines],
        caption=from_chart("nameOf", chart, str),
        order="-at",
        empty=t("Nothing happened in the last hour."),
    )
    summary = rx.el.summary(t("As a table"), class_name="w-fit text-xs text-muted hover:text-base-content")
    return rx.el.details(summary, table, class_name="mt-1")

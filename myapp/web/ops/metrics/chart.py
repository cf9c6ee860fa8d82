"""One chart: a line with axes and units, what its lines are in words, and the same as a table behind a toggle.

The second line is dashed and of another lightness, so that neither colour nor sight is needed to tell the two apart.
"""

from __future__ import annotations

from typing import Any

import reflex as rx

from myapp.web.components import Item
from myapp.web.i18n import t
from myapp.web.ops.browser import Column, from_chart, live_table

HEIGHT = 160
_INK = "var(--color-muted)"
_TICK = {"fontSize": 11, "fill": _INK}
_VALUE, _MOST = "var(--color-primary)", "var(--color-warning)"
_DASHES = "4 3"


def chart_figure(chart: Item, *, names: tuple[rx.Var[str], rx.Var[str]] | None = None) -> rx.Component:
    """The chart of a metric over all its series, or of two counts that have these names."""
    is_spread = chart["kind"] == "spread"
    value_name = rx.cond(is_spread, t("on average"), rx.cond(chart["kind"] == "count", t("a second"), t("at the time")))
    if names:
        is_spread, value_name = rx.Var.create(True), names[0]
    drawing = rx.el.div(
        _drawing(chart),
        role="img",
        aria_label=from_chart("nameOf", chart, str),
        class_name="mt-2",
    )
    legend = rx.el.ul(
        _legend(value_name, _VALUE, ""),
        rx.cond(is_spread, _legend(names[1] if names else t("at most"), _MOST, _DASHES)),
        class_name="flex flex-wrap gap-x-4 text-xs text-muted",
    )
    heading = rx.el.div(
        rx.el.h2(from_chart("describe", chart, str), class_name="min-w-0 flex-1 text-sm font-semibold"),
        rx.el.p(from_chart("latestOf", chart, str), class_name="tabular text-sm font-medium"),
        class_name="flex items-baseline gap-3",
    )
    name = rx.el.p(chart["name"], class_name="font-mono text-xs text-muted wrap-anywhere")
    return rx.el.figure(
        heading, name, drawing, legend, _as_table(chart), class_name="min-w-0 border-t border-line pt-3"
    )


def _drawing(chart: Item) -> rx.Component:
    recharts = rx.recharts
    ink: dict[str, Any] = {"stroke": _INK, "tick_line": False, "axis_line": False, "custom_attrs": {"tick": _TICK}}
    line: dict[str, Any] = {"is_animation_active": False, "type_": "linear", "stroke_width": 1.5}
    box = {
        "background": "var(--color-base-100)", "borderColor": "var(--color-edge)", "borderRadius": "0.375rem",
        "fontSize": "0.75rem", "padding": "0.25rem 0.5rem",
    }  # fmt: skip
    return recharts.line_chart(
        recharts.cartesian_grid(stroke="var(--color-line)", vertical=False),
        recharts.x_axis(data_key="time", min_tick_gap=48, height=20, **ink),
        recharts.y_axis(width=52, unit=from_chart("unitOf", chart, str), tick_count=4, domain=[0, "auto"], **ink),
        recharts.graphing_tooltip(
            content_style=box,
            item_style={"color": "var(--color-base-content)", "padding": 0},
            label_style={"color": _INK},
            cursor={"stroke": "var(--color-edge)", "strokeWidth": 1},
            is_animation_active=False,
        ),
        recharts.line(data_key="value", name=t("value"), stroke=_VALUE, dot=_dot(_VALUE), **line),
        recharts.line(data_key="most", name=t("most"), stroke=_MOST, stroke_dasharray=_DASHES, dot=_dot(_MOST), **line),
        data=from_chart("pointsOf", chart, list[dict[str, Any]]),
        width="100%",
        height=HEIGHT,
        margin={"top": 6, "right": 8, "bottom": 0, "left": 0},
        custom_attrs={"accessibilityLayer": False},
    )


def _dot(color: str) -> dict[str, Any]:
    """A moment with nothing before and after it has no line, and is to be seen all the same."""
    return {"r": 1.5, "strokeWidth": 0, "fill": color}


def _legend(name: rx.Component | rx.Var[str], color: str, dashes: str) -> rx.Component:
    mark = rx.el.svg(
        rx.el.line(x1="0", y1="4", x2="20", y2="4", stroke=color, stroke_width="2", stroke_dasharray=dashes),
        width="20",
        height="8",
        aria_hidden="true",
    )
    return rx.el.li(mark, name, class_name="flex items-center gap-1.5")


def _as_table(chart: Item) -> rx.Component:
    table = live_table(
        from_chart("momentsOf", chart, list[dict[str, Any]]),
        Column("at", t("Time"), "clock"),
        Column("value", t("Value"), "number"),
        Column("most", t("At most"), "number"),
        caption=from_chart("nameOf", chart, str),
        order="-at",
        empty=t("Nothing happened in the last hour."),
    )
    summary = rx.el.summary(t("As a table"), class_name="w-fit text-xs text-muted hover:text-base-content")
    return rx.el.details(summary, table, class_name="mt-1")

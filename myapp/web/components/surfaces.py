"""What holds other things: cards and tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import reflex as rx

from myapp.web.components._types import Child, Text, classes


def card(*children: Child, class_name: str = "", **props: Any) -> rx.Component:
    """A quiet box with a hairline around it."""
    look = "rounded-box border border-line bg-base-100 p-4 sm:p-5"
    return rx.el.div(*children, class_name=classes(look, class_name), **props)


def data_table(*rows: Child, columns: Sequence[Text], caption: Text) -> rx.Component:
    """A table that becomes one card a row under 640 px; `caption` names it for those who cannot see it.

    data_table(rx.foreach(State.rows, _row), columns=[t("Title"), t("Views")], caption=t("Posts"))

    with each row an `table_row(table_cell(row["title"], label=t("Title")), …)`. Roles are written out because a table
    whose rows are not displayed as rows loses them.
    """
    look = "px-3 py-2 font-medium"
    head = [rx.el.th(column, scope="col", role="columnheader", class_name=look) for column in columns]
    return rx.el.table(
        rx.el.caption(caption, class_name="sr-only"),
        rx.el.thead(rx.el.tr(*head, role="row"), role="rowgroup", class_name="text-left text-sm text-muted"),
        rx.el.tbody(*rows, role="rowgroup"),
        role="table",
        class_name="stacking w-full border-collapse text-sm",
    )


def table_row(*cells: Child, **props: Any) -> rx.Component:
    """A row of `data_table`."""
    return rx.el.tr(*cells, role="row", class_name="border-t border-line", **props)


def table_cell(*children: Child, label: Text, class_name: str = "", **props: Any) -> rx.Component:
    """A cell of `data_table`; `label` repeats the column's name where the table has become cards."""
    return rx.el.td(
        *children,
        role="cell",
        custom_attrs={"data-label": label},
        class_name=classes("px-3 py-2 align-top", class_name),
        **props,
    )

"""The browser's half of the operators' pages: the latest snapshot of a board as Vars, figures, and tables of rows.

    board = Board("database")
    size = shown(board.value("facts.size"), "bytes")
    table = live_table(board.rows("sessions"), Column("pid", t("Process")), caption=t("Locks"), order="pid", empty=…)
    board_page(board, lambda: rx.fragment(size, table))

A board's values are there once `phase` is "ready": only `board_page` draws them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

import reflex as rx
from reflex.vars import VarData

from myapp.web.components import error_state, skeleton_lines
from myapp.web.components._types import Text
from myapp.web.i18n import t
from myapp.web.live.browser import TEXTS, HookVars
from myapp.web.live.scripts import linked_scripts

_SCRIPTS = linked_scripts(__file__)

type Figure = Literal["number", "bytes", "duration", "percent"]
type Kind = Figure | Literal["text", "code", "ago", "clock"]


class Board(HookVars):
    """What `ops:<name>` tells."""

    def __init__(self, name: str | rx.Var[str]) -> None:
        """A name that is not known yet, "", is waited for."""
        topic = rx.cond(name, f"ops:{name}", "") if isinstance(name, rx.Var) else f"ops:{name}"
        super().__init__(_SCRIPTS["boards"], "useBoard", topic)
        self.phase = self.var("phase", str)

    def value(self, path: str, kind: Any = float) -> Any:
        """One value of the snapshot."""
        return self.var(f"data.{path}", kind)

    def rows(self, path: str) -> Any:
        """A list of the snapshot."""
        return self.var(f"data.{path}", list[dict[str, Any]])


def board_page(board: Board, body: Callable[[], rx.Component]) -> rx.Component:
    """What a board shows, once it is there."""
    refused = error_state(t("You are not shown this"), t("Only operators of the site are, as long as they are."))
    return rx.cond(board.phase == "ready", body(), rx.cond(board.phase == "refused", refused, skeleton_lines(10)))


def from_chart(name: str, chart: Any, kind: Any, *keys: str) -> Any:
    """What a function of charts.js says of a chart, or of the lines that have these keys."""
    given = rx.Var.create(chart)
    texts = VarData(imports={TEXTS: "useTexts", _SCRIPTS["charts"]: name}, hooks={"const texts = useTexts()": None})
    data = VarData.merge(texts, given._get_all_var_data())  # noqa: SLF001 - no public way
    more = "".join(f', "{key}"' for key in keys)
    return rx.Var(f"{name}(texts, {given!s}{more})", _var_type=kind, _var_data=data).guess_type()


def shown(value: Any, kind: Figure) -> rx.Var[str]:
    """A value as the reader's language writes such a figure: durations are seconds; a dash for what there is not."""
    texts = VarData(imports={TEXTS: "useTexts", _SCRIPTS["format"]: "show"}, hooks={"const texts = useTexts()": None})
    given = rx.Var.create(value)
    data = VarData.merge(texts, given._get_all_var_data())  # noqa: SLF001 - no public way
    return cast("rx.Var[str]", rx.Var(f'show(texts, {given!s}, "{kind}")', _var_type=str, _var_data=data).guess_type())


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `key` names the value in a row, `href` what names the address it leads to, `tone` its ink, and `before`
    what names a sign before it. `words` says what a value is called, where it is one of few.
    """

    key: str
    label: Text
    kind: Kind = "text"
    href: str = ""
    tone: str = ""
    before: str = ""
    words: Mapping[str, Text] = field(default_factory=dict[str, Text])


class LiveTable(rx.Component):
    """See `table.js`."""

    library = _SCRIPTS["table"]
    tag = "LiveTable"

    rows: rx.Var[list[Any]]
    columns: rx.Var[list[Any]]
    caption: rx.Var[str]
    order: rx.Var[str]
    find: rx.Var[str]
    empty: rx.Var[str]


def live_table(
    rows: Any, *columns: Column, caption: Text, order: str, empty: Text, find: Text = "", class_name: str = ""
) -> rx.Component:
    """Rows in the order the reader chooses: `order` at first, "-size" for the largest first. `find` names a search."""
    described = [
        {
            "key": each.key,
            "label": each.label,
            "kind": each.kind,
            "href": each.href,
            "tone": each.tone,
            "before": each.before,
            "words": dict(each.words),
        }
        for each in columns
    ]
    return LiveTable.create(
        rows=rows, columns=described, caption=caption, order=order, find=find, empty=empty, class_name=class_name
    )

"""What runs in a process: the tree of supervisors with a way to kill a child, the actors, and the loop's tasks."""

from __future__ import annotations

import reflex as rx

from myapp.kit import routes
from myapp.web.components import (
    Item,
    badge,
    button,
    data_table,
    dialog,
    plain_link,
    relative_time,
    table_cell,
    table_row,
)
from myapp.web.i18n import t
from myapp.web.ops.browser import Board, Column, board_page, live_table
from myapp.web.ops.chosen import of_process, process_board
from myapp.web.ops.layout import board_parts, ops_layout, part
from myapp.web.ops.names import CHILD
from myapp.web.ops.processes.state import ChildState


def processes_page() -> rx.Component:
    """The tree and the tasks, as they are now."""
    board = process_board("processes")
    return ops_layout(
        t("What runs"),
        board_page(
            board,
            lambda: of_process(board, routes.ops_processes, board_parts(_tree(board), _actors(board), _tasks(board))),
        ),
        _child_dialog(board),
        lead=t("In one process. What crashes is started anew by the supervisor above it."),
    )


def _tree(board: Board) -> rx.Component:
    table = data_table(
        rx.foreach(board.rows("children"), _child),
        columns=[t("Child"), t("State"), t("Since"), t("Restarts"), t("Tasks"), t("Last crashed of"), t("Says")],
        caption=t("Supervision tree"),
    )
    return part(t("Supervision tree"), table)


def _child(child: Item) -> rx.Component:
    named = rx.el.span(
        plain_link(
            child["name"],
            to=child["url"],
            prevent_scroll_reset=True,
            class_name="text-primary underline decoration-1 underline-offset-[0.2em] hover:decoration-2",
        ),
        rx.cond(child["strategy"], rx.el.span(child["strategy"], class_name="ms-2 font-mono text-xs text-muted")),
        class_name=rx.match(
            child["depth"], (0, "block"), (1, "block sm:ps-6"), (2, "block sm:ps-12"), "block sm:ps-16"
        ),
    )
    state = rx.match(
        child["state"],
        ("running", badge(t("runs"), tone="success")),
        ("starting", badge(t("starts"), tone="info")),
        ("restarting", badge(t("starts anew"), tone="warning")),
        ("stopping", badge(t("stops"), tone="warning")),
        badge(t("stopped"), tone="error"),
    )
    return table_row(
        table_cell(named, label=t("Child")),
        table_cell(state, label=t("State")),
        table_cell(relative_time(child["since"]), label=t("Since"), class_name="whitespace-nowrap text-muted"),
        table_cell(child["restarts"], label=t("Restarts"), class_name="tabular"),
        table_cell(child["tasks"], label=t("Tasks"), class_name="tabular"),
        table_cell(rx.el.span(child["last_error"]), label=t("Last crashed of"), class_name="text-xs wrap-anywhere"),
        table_cell(rx.el.span(child["details"]), label=t("Says"), class_name="text-xs text-muted wrap-anywhere"),
        key=child["id"],
    )


def _actors(board: Board) -> rx.Component:
    table = live_table(
        board.rows("actors"),
        Column("kind", t("Actor"), "code"),
        Column("child", t("Child"), href="url"),
        Column("doing", t("Does"), "code"),
        Column("place", t("Stands at"), "code"),
        Column("mailbox", t("Messages that wait"), "number"),
        Column("memory", t("Memory"), "bytes", before="over"),
        Column("restarts", t("Restarts"), "number"),
        Column("since", t("Since"), "ago"),
        caption=t("Actors"),
        order="-mailbox",
        empty=t("There are no actors."),
    )
    return part(
        t("Actors"),
        table,
        help=t(
            "Servers that take one message after the other. Memory is an estimate: what their state and the messages"
            " that wait refer to, also where others share it."
        ),
    )


def _tasks(board: Board) -> rx.Component:
    table = live_table(
        board.rows("tasks"),
        Column("name", t("Name")),
        Column("child", t("Child"), href="url"),
        Column("function", t("Runs"), "code"),
        Column("place", t("Stands at"), "code"),
        Column("state", t("State"), words={"waits": t("waits"), "runs": t("runs"), "is to end": t("is to end")}),
        Column("count", t("How many"), "number"),
        Column("memory", t("Memory"), "bytes"),
        caption=t("Tasks"),
        order="-count",
        find=t("Find tasks"),
        empty=t("There are no tasks."),
    )
    return part(
        t("Tasks of the event loop"),
        table,
        help=t(
            "Those that do the same at the same place are one line. Memory is that of their frames and the values in"
            " them, without what these refer to. What a request began has no child."
        ),
    )


def _tasks_of_the_child(board: Board) -> rx.Component:
    """What it does at the moment."""

    def line(task: Item) -> rx.Component:
        named = rx.el.span(task["function"], class_name="font-mono text-xs wrap-anywhere")
        where = rx.el.span(task["place"], class_name="font-mono text-xs text-muted wrap-anywhere")
        count = rx.el.span(task["count"], " ×", class_name="tabular text-xs text-muted")
        shown = rx.el.li(count, named, where, class_name="flex flex-wrap gap-x-2 border-t border-line py-1.5")
        return rx.cond(task["child"] == ChildState.child, shown)

    listed = rx.el.ul(
        rx.foreach(board.rows("tasks"), line),
        aria_label=t("Its tasks, and where they stand"),
        tab_index=0,
        class_name="max-h-64 overflow-y-auto",
    )
    return rx.cond(board.phase == "ready", listed)


def _child_dialog(board: Board) -> rx.Component:
    what = rx.cond(
        ChildState.is_supervisor,
        t("Everything beneath it stops and is started anew, and perhaps what was started after it. People may notice."),
        t("It stops at once and is started anew, and perhaps what was started after it. People may notice."),
    )
    body = rx.el.div(
        rx.el.p(what),
        rx.cond(ChildState.last_error, rx.el.p(ChildState.last_error, class_name="font-mono text-xs wrap-anywhere")),
        rx.el.h3(t("Its tasks, and where they stand"), class_name="text-sm font-medium"),
        _tasks_of_the_child(board),
        class_name="flex flex-col gap-3",
    )
    gone = rx.el.p(t("There is no such child."))
    kill = button(t("Kill %(name)s", name=ChildState.child), kind="danger", on_click=ChildState.kill)
    return dialog(
        CHILD,
        title=rx.cond(ChildState.child, t("Kill %(name)s?", name=ChildState.child), t("Nothing here")),
        body=rx.cond(ChildState.child, body, gone),
        actions=[rx.cond(ChildState.child, kill)],
    )

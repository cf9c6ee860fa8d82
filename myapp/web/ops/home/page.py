"""The site at a glance: whether it is well, its processes, and what it is made of."""

from __future__ import annotations

import reflex as rx

from myapp.web.components import Item, badge
from myapp.web.i18n import t
from myapp.web.ops.browser import Board, Column, board_page, shown
from myapp.web.ops.layout import board_parts, ops_layout, part, silent_notice, table_part


def ops_home_page() -> rx.Component:
    """How the site is now."""
    board = Board("home")
    return ops_layout(
        t("Operations"),
        board_page(
            board,
            lambda: board_parts(_health(board), _nodes(board), _periodic(board), _versions(board)),
        ),
    )


def _health(board: Board) -> rx.Component:
    def check(each: Item) -> rx.Component:
        verdict = rx.cond(each["reason"], badge(each["reason"], tone="error"), badge(t("well"), tone="success"))
        return rx.el.li(
            rx.el.span(each["name"], class_name="min-w-0 flex-1 font-mono text-xs wrap-anywhere"),
            rx.el.span(shown(each["seconds"], "duration"), class_name="tabular text-xs text-muted"),
            verdict,
            key=each["id"],
            class_name="flex items-baseline gap-3 border-t border-line py-1.5 text-sm",
        )

    checks = rx.el.ul(rx.foreach(board.rows("checks"), check), class_name="grid gap-x-8 sm:grid-cols-2 xl:grid-cols-3")
    return part(t("Health of this process"), checks)


def _nodes(board: Board) -> rx.Component:
    return table_part(
        t("Processes"),
        board.rows("nodes"),
        Column("name", t("Process"), "code"),
        Column("mode", t("Does"), words={"web": t("pages"), "worker": t("work"), "all": t("pages and work")}),
        Column("started_at", t("Started"), "ago"),
        Column("memory", t("Memory"), "bytes"),
        Column("cpu", t("Processor"), "percent"),
        Column("lag", t("Loop late by"), "duration"),
        Column("tasks", t("Tasks"), "number"),
        Column("tabs", t("Tabs"), "number"),
        Column("sockets", t("Sockets"), "number"),
        Column("joined", t("Topics joined"), "number"),
        Column("present", t("Present"), "number"),
        order="name",
        empty=t("No process has answered yet."),
        help=t("Each says of itself how it is; one that says nothing for 15 s is gone."),
    )


def _periodic(board: Board) -> rx.Component:
    table = table_part(
        t("Periodic work"),
        board.rows("periodic"),
        Column("name", t("Work")),
        Column("process", t("Process"), "code"),
        Column("runs", t("Runs kept"), "number"),
        Column("last_at", t("Last run"), "ago"),
        Column("seconds", t("Took"), "duration"),
        Column("slowest", t("Slowest of them"), "duration"),
        Column("error", t("Failed with"), tone="tone"),
        order="-last_at",
        find=t("Find periodic work"),
        empty=t("Nothing has run yet."),
        help=t("Some of it one process does for all, the rest each for itself."),
    )
    notice = silent_notice(t("What these processes run is missing, as they do not answer:"), board.value("silent", str))
    return rx.el.div(table, notice, class_name="flex flex-col gap-3")


def _versions(board: Board) -> rx.Component:
    def line(each: Item) -> rx.Component:
        return rx.el.div(
            rx.el.dt(each["name"], class_name="text-xs text-muted"),
            rx.el.dd(each["version"], class_name="text-sm font-medium wrap-anywhere"),
            key=each["id"],
            class_name="border-t border-line py-2",
        )

    listed = rx.el.dl(
        rx.foreach(board.rows("versions"), line), class_name="grid grid-cols-2 gap-x-6 sm:grid-cols-3 xl:grid-cols-5"
    )
    return part(t("Versions"), listed)

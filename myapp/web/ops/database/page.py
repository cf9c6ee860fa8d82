"""The database: how large, how busy, what costs most, and who waits for whom."""

from __future__ import annotations

import reflex as rx

from myapp.kit import routes
from myapp.web.components import dialog, relative_time
from myapp.web.i18n import t, tn
from myapp.web.ops.browser import Board, Column, board_page, shown
from myapp.web.ops.chosen import of_process, process_board
from myapp.web.ops.database.state import StatementState
from myapp.web.ops.layout import board_parts, figures, ops_layout, part, table_part
from myapp.web.ops.names import STATEMENT


def database_page() -> rx.Component:
    """The database, as it is now."""
    database, tables = process_board("database"), Board("tables")
    return ops_layout(
        t("Database"),
        board_page(
            database,
            lambda: board_parts(
                _facts(database),
                of_process(database, routes.ops_database, board_parts(_pool(database), _statements(database))),
                _sessions(database),
            ),
        ),
        board_page(tables, lambda: board_parts(_tables(tables), _indexes(tables))),
        _statement_dialog(),
    )


def _facts(board: Board) -> rx.Component:
    version = board.value("facts.version", str)
    return figures(
        (t("Server"), t("PostgreSQL %(version)s", version=version)),
        (t("Started"), relative_time(board.value("facts.started_at", str))),
        (t("Name"), board.value("facts.name", str)),
        (t("Size"), shown(board.value("facts.size"), "bytes")),
        (
            t("Connections to the server"),
            t(
                "%(count)s of %(most)s",
                count=board.value("facts.connections", int),
                most=board.value("facts.max_connections", int),
            ),
        ),
        (t("Found in memory"), shown(board.value("facts.hit_ratio"), "percent")),
        (t("Committed"), shown(board.value("facts.commits"), "number")),
        (t("Rolled back"), shown(board.value("facts.rollbacks"), "number")),
        (t("Deadlocks"), shown(board.value("facts.deadlocks"), "number")),
        (t("Written to temporary files"), shown(board.value("facts.temp_bytes"), "bytes")),
    )


def _pool(board: Board) -> rx.Component:
    size, out, waiting = (board.value(f"pool.{each}", int) for each in ("size", "out", "waiting"))
    said = t("%(out)s of %(size)s in use, %(waiting)s waiting", out=out, size=size, waiting=waiting)
    return part(t("Pool of connections"), rx.el.p(said, class_name="text-sm"))


def _statements(board: Board) -> rx.Component:
    return table_part(
        t("Statements"),
        board.rows("statements"),
        Column("statement", t("Statement"), "code", href="url"),
        Column("calls", t("Calls"), "number"),
        Column("total", t("In all"), "duration"),
        Column("mean", t("On average"), "duration"),
        Column("slowest", t("Slowest"), "duration"),
        order="-total",
        find=t("Find a statement"),
        empty=t("The process has not asked the database anything yet."),
        help=t("What took the process most time since it started, without values. Choose one to see its plan."),
    )


def _sessions(board: Board) -> rx.Component:
    return table_part(
        t("Locks and long transactions"),
        board.rows("sessions"),
        Column("pid", t("Process"), "code"),
        Column("seconds", t("Open for"), "duration"),
        Column("state", t("State")),
        Column("waits_for", t("Waits for")),
        Column("blocked_by", t("Held up by")),
        Column("wants", t("Wants"), "code"),
        Column("statement", t("Statement"), "code"),
        order="-seconds",
        empty=t("Nobody waits for a lock, and no transaction is open for more than a second."),
    )


def _tables(board: Board) -> rx.Component:
    return table_part(
        t("Tables"),
        board.rows("tables"),
        Column("name", t("Table"), "code"),
        Column("rows", t("Rows"), "number"),
        Column("size", t("Size"), "bytes"),
        Column("index_size", t("Of that indexes"), "bytes"),
        Column("scans", t("Read whole"), "number"),
        Column("index_scans", t("By index"), "number"),
        Column("dead_rows", t("Dead rows"), "number"),
        Column("vacuumed_at", t("Cleaned"), "ago"),
        order="-size",
        find=t("Find a table"),
        empty=t("There are no tables."),
        help=t("The number of rows is PostgreSQL’s estimate."),
    )


def _indexes(board: Board) -> rx.Component:
    return table_part(
        t("Indexes"),
        board.rows("indexes"),
        Column("name", t("Index"), "code"),
        Column("of", t("Table"), "code"),
        Column("size", t("Size"), "bytes"),
        Column("scans", t("Uses"), "number"),
        Column("used_at", t("Last used"), "ago"),
        order="-size",
        find=t("Find an index"),
        empty=t("There are no indexes."),
    )


def _statement_dialog() -> rx.Component:
    code = "max-h-72 overflow-auto rounded-box bg-base-200 p-3 font-mono text-xs whitespace-pre-wrap wrap-anywhere"
    told = rx.el.p(
        tn("%(count)s call", "%(count)s calls", StatementState.calls),
        " · ",
        t("%(time)s in all", time=shown(StatementState.total, "duration")),
        " · ",
        t("%(time)s at most", time=shown(StatementState.slowest, "duration")),
        class_name="text-sm text-muted",
    )
    plan = rx.cond(
        StatementState.plan,
        rx.el.div(
            rx.el.h3(t("Plan"), class_name="mb-1 text-sm font-medium"),
            rx.el.pre(StatementState.plan, tab_index=0, aria_label=t("Plan"), role="region", class_name=code),
            rx.el.p(
                t("As PostgreSQL would run it for any values, for somebody who asks by a page. It was not run."),
                class_name="mt-1 text-xs text-muted",
            ),
        ),
        rx.el.p(StatementState.refusal, class_name="text-sm text-muted"),
    )
    there = rx.el.div(
        told,
        rx.el.pre(StatementState.statement, tab_index=0, aria_label=t("Statement"), role="region", class_name=code),
        plan,
        class_name="flex flex-col gap-3",
    )
    gone = rx.el.p(t("The process does not remember that statement. It may have started anew since."))
    body = rx.cond(StatementState.is_gone, gone, rx.cond(StatementState.statement, there, rx.el.p(t("Loading"))))
    return dialog(STATEMENT, title=t("Statement"), body=body, cancel=t("Close"))

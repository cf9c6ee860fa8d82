"""The job console: queues, what waits, runs and failed, periodic work, and each job in full."""

from __future__ import annotations

import reflex as rx

from myapp.kit import routes
from myapp.web.components import (
    Item,
    data_table,
    empty_state,
    filter_chip,
    link_button,
    plain_link,
    progress_bar,
    relative_time,
    skeleton_lines,
    table_cell,
    table_row,
)
from myapp.web.i18n import t
from myapp.web.live.arrival import arrived
from myapp.web.live.forms import query_form
from myapp.web.ops.browser import Board, Column, board_page, shown
from myapp.web.ops.jobs.controls_dialogs import queue_dialog, worker_dialog
from myapp.web.ops.jobs.dialogs import job_dialog
from myapp.web.ops.jobs.marks import STATES, state_badge, state_name
from myapp.web.ops.jobs.state import JobsState
from myapp.web.ops.layout import board_parts, ops_layout, part, table_part
from myapp.web.ops.metrics.chart import Line, chart_figure

_STATUSES = {"runs": t("runs"), "paused": t("paused"), "not served": t("not served")}
"""How a queue stands."""


def jobs_page() -> rx.Component:
    """The queues with their throughput, and the jobs that the address asks for."""
    board = Board("jobs")
    return ops_layout(
        t("Jobs"),
        board_page(board, lambda: board_parts(_throughput(board), _queues(board))),
        part(t("Jobs"), _filters(), rx.cond(arrived(JobsState.path), _jobs(), skeleton_lines(8))),
        board_page(board, lambda: _workers(board)),
        job_dialog(),
        queue_dialog(),
        worker_dialog(),
    )


def _throughput(board: Board) -> rx.Component:
    chart = board.value("throughput", dict)
    given_up = Line("discarded", t("given up a minute"), "var(--color-error)", "4 3")
    return chart_figure(chart, Line("completed", t("completed a minute")), given_up)


def _queues(board: Board) -> rx.Component:
    return table_part(
        t("Queues"),
        board.rows("queues"),
        Column("name", t("Queue"), "code", href="url"),
        Column("status", t("Status"), tone="tone", words=_STATUSES),
        Column("processes", t("Processes"), "number"),
        Column("limit", t("At a time"), "number"),
        Column("rate", t("Rate"), "code"),
        *[Column(state.value, state_name(state), "number") for state in STATES],
        order="name",
        empty=t("No queue is served, and there are no jobs."),
        help=t("Choose a queue to pause it, to run more at a time, to hold it to a rate, or to stop serving it."),
    )


def _workers(board: Board) -> rx.Component:
    return table_part(
        t("Kinds of jobs"),
        board.rows("workers"),
        Column("name", t("Kind of job"), "code", href="url"),
        Column("switch", t("Switch"), tone="tone", words={"on": t("on"), "off": t("off")}),
        Column("queue", t("Queue"), "code"),
        Column("cron", t("Hours, in UTC"), "code"),
        Column("next_at", t("Next"), "ago"),
        Column("seen_at", t("Looked at"), "ago"),
        Column("attempts", t("Attempts"), "number"),
        Column("timeout", t("Time limit"), "duration"),
        order="name",
        find=t("Find a kind of job"),
        empty=t("There are no kinds of jobs."),
        help=t("Choose one to switch it off, or to run it now if it has hours."),
    )


def _filters() -> rx.Component:
    chips = [filter_chip(t("All"), routes.ops_jobs(), is_on=JobsState.state == "")]
    chips += [
        filter_chip(state_name(state), routes.ops_jobs(state=state.value), is_on=JobsState.state == state.value)
        for state in STATES
    ]
    search = query_form(
        rx.el.input(
            type="search",
            name="q",
            aria_label=t("Find jobs"),
            placeholder=t("A number, or words of kind or arguments"),
            auto_complete="off",
            class_name="input input-sm w-full border-edge bg-base-100 placeholder:text-muted sm:max-w-sm",
        ),
        label=t("Find jobs"),
    )
    return rx.el.div(
        rx.el.nav(*chips, aria_label=t("States"), class_name="flex flex-wrap gap-2"),
        search,
        class_name="mb-3 flex flex-col gap-3",
    )


def _jobs() -> rx.Component:
    table = data_table(
        rx.foreach(JobsState.jobs, _job),
        columns=[t("Job"), t("State"), t("Queue"), t("Attempt"), t("Took"), t("When")],
        caption=t("Jobs"),
    )
    nothing = rx.cond(
        JobsState.is_narrowed,
        empty_state(
            t("No job fits"),
            t("Look for another state, or other words."),
            link_button(t("Show all"), routes.ops_jobs(), size="sm"),
            icon_name="inbox",
        ),
        empty_state(t("No jobs yet"), t("What is left for later appears here, and stays for a week once it is done.")),
    )
    ways = rx.el.nav(
        rx.cond(JobsState.newest, link_button(t("Newest"), JobsState.newest, size="sm"), rx.el.span()),
        rx.cond(JobsState.older, link_button(t("Older"), JobsState.older, size="sm", icon_name="arrow-right")),
        aria_label=t("Pages"),
        class_name="flex justify-between py-4",
    )
    return rx.fragment(rx.cond(JobsState.jobs, table, nothing), ways)


def _job(job: Item) -> rx.Component:
    named = plain_link(
        rx.el.span(job["name"], " ", rx.el.span(job["id"], class_name="text-muted"), class_name="block font-medium"),
        rx.el.span(job["args"], class_name="block font-mono text-xs text-muted wrap-anywhere"),
        to=job["url"],
        prevent_scroll_reset=True,
        class_name="block min-w-0 text-start hover:underline",
    )
    state = rx.el.span(
        state_badge(job["state"]),
        rx.cond(
            (job["total"] != 0) & (job["state"] == "executing"),
            rx.el.div(progress_bar(job["done"], job["total"], label=t("Progress")), class_name="w-24"),
        ),
    )
    return table_row(
        table_cell(named, label=t("Job")),
        table_cell(state, label=t("State")),
        table_cell(rx.el.span(job["queue"], class_name="font-mono text-xs"), label=t("Queue")),
        table_cell(job["attempt"], label=t("Attempt"), class_name="tabular"),
        table_cell(shown(job["took"], "duration"), label=t("Took"), class_name="tabular whitespace-nowrap"),
        table_cell(relative_time(job["at"]), label=t("When"), class_name="whitespace-nowrap text-muted"),
        key=job["id"],
    )

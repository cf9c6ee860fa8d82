"""Errors, and the log of all processes: by words, or all lines of one request."""

from __future__ import annotations

import reflex as rx

from myapp.kit import routes
from myapp.web.components import Item, badge, empty_state, link, relative_time, skeleton_lines, tabs
from myapp.web.i18n import t
from myapp.web.live.arrival import arrived
from myapp.web.live.forms import query_form
from myapp.web.ops.layout import ops_layout, silent_notice
from myapp.web.ops.logs.state import LogsState


def logs_page() -> rx.Component:
    """The lines that the address asks for."""
    return ops_layout(
        t("Errors and log"),
        rx.el.div(
            _ways(),
            silent_notice(
                t("These processes did not answer in time, so that their lines are missing:"),
                LogsState.silent,
                "not-empty:mb-4",
            ),
            rx.cond(arrived(LogsState.path), _shown(), skeleton_lines(10)),
        ),
        lead=t("The last lines of all processes, as long as each has room for them. No secret stands in them."),
    )


def _ways() -> rx.Component:
    views = tabs(
        (
            (t("Errors"), routes.ops_logs(), LogsState.show == ""),
            (t("All lines"), routes.ops_logs(show="all"), LogsState.show == "all"),
        ),
        label=t("Views"),
    )
    words = query_form(
        rx.el.input(
            type="search",
            name="q",
            aria_label=t("Find words in the log"),
            placeholder=t("Find words in the log"),
            auto_complete="off",
            class_name="input input-sm w-full border-edge bg-base-100 placeholder:text-muted",
        ),
        rx.el.input(
            type="search",
            name="request",
            aria_label=t("Id of a request"),
            placeholder=t("Id of a request"),
            auto_complete="off",
            class_name="input input-sm w-full border-edge bg-base-100 font-mono placeholder:text-muted",
        ),
        label=t("Search the log"),
        class_name="my-4 grid gap-3 sm:max-w-xl sm:grid-cols-2",
    )
    return rx.fragment(views, words)


def _shown() -> rx.Component:
    nothing = empty_state(
        t("Nothing here"), t("No line that is still in memory fits. Errors appear here."), icon_name="scroll-text"
    )
    return rx.cond(
        LogsState.lines,
        rx.el.ol(rx.foreach(LogsState.lines, _line), role="list", class_name="divide-y divide-line"),
        nothing,
    )


def _line(line: Item) -> rx.Component:
    tone = rx.match(
        line["level"],
        ("error", badge(line["level"], tone="error")),
        ("critical", badge(line["level"], tone="error")),
        ("warning", badge(line["level"], tone="warning")),
        badge(line["level"]),
    )
    head = rx.el.div(
        tone,
        rx.el.span(line["logger"], class_name="min-w-0 font-mono text-xs text-muted wrap-anywhere"),
        rx.cond(line["url"], link(line["request_id"], line["url"], class_name="font-mono text-xs wrap-anywhere")),
        rx.cond(line["process"], rx.el.span(line["process"], class_name="font-mono text-xs text-muted")),
        relative_time(line["at"], style="short", class_name="ms-auto text-xs text-muted"),
        class_name="flex flex-wrap items-baseline gap-x-3 gap-y-1",
    )
    code = "mt-1 max-h-96 overflow-auto rounded-box bg-base-200 p-3 font-mono text-xs whitespace-pre-wrap wrap-anywhere"
    trace = rx.el.details(
        rx.el.summary(t("Traceback"), class_name="w-fit text-xs text-muted hover:text-base-content"),
        rx.el.pre(line["traceback"], tab_index=0, role="region", aria_label=t("Traceback"), class_name=code),
    )
    return rx.el.li(
        head,
        rx.el.p(line["message"], class_name="text-sm whitespace-pre-wrap wrap-anywhere"),
        rx.cond(line["about"], rx.el.p(line["about"], class_name="font-mono text-xs text-muted wrap-anywhere")),
        rx.cond(line["traceback"], trace),
        key=line["id"],
        class_name="py-2",
    )

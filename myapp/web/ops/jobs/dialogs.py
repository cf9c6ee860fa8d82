"""One job: what there is to know, and what can be done."""

from __future__ import annotations

import reflex as rx

from myapp.web.components import Item, button, dialog, link, progress_bar, relative_time
from myapp.web.components._types import Text
from myapp.web.i18n import t
from myapp.web.ops.browser import shown
from myapp.web.ops.jobs.marks import state_badge
from myapp.web.ops.jobs.state import JobsState
from myapp.web.ops.layout import figures
from myapp.web.ops.names import JOB

_CODE = "max-h-60 overflow-auto rounded-box bg-base-200 p-3 font-mono text-xs whitespace-pre-wrap wrap-anywhere"


def job_dialog() -> rx.Component:
    """A job in full."""
    progress = rx.cond(
        (JobsState.total > 0) & (JobsState.job_state == "executing"),
        progress_bar(JobsState.done, JobsState.total, label=t("Progress")),
    )
    there = rx.el.div(
        rx.el.div(state_badge(JobsState.job_state), progress, class_name="flex items-center gap-3"),
        figures(
            (t("Kind of job"), JobsState.worker),
            (t("Queue"), JobsState.queue),
            (t("Attempt"), JobsState.attempt),
            (t("Waited"), shown(JobsState.waited, "duration")),
            (t("Took"), shown(JobsState.took, "duration")),
            (t("Ran at"), JobsState.node),
            is_narrow=True,
        ),
        rx.el.ol(rx.foreach(JobsState.steps, _step), class_name="text-sm"),
        rx.el.p(
            rx.cond(JobsState.log_url, link(t("Log of the last run"), JobsState.log_url)),
            rx.cond(JobsState.origin_url, link(t("Log of what added it"), JobsState.origin_url)),
            class_name="flex flex-wrap gap-x-4 text-sm",
        ),
        _code(t("Arguments"), JobsState.args),
        rx.cond(JobsState.recorded, _code(t("What it returned"), JobsState.recorded)),
        rx.cond(JobsState.errors, rx.el.div(rx.foreach(JobsState.errors, _error), class_name="flex flex-col gap-2")),
        class_name="flex flex-col gap-4",
    )
    gone = rx.el.p(t("There is no such job any more. Jobs are kept for a week after their end."))
    body = rx.cond(JobsState.job_id, there, rx.cond(JobsState.is_gone, gone, rx.el.p(t("Loading"))))
    actions = rx.cond(
        JobsState.job_id,
        rx.fragment(
            rx.cond(JobsState.can_delete, button(t("Delete job"), kind="danger", on_click=JobsState.delete)),
            rx.cond(JobsState.can_cancel, button(t("Cancel job"), on_click=JobsState.cancel)),
            rx.cond(JobsState.can_retry, button(t("Run again"), kind="primary", on_click=JobsState.retry)),
        ),
    )
    return dialog(JOB, title=t("Job %(id)s", id=JobsState.job_id), body=body, actions=[actions], cancel=t("Close"))


def _step(step: Item) -> rx.Component:
    name = rx.match(
        step["name"],
        ("inserted", t("Added")),
        ("scheduled", t("To begin")),
        ("attempted", t("Began")),
        ("completed", t("Completed")),
        ("cancelled", t("Cancelled")),
        ("discarded", t("Given up")),
        step["name"],
    )
    return rx.el.li(
        rx.el.span(name, class_name="text-muted"),
        relative_time(step["at"]),
        key=step["name"],
        class_name="flex justify-between gap-3 border-t border-line py-1",
    )


def _error(error: Item) -> rx.Component:
    summary = rx.el.summary(
        t("Attempt %(number)s failed", number=error["attempt"]),
        " · ",
        relative_time(error["at"]),
        class_name="text-sm text-error",
    )
    log = rx.el.p(link(t("Log of this attempt"), error["log_url"]), class_name="mt-1 text-sm")
    return rx.el.details(summary, _code(t("Error"), error["error"]), log, key=error["attempt"])


def _code(name: rx.Var[str], text: Text) -> rx.Component:
    return rx.el.div(
        rx.el.h3(name, class_name="mb-1 text-xs text-muted"),
        rx.el.pre(text, tab_index=0, role="region", aria_label=name, class_name=_CODE),
    )

"""One job, one queue, one kind of job: what there is to know, and what can be done."""

from __future__ import annotations

import reflex as rx

from myapp.web.components import Item, button, dialog, link, progress_bar, relative_time, text_field
from myapp.web.components._types import Text
from myapp.web.i18n import t, tn
from myapp.web.ops.browser import shown
from myapp.web.ops.jobs.controls_state import QueueState, WorkerState
from myapp.web.ops.jobs.marks import state_badge
from myapp.web.ops.jobs.state import JobsState
from myapp.web.ops.layout import figures
from myapp.web.ops.names import JOB, QUEUE, WORKER

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


def queue_dialog() -> rx.Component:
    """A queue: paused, scaled, stopped."""
    scale = rx.el.form(
        text_field(
            t("Jobs at a time, in each process"),
            "limit",
            value=rx.Var.create(QueueState.limit).to_string(),
            type="number",
            form="queue",
            required=True,
            min="1",
            max="500",
            control_class="max-w-32",
        ),
        button(rx.cond(QueueState.processes > 0, t("Change"), t("Serve it")), type="submit"),
        on_submit=QueueState.scale,
        key=QueueState.queue,
        class_name="flex flex-wrap items-end gap-3",
    )
    body = rx.el.div(
        rx.el.p(
            tn("%(count)s process serves it.", "%(count)s processes serve it.", QueueState.processes),
            class_name="text-sm text-muted",
        ),
        scale,
        rx.el.p(
            t("Where it is stopped, its jobs wait until a process is started anew or you have it served again."),
            class_name="text-sm text-muted",
        ),
        class_name="flex flex-col gap-4",
    )
    served = rx.fragment(
        button(t("Stop serving"), kind="danger", on_click=QueueState.stop),
        rx.cond(
            QueueState.is_paused,
            button(t("Go on"), kind="primary", on_click=QueueState.resume),
            button(t("Pause"), on_click=QueueState.pause),
        ),
    )
    return dialog(
        QUEUE,
        title=t("Queue %(name)s", name=QueueState.queue),
        body=rx.cond(QueueState.queue, body, rx.el.p(t("There is no such queue."))),
        actions=[rx.cond((QueueState.queue != "") & (QueueState.processes > 0), served)],  # pyright: ignore[reportOperatorIssue]
        cancel=t("Close"),
    )


def worker_dialog() -> rx.Component:
    """A kind of job: switched off and on, and run now."""
    off = rx.el.form(
        text_field(t("Why, for the others"), "reason", form="worker", max_length=200),
        button(t("Switch off"), kind="danger", type="submit"),
        on_submit=WorkerState.switch_off,
        class_name="flex flex-col items-start gap-3",
    )
    body = rx.el.div(
        rx.el.p(WorkerState.worker, class_name="font-mono text-sm wrap-anywhere"),
        rx.cond(
            WorkerState.is_off,
            rx.el.p(
                t("It is switched off: its jobs wait. %(reason)s", reason=WorkerState.reason), class_name="text-error"
            ),
            rx.fragment(
                rx.el.p(
                    t("Switched off, its jobs wait in every process; what runs, runs on."),
                    class_name="text-sm text-muted",
                ),
                off,
            ),
        ),
        class_name="flex flex-col gap-4",
    )
    actions = [
        rx.cond(WorkerState.is_off, button(t("Switch on"), kind="primary", on_click=WorkerState.switch_on)),
        rx.cond(WorkerState.cron, button(t("Run now"), on_click=WorkerState.run)),
    ]
    return dialog(
        WORKER,
        title=t("Kind of job"),
        body=rx.cond(WorkerState.worker, body, rx.el.p(t("There is no such kind of job."))),
        actions=actions,
        cancel=t("Close"),
    )

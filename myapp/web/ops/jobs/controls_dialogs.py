"""One queue, one kind of job: what operators do with them."""

from __future__ import annotations

from typing import Any

import reflex as rx

from myapp.web.components import button, dialog, text_field
from myapp.web.i18n import t, tn
from myapp.web.ops.jobs.controls_state import QueueState, WorkerState
from myapp.web.ops.names import QUEUE, WORKER


def queue_dialog() -> rx.Component:
    """A queue: paused, scaled, stopped."""
    scale = rx.el.form(
        _number(
            t("Jobs at a time, in each process"),
            "limit",
            rx.Var.create(QueueState.limit).to_string(),
            required=True,
            max="500",
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
        _rate(),
        rx.el.p(
            t("The rate is that of all processes together. Without a number of jobs they begin as they come."),
            class_name="text-sm text-muted",
        ),
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


def _rate() -> rx.Component:
    return rx.el.form(
        _number(t("Begin at most"), "jobs", QueueState.rate_count, placeholder=t("any"), max="100000"),
        _number(t("In so many seconds"), "seconds", QueueState.rate_seconds, required=True, max="86400"),
        button(t("Hold it to that"), type="submit"),
        on_submit=QueueState.limit_rate,
        key=QueueState.queue,
        class_name="flex flex-wrap items-end gap-3",
    )


def _number(label: rx.Var[str], name: str, value: Any, **more: Any) -> rx.Component:
    return text_field(label, name, value=value, type="number", form="queue", min="1", control_class="max-w-32", **more)


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

"""The states of jobs in the reader's words."""

from __future__ import annotations

from typing import Any

import reflex as rx

from myapp.kit.jobs import JobState
from myapp.web.components import badge
from myapp.web.i18n import t

STATES = (
    JobState.AVAILABLE,
    JobState.SCHEDULED,
    JobState.EXECUTING,
    JobState.RETRYABLE,
    JobState.COMPLETED,
    JobState.DISCARDED,
    JobState.CANCELLED,
    JobState.SUSPENDED,
)
"""In the order of a job's life."""


def state_name(state: JobState) -> rx.Var[str]:
    """What a state is called."""
    names = {
        JobState.AVAILABLE: t("Waiting"),
        JobState.SCHEDULED: t("Planned"),
        JobState.EXECUTING: t("Running"),
        JobState.RETRYABLE: t("To be tried again"),
        JobState.COMPLETED: t("Completed"),
        JobState.CANCELLED: t("Cancelled"),
        JobState.DISCARDED: t("Given up"),
        JobState.SUSPENDED: t("Held"),
    }
    return names[state]


def state_badge(state: Any) -> rx.Component:
    """A live state as a word with its tone."""
    tones = {
        JobState.EXECUTING: "live",
        JobState.RETRYABLE: "warning",
        JobState.COMPLETED: "success",
        JobState.DISCARDED: "error",
    }
    cases = [(each.value, badge(state_name(each), tone=tones.get(each, "neutral"))) for each in STATES]  # pyright: ignore[reportArgumentType]
    return rx.match(state, *cases, badge(state))  # pyright: ignore[reportReturnType]
